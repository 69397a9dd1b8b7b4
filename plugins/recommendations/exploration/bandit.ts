import { LRUCache } from 'lru-cache';
import { drawBeta, seedOf } from '../../../src/kit/beta.js';
import { evictLeast } from '../../../src/kit/evict-least.js';

/** What the fusion says counts like so many showings. */
const priorTrials = 30;
/** What is clicked before anything is known, and how many showings that counts. */
const usualRate = 0.03;
const usualTrials = 100;
/** Beyond it both counts are halved, so that the past fades. */
const trialsMax = 2000;
const armsMax = 5000;
const placementsMax = 32;
/** How strong an arm is beside the strongest is told in so many steps, so that what was drawn for one shopper serves the next. */
const strengthSteps = 4;
/** Moments and places whose draws are remembered, and arms of each. */
const drawingsMax = 64;
const armsDrawnMax = 1024;

/** How an arm of one placement has done; an arm is a product. */
interface Counts {
  trials: number;
  successes: number;
}

interface Drawn {
  readonly a: number;
  readonly b: number;
  readonly draw: number;
}

/** By placement: product id, showings, clicks. */
type SavedBandit = Readonly<Record<string, readonly (readonly [id: string, number, number])[]>>;

/**
 * Thompson sampling (Thompson 1933; Chapelle, Li 2011) for one place of a list: each candidate's click rate is drawn from what is known of
 * it, and the highest draw is shown. What the fusion thinks is the prior, so it starts as the fusion, and what was rarely
 * shown is drawn most widely.
 */
export function createBandit() {
  let placements = new Map<string, { readonly all: Counts; readonly arms: Map<string, Counts> }>();

  /** By seed, arm and step of strength: what was drawn, and from what. */
  const drawings = new LRUCache<number, Map<string, (Drawn | undefined)[]>>({
    max: drawingsMax,
    memoMethod: () => new Map(),
  });

  function placementOf(name: string) {
    let known = placements.get(name);
    if (!known) {
      if (placements.size >= placementsMax) placements.delete(placements.keys().next().value!);
      known = { all: { trials: 0, successes: 0 }, arms: new Map() };
      placements.set(name, known);
    }
    return known;
  }

  function count(name: string, id: string, more: Counts): void {
    const { all, arms } = placementOf(name);
    let arm = arms.get(id);
    if (!arm) {
      if (arms.size >= armsMax) evictLeast(arms, (known) => known.trials);
      arm = { trials: 0, successes: 0 };
      arms.set(id, arm);
    }
    for (const counts of [all, arm]) {
      counts.trials += more.trials;
      counts.successes = Math.min(counts.trials, counts.successes + more.successes);
      if (counts.trials > trialsMax) {
        counts.trials /= 2;
        counts.successes /= 2;
      }
    }
  }

  return {
    /** `more`: showings and clicks to add; a dismissal is several showings without a click. */
    count,
    /** The index of the arm to show. `strengths` are the fusion's scores, positive. The same seed draws the same. */
    choose(name: string, ids: readonly string[], strengths: readonly number[], seed: number): number {
      const known = placements.get(name);
      const { trials, successes } = known?.all ?? { trials: 0, successes: 0 };
      const base = (successes + usualRate * usualTrials) / (trials + usualTrials);
      const strongest = Math.max(...strengths);
      const drawing = drawings.memo(seed);
      let best = 0;
      let highest = -1;
      for (let at = 0; at < ids.length; at++) {
        const id = ids[at]!;
        const arm = known?.arms.get(id);
        const step = Math.max(1, Math.round((strengthSteps * strengths[at]!) / strongest));
        const prior = priorTrials * base * (step / strengthSteps);
        const clicks = arm?.successes ?? 0;
        const a = prior + clicks;
        const b = priorTrials - prior + (arm?.trials ?? 0) - clicks;
        let steps = drawing.get(id);
        if (steps === undefined) {
          if (drawing.size >= armsDrawnMax) drawing.clear();
          steps = [];
          drawing.set(id, steps);
        }
        let drawn = steps[step];
        if (drawn?.a !== a || drawn.b !== b) {
          drawn = { a, b, draw: drawBeta(a, b, seedOf(id, seed)) };
          steps[step] = drawn;
        }
        const { draw } = drawn;
        if (draw > highest) {
          highest = draw;
          best = at;
        }
      }
      return best;
    },
    save: () =>
      Object.fromEntries(
        [...placements].map(([name, { arms }]) => [
          name,
          [...arms].map(([id, { trials, successes }]) => [id, trials, successes] as const),
        ]),
      ),
    restore(saved: SavedBandit): void {
      placements = new Map();
      for (const [name, arms] of Object.entries(saved)) {
        for (const [id, trials, successes] of arms) count(name, id, { trials, successes });
      }
    },
  };
}

export type Bandit = ReturnType<typeof createBandit>;
