import type { Family } from './fusion-weights.js';

/** What proposes products; each has its source and its reason in the answer (`recommenders.ts`). */
export const recommenderNames = [
  'session',
  'boughtTogether',
  'similar',
  'recentlyViewed',
  'buyAgain',
  'nextPurchase',
  'favouriteCategories',
  'favouriteBrands',
  'popularInStore',
  'popularInCategory',
  'popularAtThisTime',
  'popularThisSeason',
  'popular',
  'trending',
  'newest',
] as const;
export type RecommenderName = (typeof recommenderNames)[number];

/** What happens to a product that the person has bought: never again, as any other, or when it is due. */
export type RepeatPolicy = 'exclude' | 'allow' | 'replenish';

/** Which products ask for others; the first kind that there is any of. */
export type SeedKind = 'page' | 'cart' | 'lastOrder' | 'session';

export interface Placement {
  readonly name: string;
  /** The weight of each recommender by default. */
  readonly mixture: Readonly<Partial<Record<RecommenderName, number>>>;
  /** Whose choices teach factors on these weights; null: the placement is what its name says, whatever is clicked. */
  readonly family: Family | null;
  /** Whether one place in ten may go to what is tried out (`exploration.ts`). */
  readonly explores: boolean;
  readonly seeds: readonly SeedKind[];
  readonly repeat: RepeatPolicy;
  /** How much each product of the same brand or category above lowers the next one, once there are many clicks; 0: not at all. */
  readonly diversity: number;
  /** What becomes of products that the person has just looked at: they stay lower down, or where they are. */
  readonly seen: 'lower' | 'as-is';
  /** Whether the floor fills the list up, or only stands in for an empty one. */
  readonly floor: 'fill' | 'stand-in';
  /** Whether the placement makes no sense without a product and then answers as `home`. */
  readonly needsPage: boolean;
}

/**
 * Where recommendations are shown: which recommenders feed it in what mixture, and by which policies. The weights are
 * exponents of a weighted product of probabilities (`fusion.ts`); a shop's own log multiplies them (`fusion-weights.ts`).
 */
export const placements: ReadonlyMap<string, Placement> = new Map<string, Placement>([
  [
    'home',
    {
      name: 'home',
      mixture: {
        session: 1,
        boughtTogether: 0.2,
        similar: 0.2,
        buyAgain: 0.35,
        nextPurchase: 0.35,
        favouriteCategories: 0.2,
        favouriteBrands: 0.1,
        popularInStore: 0.2,
        popularAtThisTime: 0.03,
        popularThisSeason: 0.03,
        popular: 0.1,
        newest: 0.02,
      },
      family: 'home',
      explores: true,
      seeds: ['session', 'lastOrder'],
      repeat: 'replenish',
      diversity: 0.15,
      seen: 'lower',
      floor: 'fill',
      needsPage: false,
    },
  ],
  [
    'product',
    {
      name: 'product',
      mixture: { session: 1, similar: 0.5, boughtTogether: 0.3, popularInCategory: 0.1 },
      family: 'product',
      explores: true,
      seeds: ['page'],
      repeat: 'replenish',
      diversity: 0.05,
      seen: 'as-is',
      floor: 'fill',
      needsPage: true,
    },
  ],
  [
    'cart',
    {
      name: 'cart',
      mixture: {
        boughtTogether: 1,
        session: 0.5,
        similar: 0.1,
        buyAgain: 0.2,
        nextPurchase: 0.2,
        popular: 0.05,
      },
      family: 'cart',
      explores: true,
      seeds: ['cart', 'page', 'session'],
      repeat: 'replenish',
      diversity: 0.2,
      seen: 'as-is',
      floor: 'fill',
      needsPage: false,
    },
  ],
  [
    'search-empty',
    {
      name: 'search-empty',
      mixture: {
        session: 1,
        similar: 0.2,
        favouriteCategories: 0.3,
        popularInStore: 0.2,
        popularAtThisTime: 0.03,
        popularThisSeason: 0.03,
        popular: 0.2,
        newest: 0.02,
      },
      family: 'home',
      explores: true,
      seeds: ['session'],
      repeat: 'replenish',
      diversity: 0.3,
      seen: 'lower',
      floor: 'fill',
      needsPage: false,
    },
  ],
  [
    'reorder',
    {
      name: 'reorder',
      mixture: { buyAgain: 1 },
      family: null,
      explores: false,
      seeds: [],
      repeat: 'allow',
      diversity: 0,
      seen: 'as-is',
      floor: 'stand-in',
      needsPage: false,
    },
  ],
  [
    'post-purchase',
    {
      name: 'post-purchase',
      mixture: { boughtTogether: 1, session: 0.3, nextPurchase: 0.3, similar: 0.05, popular: 0.05 },
      family: 'cart',
      explores: true,
      seeds: ['cart', 'lastOrder'],
      repeat: 'exclude',
      diversity: 0.25,
      seen: 'as-is',
      floor: 'fill',
      needsPage: false,
    },
  ],
  [
    'similar',
    {
      name: 'similar',
      mixture: { similar: 1, session: 0.4 },
      family: null,
      explores: false,
      seeds: ['page', 'cart', 'session'],
      repeat: 'replenish',
      diversity: 0,
      seen: 'as-is',
      floor: 'fill',
      needsPage: true,
    },
  ],
  [
    'bought-together',
    {
      name: 'bought-together',
      mixture: { boughtTogether: 1, session: 0.05 },
      family: null,
      explores: false,
      seeds: ['page', 'cart', 'session'],
      repeat: 'replenish',
      diversity: 0.1,
      seen: 'as-is',
      floor: 'fill',
      needsPage: true,
    },
  ],
  [
    'recently-viewed',
    {
      name: 'recently-viewed',
      mixture: { recentlyViewed: 1 },
      family: null,
      explores: false,
      seeds: [],
      repeat: 'allow',
      diversity: 0,
      seen: 'as-is',
      floor: 'stand-in',
      needsPage: false,
    },
  ],
  [
    'trending',
    {
      name: 'trending',
      mixture: { trending: 1, popularInStore: 0.2 },
      family: null,
      explores: false,
      seeds: [],
      repeat: 'replenish',
      diversity: 0.2,
      seen: 'as-is',
      floor: 'fill',
      needsPage: false,
    },
  ],
]);
