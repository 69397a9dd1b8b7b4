import type { ContextInput } from '../../src/context.js';
import type { EventType } from '../../src/ports/events.js';

/** One thing a shopper did, so many days before the rankings are asked for. */
export interface Deed {
  readonly daysAgo: number;
  readonly type: EventType;
  readonly productIds: readonly string[];
  readonly value?: number;
}

/** A shopper of the demo shop whose rankings are kept in the text files of this folder. */
export interface GoldenShopper {
  /** What is special about them: the name in the text files. */
  readonly name: string;
  readonly consent: 'granted' | 'refused' | 'undecided';
  /** Of the request; a session is named after the shopper unless the context says otherwise. */
  readonly context?: Partial<ContextInput>;
  readonly globalPrivacyControl?: boolean;
  readonly deeds?: readonly Deed[];
  /** The product page that `product` is asked for. */
  readonly page: string;
  /** What `cart` and `post-purchase` are asked for. */
  readonly cart: readonly string[];
}

const did =
  (type: EventType) =>
  (daysAgo: number, ...productIds: string[]): Deed => ({ daysAgo, type, productIds });
const viewed = did('PRODUCT_VIEWED');
const ordered = did('ORDER_COMPLETED');
const addedToCart = did('PRODUCT_ADDED_TO_CART');
const removedFromCart = did('PRODUCT_REMOVED_FROM_CART');
const dismissed = did('PRODUCT_DISMISSED');
const rated = (daysAgo: number, productId: string, value: number): Deed => ({
  daysAgo,
  type: 'PRODUCT_RATED',
  productIds: [productId],
  value,
});

const minute = 1 / 1440;
const coffeeVisit = [
  viewed(0.1, 'espresso-machines-03'),
  viewed(0.1 - minute, 'coffee-grinders-02'),
  viewed(0.1 - 2 * minute, 'coffee-beans-04'),
];
const coffeePage = { page: 'coffee-beans-01', cart: ['espresso-machines-01'] };

/** Chosen so that each recommender, consent state, channel and policy decides some list. */
export const shoppers: readonly GoldenShopper[] = [
  { name: 'never asked for consent', consent: 'undecided', deeds: coffeeVisit, ...coffeePage },
  { name: 'refused personalization', consent: 'refused', deeds: coffeeVisit, ...coffeePage },
  {
    name: 'agreed, but the browser sends Sec-GPC',
    consent: 'granted',
    globalPrivacyControl: true,
    deeds: coffeeVisit,
    ...coffeePage,
  },
  { name: 'agreed, three looks at coffee', consent: 'granted', deeds: coffeeVisit, ...coffeePage },
  {
    name: 'agreed, no history',
    consent: 'granted',
    page: 'tents-02',
    cart: ['tents-02', 'sleeping-bags-01'],
  },
  {
    name: 'one look',
    consent: 'granted',
    deeds: [viewed(0.01, 'turntables-02')],
    page: 'turntables-02',
    cart: ['turntables-02'],
  },
  {
    name: 'many looks at running shoes',
    consent: 'granted',
    deeds: [1, 4, 2, 3, 2, 5, 1, 6].map((number, at) =>
      viewed(0.05 - at * minute, `running-shoes-0${number}`),
    ),
    page: 'running-shoes-03',
    cart: ['running-shoes-02'],
  },
  {
    name: 'looks at ever other things',
    consent: 'granted',
    deeds: ['lamps-01', 'knives-02', 'tents-01', 'headphones-03', 'tea-01', 'yoga-02'].map((id, at) =>
      viewed(0.05 - at * minute, id),
    ),
    page: 'candles-01',
    cart: ['tea-01', 'knives-02', 'lamps-01'],
  },
  {
    name: 'liked camping a season ago, music lately',
    consent: 'granted',
    deeds: [
      ...[1, 2, 3, 4].map((number) => viewed(56, `tents-0${number}`)),
      ...[1, 2].map((number) => viewed(1, `speakers-0${number}`)),
    ],
    page: 'headphones-01',
    cart: ['sleeping-bags-02'],
  },
  {
    name: 'a cart from last week',
    consent: 'granted',
    deeds: [addedToCart(7, 'cookware-01'), addedToCart(7, 'knives-01'), viewed(6.9, 'cookware-02')],
    page: 'cookware-02',
    cart: [],
  },
  {
    name: 'a cart from last month, one product taken out of it',
    consent: 'granted',
    deeds: [
      addedToCart(30, 'cookware-01'),
      addedToCart(13, 'planters-01'),
      addedToCart(13, 'garden-tools-02'),
      removedFromCart(12.9, 'planters-01'),
    ],
    page: 'planters-02',
    cart: [],
  },
  {
    name: 'buys coffee beans every 16 days, due today',
    consent: 'granted',
    deeds: [64, 48, 32, 16].map((daysAgo) => ordered(daysAgo, 'coffee-beans-02', 'tea-03')),
    ...coffeePage,
  },
  {
    name: 'buys coffee beans every 16 days, bought yesterday',
    consent: 'granted',
    deeds: [49, 33, 17, 1].map((daysAgo) => ordered(daysAgo, 'coffee-beans-02')),
    ...coffeePage,
  },
  {
    name: 'ordered camping gear once',
    consent: 'granted',
    deeds: [ordered(20, 'tents-01', 'sleeping-bags-01', 'camp-lights-02')],
    page: 'backpacks-01',
    cart: ['camp-kitchen-01'],
  },
  {
    name: 'dismissed and disliked what is popular',
    consent: 'granted',
    deeds: [
      viewed(2, 'coffee-beans-05'),
      dismissed(1, 'coffee-beans-01'),
      rated(1, 'coffee-beans-02', 2),
      rated(1, 'running-shoes-01', 3),
    ],
    ...coffeePage,
  },
  {
    name: 'ada, customer with 12 visits, web',
    consent: 'granted',
    context: { sessionId: 'demo-ada', customerId: 'ada' },
    ...coffeePage,
  },
  {
    name: 'ada, at a kiosk in Zurich',
    consent: 'granted',
    context: { sessionId: 'demo-ada', customerId: 'ada', channel: 'KIOSK', storeId: 'zurich' },
    ...coffeePage,
  },
  {
    name: 'marie, customer who hears a voice, French',
    consent: 'granted',
    context: { sessionId: 'demo-marie', customerId: 'marie', channel: 'VOICE', locale: 'fr-FR' },
    page: 'headphones-02',
    cart: ['turntables-01'],
  },
  {
    name: 'linus, customer who shops in Vienna, German, CHF',
    consent: 'granted',
    context: {
      sessionId: 'demo-linus',
      customerId: 'linus',
      channel: 'APP',
      storeId: 'vienna',
      locale: 'de-CH',
      currency: 'CHF',
    },
    page: 'camp-lights-01',
    cart: ['sleeping-bags-03'],
  },
  {
    name: 'stranger at a kiosk in Lyon that asks for a currency without prices',
    consent: 'undecided',
    context: { channel: 'KIOSK', storeId: 'lyon', currency: 'GBP' },
    page: 'soap-01',
    cart: ['bedding-01'],
  },
];
