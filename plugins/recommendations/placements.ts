import type { Family } from './fusion-weights.js';

/** What happens to a product that the person has bought: never again, as any other, or when it is due. */
export type RepeatPolicy = 'exclude' | 'allow' | 'replenish';

/** Which products ask for others; the first kind that there is any of. */
export type SeedKind = 'page' | 'cart' | 'lastOrder' | 'session';

export interface Placement {
  readonly name: string;
  /** Weights by recommender, in place of those that the recommenders have for it. */
  readonly blend?: Readonly<Record<string, number>>;
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

/** Where recommendations are shown, and by which policies. Each recommender has its own weight there (`recommenders.ts`). */
export const placements: ReadonlyMap<string, Placement> = new Map<string, Placement>([
  [
    'home',
    {
      name: 'home',
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
