import { evictLeast } from '../../../src/kit/evict-least.js';

const dayMs = 86_400_000;
/** How fast what is usual follows what happens, by day: half in a week. */
const daily = 2 ** (-1 / 7);
/** A product that was not tried out for so many days does not count as one of its placement any more. */
const forgottenAfter = 28;
/** Products of all placements that are remembered. */
const armsMax = 20_000;
/**
 * What storefronts say counts in a day up to so much of one product in one placement, or up to so many times what is usual for it or for
 * an average product there, whichever is most. Only clicks make a product look better than others, so they are bounded more closely. What
 * is usual follows what came, also if it did not count, up to `cameTimes` that bound: if it followed only what counts, a new shop's
 * bound on clicks would stay at the first one for ever, and every product would look as if hardly anybody clicked it.
 */
const bounds = {
  trials: { least: 20, usualTimes: 4, cameTimes: 1 },
  successes: { least: 1, usualTimes: 2, cameTimes: 2 },
} as const;

type Kind = keyof typeof bounds;
type Counts = Record<Kind, number>;

/** The count of the newest day, and that of the days before, decayed as of that day. */
interface Accumulator {
  day: number;
  readonly today: Counts;
  readonly past: Counts;
}

interface PlacementAccumulator extends Accumulator {
  /** How many days that was, decayed as well. */
  days: number;
  readonly arms: Map<string, Arm>;
}

interface Arm extends Accumulator {
  /** The part of the newest day that counted. */
  counted: Counts;
}

export type SavedTrialLimits = readonly (readonly [
  placement: string,
  SavedAccumulator,
  days: number,
  arms: readonly (readonly [id: string, SavedAccumulator, counted: Counts])[],
])[];
type SavedAccumulator = readonly [day: number, today: Counts, past: Counts];

export interface TrialClaim {
  readonly kind: Kind;
  readonly placement: string;
  readonly productId: string;
  /** A whole number. */
  readonly amount: number;
  readonly atMs: number;
  /** Written by the shop's server: without a limit. */
  readonly trusted: boolean;
}

const nothing: Counts = { trials: 0, successes: 0 };
const newAccumulator = (day: number): Accumulator => ({ day, today: { ...nothing }, past: { ...nothing } });

const sumOf = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Bounds what one day of storefronts' events teaches about a product in the places of trials, against its own and the placement's past. */
export function createTrialLimits() {
  const placements = new Map<string, PlacementAccumulator>();
  let armCount = 0;

  function advance(accumulator: Accumulator, day: number): void {
    if (day <= accumulator.day) return;
    const kept = daily ** (day - accumulator.day);
    for (const kind of ['trials', 'successes'] as const) {
      accumulator.past[kind] = (accumulator.past[kind] + accumulator.today[kind]) * kept;
      accumulator.today[kind] = 0;
    }
    accumulator.day = day;
  }

  function placementOf(name: string, day: number): PlacementAccumulator {
    let known = placements.get(name);
    if (known === undefined) {
      known = { ...newAccumulator(day), days: 0, arms: new Map() };
      placements.set(name, known);
    } else if (day > known.day) {
      const kept = daily ** (day - known.day);
      known.days = known.days * kept + (daily * (1 - kept)) / (1 - daily);
      advance(known, day);
      for (const [id, arm] of known.arms) {
        if (day - arm.day <= forgottenAfter) continue;
        known.arms.delete(id);
        armCount--;
      }
    }
    return known;
  }

  function armOf({ arms }: PlacementAccumulator, id: string, day: number): Arm {
    let arm = arms.get(id);
    if (arm === undefined) {
      if (armCount >= armsMax && arms.size > 0)
        evictLeast(arms, ({ today, past }) => sumOf(today) + sumOf(past));
      else armCount++;
      arm = { ...newAccumulator(day), counted: { ...nothing } };
      arms.set(id, arm);
    }
    if (day > arm.day) arm.counted = { ...nothing };
    advance(arm, day);
    return arm;
  }

  return {
    /** Counts more showings or clicks and returns whether they may teach. */
    admit({ kind, placement, productId, amount, atMs, trusted }: TrialClaim): boolean {
      const day = Math.floor(atMs / dayMs);
      const all = placementOf(placement, day);
      const arm = armOf(all, productId, day);
      // Divides by one past day at least: on the first, none is past.
      const usual = Math.max(arm.past[kind], all.past[kind] / all.arms.size) / Math.max(daily, all.days);
      const { least, usualTimes, cameTimes } = bounds[kind];
      const most = trusted ? Number.POSITIVE_INFINITY : Math.max(least, usualTimes * usual);
      if (arm.today[kind] + amount <= cameTimes * most) {
        arm.today[kind] += amount;
        all.today[kind] += amount;
      }
      if (arm.counted[kind] + amount > most) return false;
      arm.counted[kind] += amount;
      return true;
    },
    save: () => {
      const saved = ({ day, today, past }: Accumulator): SavedAccumulator => [day, { ...today }, { ...past }];
      return [...placements].map(
        ([name, accumulator]) =>
          [
            name,
            saved(accumulator),
            accumulator.days,
            Array.from(accumulator.arms, ([id, arm]) => [id, saved(arm), { ...arm.counted }] as const),
          ] as const,
      );
    },
    restore(all: SavedTrialLimits): void {
      const restored = ([day, today, past]: SavedAccumulator): Accumulator => ({
        day,
        today: { ...today },
        past: { ...past },
      });
      placements.clear();
      armCount = 0;
      for (const [name, accumulator, days, arms] of all) {
        placements.set(name, {
          ...restored(accumulator),
          days,
          arms: new Map(
            arms.map(([id, arm, counted]) => [id, { ...restored(arm), counted: { ...counted } }]),
          ),
        });
        armCount += arms.length;
      }
    },
  };
}
