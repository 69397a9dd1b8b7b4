import type { Category, Shelf } from '../../src/ports/catalog.js';
import type { Models } from './models.js';
import type { RepeatPolicy } from './placements.js';
import { dueFrom } from './recommenders/replenishment.js';

const ancestorsMax = 16;

export interface RepeatParts {
  readonly shelf: Shelf;
  readonly models: Pick<Models, 'replenishment'>;
  readonly category: (id: string) => Category | null;
  /** By category, before the placement's own; holds for all below it, the nearest first. */
  readonly repeatPolicies: ReadonlyMap<string, RepeatPolicy>;
}

/** Whether a product that the person has bought, newest first, may come again now. */
export type MayRepeat = (
  item: number,
  timesMs: readonly number[],
  ofPlacement: RepeatPolicy,
  nowMs: number,
) => boolean;

export function createRepeatRule({ shelf, models, category, repeatPolicies }: RepeatParts): MayRepeat {
  function ofCategory(item: number): RepeatPolicy | null {
    if (repeatPolicies.size === 0) return null;
    for (const start of shelf.categories(item)) {
      let id: string | null = start;
      for (let depth = 0; id !== null && depth < ancestorsMax; depth++) {
        const policy = repeatPolicies.get(id);
        if (policy) return policy;
        id = category(id)?.parentId ?? null;
      }
    }
    return null;
  }

  return (item, timesMs, ofPlacement, nowMs) => {
    const policy = ofCategory(item) ?? ofPlacement;
    if (policy !== 'replenish') return policy === 'allow';
    const due = models.replenishment.due({ item, timesMs }, shelf.categories(item), nowMs);
    return due.ripeness !== null && due.ripeness >= dueFrom;
  };
}
