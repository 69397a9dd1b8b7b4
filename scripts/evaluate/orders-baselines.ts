import { significance } from '../../plugins/recommendations/recommenders/bought-together/significance.js';
import type { Complete, Scored } from './orders-asking.js';
import type { Order } from './orders-file.js';

/** How two products are related: baskets with both, with the given one, with the other one, and all. */
type Relation = (both: number, given: number, other: number, all: number) => number;

const relations: Readonly<Record<string, Relation>> = {
  'co-count': (both) => both,
  'conditional probability': (both, given) => both / given,
  lift: (both, given, other, all) => (both * all) / (given * other),
  'item-kNN, cosine': (both, given, other) => both / Math.sqrt(given * other),
  'log-likelihood ratio, signed root': (both, given, other, all) =>
    Math.max(0, significance(both, given, other, all)),
};

export interface Counted {
  /** Baskets that hold each product. */
  readonly support: Float64Array;
  readonly popularity: Complete;
  /** The sum over the given products, by how each is related. */
  readonly related: Readonly<Record<string, Complete>>;
}

/** What is measured beside ours: straight from whole baskets, nothing is cut, faded or forgotten. */
export function countBaskets(orders: readonly Order[], products: number): Counted {
  const support = new Float64Array(products);
  const baskets: number[][] = Array.from({ length: products }, () => []);
  for (const [basket, { items }] of orders.entries()) {
    for (const item of items) {
      support[item]!++;
      baskets[item]!.push(basket);
    }
  }
  const tally = new Float64Array(products);
  const rows = new Map<number, Scored>();

  /** Products that some basket holds beside the given one, and how many baskets. */
  function together(given: number): Scored {
    const known = rows.get(given);
    if (known) return known;
    const found: number[] = [];
    for (const basket of baskets[given]!) {
      for (const item of orders[basket]!.items) {
        if (item === given) continue;
        if (tally[item] === 0) found.push(item);
        tally[item]!++;
      }
    }
    const row = {
      items: Int32Array.from(found),
      scores: Float64Array.from(found, (item) => tally[item]!),
      length: found.length,
    };
    for (const item of found) tally[item] = 0;
    rows.set(given, row);
    return row;
  }

  const sums = new Float64Array(products);
  const relatedBy =
    (relation: Relation): Complete =>
    (seeds) => {
      const found: number[] = [];
      for (const seed of seeds) {
        const { items, scores, length } = together(seed);
        for (let at = 0; at < length; at++) {
          const item = items[at]!;
          const score = relation(scores[at]!, support[seed]!, support[item]!, orders.length);
          if (score <= 0) continue;
          if (sums[item] === 0) found.push(item);
          sums[item]! += score;
        }
      }
      const scores = Float64Array.from(found, (item) => sums[item]!);
      for (const item of found) sums[item] = 0;
      return { items: found, scores, length: found.length };
    };

  const popular = Array.from({ length: products }, (_, item) => item)
    .sort((a, b) => support[b]! - support[a]!)
    .slice(0, 1000);
  const popularity = {
    items: popular,
    scores: popular.map((item) => support[item]!),
    length: popular.length,
  };
  return {
    support,
    popularity: () => popularity,
    related: Object.fromEntries(
      Object.entries(relations).map(([name, relation]) => [name, relatedBy(relation)]),
    ),
  };
}
