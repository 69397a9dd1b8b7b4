import type { EventType } from '../../src/ports/events.js';

interface NamedEvents {
  /** `CUSTOM`: known, and without an effect of its own. */
  readonly type: EventType;
  /** Segment's e-commerce specification v2, v1 with its words turned round, and names of our own. */
  readonly segment?: readonly string[];
  /** E-commerce events of Google Analytics 4, with `items`. */
  readonly ga4?: readonly string[];
}

/** All names that have a meaning here. Names of Segment are read in any case, and in snake case (`product_viewed`). */
const namedEvents: readonly NamedEvents[] = [
  {
    type: 'PRODUCT_VIEWED',
    segment: ['Product Viewed', 'Viewed Product', 'Product Clicked', 'Clicked Product'],
    ga4: ['view_item', 'select_item'],
  },
  {
    type: 'PRODUCT_ADDED_TO_CART',
    segment: ['Product Added', 'Added Product', 'Wishlist Product Added to Cart'],
    ga4: ['add_to_cart'],
  },
  {
    type: 'PRODUCT_REMOVED_FROM_CART',
    segment: ['Product Removed', 'Removed Product'],
    ga4: ['remove_from_cart'],
  },
  { type: 'CHECKOUT_STARTED', segment: ['Checkout Started', 'Started Checkout'], ga4: ['begin_checkout'] },
  { type: 'ORDER_COMPLETED', segment: ['Order Completed', 'Completed Order'], ga4: ['purchase'] },
  { type: 'ORDER_UPDATED', segment: ['Order Updated', 'Updated Order'] },
  { type: 'ORDER_REFUNDED', segment: ['Order Refunded', 'Refunded Order'], ga4: ['refund'] },
  { type: 'ORDER_CANCELLED', segment: ['Order Cancelled', 'Cancelled Order', 'Order Canceled'] },
  {
    type: 'PRODUCT_LIST_VIEWED',
    segment: ['Product List Viewed', 'Viewed Product List', 'Viewed Product Category'],
    ga4: ['view_item_list'],
  },
  {
    type: 'WISHLIST_ADDED',
    segment: ['Product Added to Wishlist', 'Wishlist Added'],
    ga4: ['add_to_wishlist'],
  },
  { type: 'WISHLIST_REMOVED', segment: ['Product Removed from Wishlist', 'Wishlist Removed'] },
  {
    type: 'PRODUCT_SEARCHED',
    segment: ['Products Searched', 'Searched Products'],
    ga4: ['search', 'view_search_results'],
  },
  { type: 'SEARCH_RESULT_CLICKED', segment: ['Search Result Clicked'] },
  { type: 'RECOMMENDATION_SHOWN', segment: ['Recommendation Shown'] },
  { type: 'RECOMMENDATION_CLICKED', segment: ['Recommendation Clicked'] },
  { type: 'PRODUCT_RATED', segment: ['Product Reviewed', 'Product Rated'] },
  { type: 'PRODUCT_DISMISSED', segment: ['Product Dismissed'] },
  { type: 'PRODUCT_UNDISMISSED', segment: ['Product Undismissed'] },
  {
    type: 'CUSTOM',
    segment: [
      'Product List Filtered',
      'Promotion Viewed',
      'Promotion Clicked',
      'Cart Viewed',
      'Checkout Step Viewed',
      'Checkout Step Completed',
      'Payment Info Entered',
      'Coupon Entered',
      'Coupon Applied',
      'Coupon Denied',
      'Coupon Removed',
      'Product Shared',
      'Cart Shared',
      'Segment Consent Preference Updated',
    ],
    ga4: ['view_cart', 'add_shipping_info', 'add_payment_info', 'view_promotion', 'select_promotion'],
  },
];

function typesBy(names: (named: NamedEvents) => readonly string[]): ReadonlyMap<string, EventType> {
  return new Map(namedEvents.flatMap((named) => names(named).map((name) => [name, named.type] as const)));
}

/** In small letters, and as the specification has them, so that most names need no change. */
const ofSegment = typesBy(({ segment = [] }) => segment.flatMap((name) => [name, name.toLowerCase()]));
const ofGoogleAnalytics = typesBy(({ ga4 = [] }) => ga4);

/** The type of an event of Segment's specification; undefined: the name is not known. */
export function segmentType(name: string): EventType | undefined {
  return ofSegment.get(name) ?? ofSegment.get(name.trim().toLowerCase().replaceAll('_', ' '));
}

/** True if a name has a place in the table, be it as one without an effect. */
export function isKnownName(name: string): boolean {
  return segmentType(name) !== undefined || googleAnalyticsType(name) !== undefined;
}

/** The type of an event of Google Analytics 4. */
export function googleAnalyticsType(name: string): EventType | undefined {
  return ofGoogleAnalytics.get(name);
}
