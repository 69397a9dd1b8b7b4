import type { Category, Shelf } from '../../../src/ports/catalog.js';
import type { RepeatPolicy } from '../../../src/ports/placements.js';
import type { ShopperProfile } from '../../../src/ports/recommenders.js';
import type { BuyAgain } from '../recommenders/buy-again.js';
import { dueFrom } from '../recommenders/replenishment/purchase-hazard.js';

const ancestorsMax = 16;

interface RepeatParts {
  readonly shelf: Pick<Shelf, 'categories'>;
  readonly buyAgain: BuyAgain;
  readonly category: (id: string) => Category | null;
  /** By category, before the placement's own; holds for all below it, the nearest first. */
  readonly repeatPolicies: ReadonlyMap<string, RepeatPolicy>;
}

/** Whether a product may come now, as far as what the person has bought decides it. */
export type MayRepeat = (
  item: number,
  purchases: ShopperProfile['purchases'],
  ofPlacement: RepeatPolicy,
  nowMs: number,
) => boolean;

export function createRepeatRule({ shelf, buyAgain, category, repeatPolicies }: RepeatParts): MayRepeat {
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

  return (item, purchases, ofPlacement, nowMs) => {
    if (!purchases.has(item)) return true;
    const policy = ofCategory(item) ?? ofPlacement;
    if (policy !== 'replenish') return policy === 'allow';
    return (buyAgain.due(item, purchases, nowMs)?.dueRatio ?? 0) >= dueFrom;
  };
}
