import type { Part } from '../../snapshots/stored.js';
import type { Popularity } from './popularity.js';

/** Of what is learned on trial, so much is learned anew if the trial is ended; the rest is forgotten. */
const learnedMax = 10_000;

/**
 * Popularity that can take a jump of time back. Older interest decays when time goes on, which cannot be undone by counting; so what
 * was there is kept until it is sure that the clock was right.
 */
export interface ReversiblePopularity extends Popularity {
  /** Time seems to have jumped ahead. */
  begin(): void;
  /** It has. */
  confirm(): void;
  /** It has not: what was learned since counts as of this moment. */
  undo(atMs: number): void;
}

interface Trial {
  readonly before: readonly Part[];
  readonly learned: { readonly item: number; readonly weight: number; readonly storeId: string | null }[];
  /** The highest item number. */
  items: number;
}

export function createReversiblePopularity(create: () => Popularity): ReversiblePopularity {
  let current = create();
  let trial: Trial | null = null;
  let items = 0;

  return {
    begin() {
      trial ??= { before: [...current.save()], learned: [], items };
    },
    confirm() {
      trial = null;
    },
    undo(atMs) {
      if (trial === null) return;
      const { before, learned } = trial;
      const same = Int32Array.from({ length: trial.items + 1 }, (_, item) => item);
      trial = null;
      current = create();
      for (const part of before) current.restore(part, same);
      for (const { item, weight, storeId } of learned) current.learn(item, weight, atMs, storeId);
    },
    learn(item, weight, atMs, storeId) {
      if (item > items) items = item;
      if (trial !== null && trial.learned.length < learnedMax) trial.learned.push({ item, weight, storeId });
      current.learn(item, weight, atMs, storeId);
    },
    overall: (limit) => current.overall(limit),
    inStore: (storeId, limit) => current.inStore(storeId, limit),
    inCategory: (categoryId, limit) => current.inCategory(categoryId, limit),
    ofBrand: (brand, limit) => current.ofBrand(brand, limit),
    moved: (item) => current.moved(item),
    setBack: (byMs) => current.setBack(byMs),
    save: () => trial?.before ?? current.save(),
    restore(part, renumbering) {
      for (const item of renumbering) if (item > items) items = item;
      current.restore(part, renumbering);
    },
  };
}
