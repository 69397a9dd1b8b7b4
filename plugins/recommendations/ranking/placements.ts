import type { PlacementSpec, RepeatPolicy, SeedKind } from '../../../src/ports/placements.js';
import type { Recommender } from '../../../src/ports/recommenders.js';

export interface Placement extends PlacementSpec {
  /** True if the last of every ten places is an exploration slot (`exploration.ts`). */
  readonly explores: boolean;
  readonly seeds: readonly SeedKind[];
  readonly repeat: RepeatPolicy;
  readonly diversity: number;
  readonly seen: 'lower' | 'as-is';
  readonly floor: 'fill' | 'stand-in';
  readonly needsPage: boolean;
}

/** Fills in defaults. */
export function placementOf(spec: PlacementSpec & Partial<Pick<Placement, 'explores'>>): Placement {
  return {
    explores: false,
    seeds: [],
    repeat: 'replenish',
    diversity: 0,
    seen: 'as-is',
    floor: 'fill',
    needsPage: false,
    ...spec,
  };
}

const anyProduct: readonly SeedKind[] = ['page', 'cart', 'session'];

/** The placements of this plugin. Each recommender has its own weight in them (`recommenders.ts`). */
export const placements: ReadonlyMap<string, Placement> = new Map(
  [
    placementOf({
      name: 'home',
      explores: true,
      seeds: ['session', 'lastOrder'],
      diversity: 0.15,
      seen: 'lower',
    }),
    placementOf({
      name: 'product',
      explores: true,
      seeds: ['page'],
      diversity: 0.05,
      needsPage: true,
    }),
    placementOf({
      name: 'cart',
      explores: true,
      seeds: ['cart', 'page', 'session'],
      diversity: 0.2,
    }),
    placementOf({
      name: 'search-empty',
      explores: true,
      seeds: ['session'],
      diversity: 0.3,
      seen: 'lower',
    }),
    placementOf({ name: 'reorder', repeat: 'allow', floor: 'stand-in' }),
    placementOf({
      name: 'post-purchase',
      explores: true,
      seeds: ['cart', 'lastOrder'],
      repeat: 'exclude',
      diversity: 0.25,
    }),
    placementOf({ name: 'similar', seeds: anyProduct, needsPage: true }),
    placementOf({ name: 'bought-together', seeds: anyProduct, diversity: 0.1, needsPage: true }),
    placementOf({ name: 'recently-viewed', repeat: 'allow', floor: 'stand-in' }),
    placementOf({ name: 'trending', diversity: 0.2 }),
  ].map((placement) => [placement.name, placement]),
);

/** The weight of a recommender in a placement; 0 if it is not called there. */
export function weightIn(
  { name, blend }: Placement,
  recommender: Pick<Recommender, 'name' | 'blend'>,
): number {
  return (blend ? blend[recommender.name] : recommender.blend[name]) ?? 0;
}
