/** What proposes products; each has its source and its reason in the answer (`recommenders.ts`). */
export type RecommenderName =
  | 'session'
  | 'boughtTogether'
  | 'similar'
  | 'recentlyViewed'
  | 'buyAgain'
  | 'favouriteCategories'
  | 'favouriteBrands'
  | 'popularInStore'
  | 'popularInCategory'
  | 'popular'
  | 'trending'
  | 'newest';

/** What happens to a product that the person has bought: never again, as any other, or when it is due. */
export type RepeatPolicy = 'exclude' | 'allow' | 'replenish';

/** Which products ask for others; the first kind that there is any of. */
export type SeedKind = 'page' | 'cart' | 'lastOrder' | 'session';

export interface Placement {
  readonly mixture: Readonly<Partial<Record<RecommenderName, number>>>;
  readonly seeds: readonly SeedKind[];
  readonly repeat: RepeatPolicy;
  /** How much each product of the same brand or category above lowers the next one; 0: not at all. */
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
 * exponents of a weighted product of probabilities (`fusion.ts`).
 */
export const placements: ReadonlyMap<string, Placement> = new Map<string, Placement>([
  [
    'home',
    {
      mixture: {
        session: 1,
        boughtTogether: 0.2,
        similar: 0.2,
        buyAgain: 0.35,
        favouriteCategories: 0.2,
        favouriteBrands: 0.1,
        popularInStore: 0.2,
        popular: 0.1,
        newest: 0.02,
      },
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
      mixture: { session: 1, similar: 0.5, boughtTogether: 0.3, popularInCategory: 0.1 },
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
      mixture: { boughtTogether: 1, session: 0.5, similar: 0.1, buyAgain: 0.2, popular: 0.05 },
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
      mixture: {
        session: 1,
        similar: 0.2,
        favouriteCategories: 0.3,
        popularInStore: 0.2,
        popular: 0.2,
        newest: 0.02,
      },
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
      mixture: { buyAgain: 1 },
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
      mixture: { boughtTogether: 1, session: 0.3, similar: 0.05, popular: 0.05 },
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
      mixture: { similar: 1, session: 0.2 },
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
      mixture: { boughtTogether: 1, session: 0.05 },
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
      mixture: { recentlyViewed: 1 },
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
      mixture: { trending: 1, popularInStore: 0.2 },
      seeds: [],
      repeat: 'replenish',
      diversity: 0.2,
      seen: 'as-is',
      floor: 'fill',
      needsPage: false,
    },
  ],
]);
