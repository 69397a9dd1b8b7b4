import { seedOf } from '../../../src/kit/beta.js';
import type { Pool } from '../ranking/fusion.js';
import type { Ranked } from '../ranking/ranked.js';
import { placesATrial, type Trials } from './trials.js';

/** At most one place in ten, so never one of the first nine. */
export const exploreShareMax = 1 / placesATrial;
/** For so long everybody in one place sees the same tried out. */
const roundMs = 10 * 60_000;
const fromPoolMax = 10;
const fromNewestMax = 3;
const newestLookedAt = 100;

export interface Explored {
  readonly pool: Pool;
  /** Newest first. */
  readonly newest: readonly number[];
  suits(item: number): boolean;
  readonly placement: string;
  readonly storeId: string | null;
  readonly nowMs: number;
  readonly first: number;
}

interface Arm {
  readonly item: number;
  readonly strength: number;
  /** In the pool; -1: not from there. */
  readonly place: number;
}

/**
 * Gives the last place of every ten to what deserves a trial: one of the next best of the pool, or of the newest products. Which one
 * follows from the placement, the store, the time and how each did there before (`trials.ts`), never from who asks or in which
 * channel. `share`: of all places, 0 (none) to 0.1; below that, there is a trial in only some of the rounds of ten minutes.
 */
export function createExploration(
  share: number,
  trials: () => Pick<Trials, 'choose'>,
  idOf: (item: number) => string,
) {
  function fromPool({ pool, suits }: Explored, above: readonly number[], greedy: number): Arm[] {
    const arms: Arm[] = [];
    let lowest = 0;
    for (let place = 0; place < pool.length; place++) {
      const strength = pool.scores[place]!;
      const item = pool.items[place]!;
      if (strength <= lowest || item === greedy || above.includes(item) || !suits(item)) continue;
      let at = arms.length;
      while (at > 0 && arms[at - 1]!.strength < strength) at--;
      arms.splice(at, 0, { item, strength, place });
      if (arms.length > fromPoolMax) arms.pop();
      if (arms.length === fromPoolMax) lowest = arms.at(-1)!.strength;
    }
    return arms;
  }

  function fromNewest({ newest, suits }: Explored, known: readonly number[], strength: number): Arm[] {
    const arms: Arm[] = [];
    for (let at = 0; at < Math.min(newest.length, newestLookedAt) && arms.length < fromNewestMax; at++) {
      const item = newest[at]!;
      if (!known.includes(item) && suits(item)) arms.push({ item, strength, place: -1 });
    }
    return arms;
  }

  function placeOne(items: Ranked[], at: number, explored: Explored): void {
    const { placement, storeId, nowMs, first, pool } = explored;
    const seed = seedOf(`${Math.floor(nowMs / roundMs)} ${at} ${placement} ${storeId ?? ''}`);
    if (seed / 2 ** 32 >= share * placesATrial) return;
    const above: number[] = [];
    for (let i = 0; i < at; i++) above.push(items[i]!.item);
    const greedy = items[at];
    const arms = fromPool(explored, above, greedy?.item ?? -1);
    if (greedy) arms.unshift({ item: greedy.item, strength: greedy.score, place: -1 });
    const weakest = arms.at(-1)?.strength ?? items[at - 1]!.score;
    arms.push(...fromNewest(explored, [...above, ...arms.map(({ item }) => item)], weakest));
    if (arms.length === 0) return;
    const chosen =
      arms[
        trials().choose(
          placement,
          arms.map(({ item }) => idOf(item)),
          arms.map(({ strength }) => strength),
          seed,
        )
      ]!;
    if (chosen.item === greedy?.item) return;
    const score = greedy?.score ?? items[at - 1]!.score;
    const shares =
      chosen.place < 0
        ? [{ name: 'newest' as const, amount: score, cause: -1 }]
        : pool.sharesOf(chosen.place);
    const before = items.findIndex(({ item }) => item === chosen.item);
    if (before >= 0) items.splice(before, 1);
    items.splice(at, 0, { item: chosen.item, score, shares });
    if (items.length > first) items.length = first;
  }

  return {
    /** Replaces what stands in these places, if the list is so long. */
    place(items: Ranked[], explored: Explored): void {
      if (share <= 0) return;
      for (let at = placesATrial - 1; at < explored.first && at <= items.length; at += placesATrial) {
        placeOne(items, at, explored);
      }
    },
  };
}

export type Exploration = ReturnType<typeof createExploration>;
