import type { Channel, Context } from '../context.js';
import type { UserError } from '../errors.js';
import type { Permit, Purpose } from './consent.js';
import type { Shopper } from './customers.js';

/** The log stores a type as its number in this list: add new ones at the end. */
export const eventTypes = [
  'PRODUCT_VIEWED',
  'PRODUCT_ADDED_TO_CART',
  'PRODUCT_REMOVED_FROM_CART',
  'ORDER_COMPLETED',
  'PRODUCT_SEARCHED',
  'SEARCH_RESULT_CLICKED',
  'RECOMMENDATION_SHOWN',
  'RECOMMENDATION_CLICKED',
  'PRODUCT_RATED',
  'PRODUCT_DISMISSED',
  'CUSTOM',
  'ORDER_REFUNDED',
  'ORDER_CANCELLED',
  'ORDER_UPDATED',
  'PRODUCT_LIST_VIEWED',
  'WISHLIST_ADDED',
  'WISHLIST_REMOVED',
  'CHECKOUT_STARTED',
  'PRODUCT_UNDISMISSED',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The purposes that are decided when an event is recorded. */
export type RecordedPurpose = Extract<Purpose, 'PERSONALIZATION' | 'ANALYTICS'>;

/** An action of a shopper. */
export interface ShopEvent {
  /** Source, a digest of the session that was named and of the customer who is proven, and `messageId`: what events are deduplicated by. */
  readonly id: string;
  readonly type: EventType;
  readonly sessionId: string;
  readonly customerId: string | null;
  readonly channel: Channel;
  readonly storeId: string | null;
  readonly productIds: readonly string[];
  /** One for each product id, or null: one each. */
  readonly quantities: readonly number[] | null;
  /** The price of a piece in minor units for each product id, null where none was given; null: none was. */
  readonly prices: readonly (number | null)[] | null;
  /** The shop's id of the order. */
  readonly orderId: string | null;
  /** Rating, order value in minor units, or what a custom event measures. */
  readonly value: number | null;
  readonly currency: string | null;
  readonly query: string | null;
  readonly queryId: string | null;
  readonly decisionId: string | null;
  readonly position: number | null;
  readonly properties: Readonly<Record<string, unknown>> | null;
  /** When it happened, the device's clock corrected, never after its receipt. */
  readonly atMs: number;
  readonly receivedAtMs: number;
  /**
   * A print of the public network of the shopper's client, 1 … 4,095: it tells independent clients apart, and thousands of networks share
   * each. If omitted, the network is not known.
   */
  readonly network?: number | undefined;
  /** True if it may teach the shop's anonymous statistics. */
  readonly learn: boolean;
  /**
   * True if personalization was permitted when it happened and when it was recorded. If false, `history` leaves it out for good, whatever
   * is granted later, unless RAPPORT_EVENTS_ATTRIBUTE_UNPERMITTED is on. True for events of earlier versions.
   */
  readonly permitted: boolean;
}

export interface RecordResult {
  readonly accepted: number;
  readonly duplicates: number;
  /** One for each rejected element, with its index in `path`: accepted + duplicates + userErrors.length = sent. */
  readonly userErrors: readonly UserError[];
  /** One for each duplicate whose body differs from what was recorded under its `messageId`, with its index in `path`. */
  readonly warnings: readonly UserError[];
}

/** A change of people that comes with an event: a link of a session to a customer, or values of a profile. */
export interface Effect {
  /** Ids of the customers and further sessions that it changes. Effects on one of them, or in one session, happen in their order. */
  readonly people: readonly string[];
  /**
   * Takes effect, given the element's context and when it happened. `linkAtMs` never goes back within a call. Resolves to what
   * keeps the element out of the log.
   */
  run(context: Context, atMs: number, linkAtMs: number): Promise<readonly UserError[]>;
}

export interface RecordOptions {
  /**
   * The device's clock at the moment of sending, for all or for each: `at` is corrected by what it is off.
   * Absent: `at` is believed if not in the future.
   */
  readonly sentAtMs?: number | readonly (number | null)[];
  /**
   * The caller has measured each element in the form it was sent, so that this form need not be.
   * @internal For plugins of this repository.
   */
  readonly measured?: boolean;
  /**
   * By index; may be shorter. One runs once its element is known to be new, before that and all that follow of these people are
   * stamped. Never of a duplicate.
   */
  readonly effects?: readonly (Effect | null)[];
  /** The data of each element beside its input, as JSON: bodies of one `messageId` are compared by both. */
  readonly beside?: readonly unknown[];
  /** The caller named no session, so that elements are deduplicated by the customer whom the context names. */
  readonly withoutSession?: boolean;
}

export interface FollowOptions {
  /** If omitted, all. A function is called for each event before anything is read about its person, for types that change. */
  readonly types?: readonly EventType[] | ((type: EventType) => boolean);
  /**
   * An event is delivered only if its person permits the purpose when it is handled. For PERSONALIZATION and ANALYTICS it must
   * also have been permitted when it was recorded.
   */
  readonly purpose: Purpose;
  /** The receipt from which a consumer without a stored position begins. If omitted, now. */
  readonly fromMs?: number;
}

/** One call of an `EventHandler`. */
export interface EventDelivery {
  /** 1 for the first one of this process. */
  readonly attempt: number;
  /** The person of the event now: whom `Consent.permit` takes. */
  readonly shopper: Shopper;
  /** Aborted after 30 seconds and when the process stops. Pass it to `fetch` and the like. */
  readonly signal: AbortSignal;
}

/** A product of an order, as of the order's newest update. */
export interface OrderLine {
  /** A code of the product, as the event names it: an id, SKU, GTIN or variant id. */
  readonly productId: string;
  readonly quantity: number;
  /** The pieces of these that were refunded or cancelled. */
  readonly returned: number;
  /** The price of a piece, in minor units. */
  readonly price: number | null;
}

/** An order of a person as it is now: its lines updated, its refunds and cancellations counted. */
export interface Order {
  /** The id of the event that recorded it. */
  readonly id: string;
  /** The shop's id of the order. Null: no change can name it. */
  readonly orderId: string | null;
  readonly atMs: number;
  readonly channel: Channel;
  readonly storeId: string | null;
  /** `CANCELLED` and `RETURNED`: no piece is left; which of both it is, the last change decides. */
  readonly status: 'COMPLETED' | 'PARTLY_RETURNED' | 'RETURNED' | 'CANCELLED';
  readonly lines: readonly OrderLine[];
  /** The value less refunds, in minor units of the currency. */
  readonly value: number | null;
  readonly currency: string | null;
}

export interface WishlistItem {
  /** A code of the product, as the event names it: an id, SKU, GTIN or variant id. */
  readonly productId: string;
  readonly addedAtMs: number;
}

/** Handles one event; the next one waits until it resolves. */
export type EventHandler = (event: ShopEvent, delivery: EventDelivery) => Promise<void>;

/** The events of a person to count. */
export interface TotalsOptions {
  /** If omitted, all. */
  readonly types?: readonly EventType[];
  /** Counts events that happened at this moment or later. */
  readonly fromMs: number;
  /** And before this one. If omitted, until now. */
  readonly toMs?: number;
  /** `day` is a calendar day in UTC. If omitted, all are counted together under the key ''. */
  readonly by?: 'type' | 'product' | 'day';
}

export interface EventTotal {
  /** A type, a product id or a day (`2026-01-31`). */
  readonly key: string;
  readonly events: number;
  readonly quantity: number;
  /** Sums of `value` by currency, in minor units; '' for values without one. By product, of the prices of lines times quantities. */
  readonly values: Readonly<Record<string, number>>;
}

/** The events that a shop received in a time. */
export interface EventReport {
  readonly events: number;
  /** False if there were more than are counted: the most recent ones are. */
  readonly complete: boolean;
  /** Most first, as the lists below. */
  readonly byType: readonly { readonly type: string; readonly events: number }[];
  /** The names of keys; at most 100. */
  readonly bySource: readonly { readonly source: string; readonly events: number }[];
  readonly eventsWithUnknownProducts: number;
  /** Codes of products that no product has now, and the events that name them; at most 100. */
  readonly unknownProducts: readonly { readonly id: string; readonly events: number }[];
}

/** The key of a storefront is public: anybody can write with it. An event's id begins with the role of its source. */
export function isFromStorefront({ id }: Pick<ShopEvent, 'id'>): boolean {
  return id.startsWith('storefront-');
}

/** The products that there are, for the event log: a contribution of the catalog. */
export interface ProductReferences {
  /**
   * Returns the id of the product that has this id, variant id, SKU or GTIN now; null if none has. Called for every product of every event
   * of a report.
   */
  idOf(reference: string): string | null;
}

/** The append-only log of shoppers' events, deduplicated by source, session as named, proven customer and messageId for at least 7 days. */
export interface Events {
  /**
   * Records up to 2,500 `EventInput`s of the schema, 32 KiB each; durable when it resolves. Each names one element's
   * context: `contexts` has one for all or one for each. Errors' paths are `['events', index, field …]`. Throws
   * `limited` (`EVENTS_TOO_MANY`) for more, and `unavailable` when the store cannot write: then nothing is acknowledged, and
   * all of it may be sent again.
   */
  record(
    contexts: Context | readonly Context[],
    inputs: readonly unknown[],
    options?: RecordOptions,
  ): Promise<RecordResult>;
  /**
   * The events of this person that were recorded while it was permitted, newest first, at most `limit` (1 … 1,000), through all their sessions; never
   * what another customer did on a shared session. Throws `denied` (`EVENTS_PERMIT_INVALID`) for a permit that
   * the consent plugin did not issue within the last minute. Looks for `types` among the newest 10,000 of a session or customer. Older events are left out beyond 4 MiB
   * of them in memory, 1 MiB if they are of rare types.
   *
   * Events are as they hold now: an order has the lines of its newest update, less refunds and cancellations, so perhaps none; and what an
   * undismissal or a removal from the wishlist undid is left out.
   */
  history(
    permit: Permit<'PERSONALIZATION'>,
    options: { readonly limit: number; readonly types?: readonly EventType[] },
  ): Promise<readonly ShopEvent[]>;
  /**
   * Counts exactly what `history` would list without its bounds: all events of the person in a window of any length. In the order
   * of keys; without an entry for a key that has no events. Orders of which nothing is left do not count. Reads every event of the window.
   * Throws as `history`.
   */
  totals(permit: Permit<'PERSONALIZATION'>, options: TotalsOptions): Promise<readonly EventTotal[]>;
  /**
   * Calls `take` with each event that `totals` would count, as `history` lists it, in no promised order: events of a window of any length. Reads
   * the log only if the window goes further back than what is kept in memory of the person. Throws as `history`.
   */
  scan(
    permit: Permit<'PERSONALIZATION'>,
    options: { readonly types?: readonly EventType[]; readonly fromMs: number },
    take: (event: ShopEvent) => void,
  ): Promise<void>;
  /** The person's newest orders with their returns, newest first, at most `limit` (1 … 1,000). Bounds and errors as of `history`. */
  orders(permit: Permit<'PERSONALIZATION'>, options: { readonly limit: number }): Promise<readonly Order[]>;
  /** The products on the person's wishlist, by the newest 1,000 additions, the newest first. Errors as of `history`. */
  wishlist(permit: Permit<'PERSONALIZATION'>): Promise<readonly WishlistItem[]>;
  /** True if a refund, cancellation or update of an order was received after this moment: `watch` brought that order as it was before. */
  ordersChangedSince(sinceMs: number): Promise<boolean>;
  /**
   * Everything that may be learned from, in the order of receipt: how derived models are rebuilt. Refusals that people made since apply, so
   * an event may be left out or not be permitted any more; see `Consent.remaining`. Orders are as they are now, as in `history`. Who watches before the
   * replay begins misses nothing, and may be told of some events twice.
   */
  replay(options?: { readonly fromMs?: number }): AsyncIterable<readonly ShopEvent[]>;
  /**
   * Calls back with newly accepted events, before they are acknowledged, if their shopper permitted the purpose: ANALYTICS to learn
   * what others are shown, PERSONALIZATION to serve the person. Returns the stop function. Throws `invalid`
   * (`EVENTS_PURPOSE_INVALID`) for another purpose.
   */
  watch(listener: (events: readonly ShopEvent[]) => void, purpose: RecordedPurpose): () => void;
  /**
   * Delivers events to a durable consumer: at least once, one at a time in the order of receipt, in one process at a time, from a
   * position that is stored under `name` (kebab case, unique in the shop). An event that was stored late, by another process, comes after
   * newer ones. A handler that rejects or takes longer than 30 seconds is called again after 1, 2, 4 … 30 seconds, and later
   * events wait; it may resolve at some `attempt` to skip an event. After a crash, the events of the last 90 seconds come again, so
   * handlers are idempotent by `event.id`.
   *
   * Call it in `start`, once the handler can run. Does nothing in a process whose role is `gateway`. Returns the function that stops
   * it and resolves when the handler has ended. Throws `invalid` for a name that is taken and an unknown purpose.
   */
  follow(name: string, options: FollowOptions, handle: EventHandler): () => Promise<void>;
  /** Counts the events of the last 1 to 90 days, whatever was permitted, without persons. Throws `invalid` for other numbers. */
  report(days: number): Promise<EventReport>;
}
