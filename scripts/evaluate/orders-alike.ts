import type { Content } from '../../plugins/recommendations/recommenders/similar/content.js';
import type { BasketQuery, Complete } from './orders-asking.js';

const cutoff = 10;
/** As much alike as products that would do instead (`recommenders/bought-together/bought-together.ts`). */
const alikeFrom = 0.5;

/**
 * Whether substitutes pass for complements: how many of the first ten answers are like the product asked with, beside how many of
 * those that were really in the basket with it. In percent.
 */
export function shareAlike(
  queries: readonly BasketQuery[],
  complete: Complete,
  row: Content['row'],
): Readonly<Record<'answered' | 'bought', number>> {
  const alike = new Map<number, ReadonlySet<number>>();
  const answered = { all: 0, alike: 0 };
  const bought = { all: 0, alike: 0 };
  for (const { seeds, targets } of queries) {
    const [seed] = seeds as [number];
    const others = alike.get(seed) ?? alikeTo(row(seed));
    alike.set(seed, others);
    const { items, length } = complete([seed]);
    for (let place = 0; place < Math.min(cutoff, length); place++) {
      answered.all++;
      answered.alike += Number(others.has(items[place]!));
    }
    for (const target of targets) {
      bought.all++;
      bought.alike += Number(others.has(target));
    }
  }
  const share = ({ all, alike }: typeof answered) => (100 * alike) / Math.max(1, all);
  return { answered: share(answered), bought: share(bought) };
}

function alikeTo({ items, scores, length }: ReturnType<Content['row']>): Set<number> {
  const alike = new Set<number>();
  for (let at = 0; at < length; at++) if (scores[at]! >= alikeFrom) alike.add(items[at]!);
  return alike;
}
