import { createFusion, type Part } from '../../plugins/recommendations/fusion.js';
import { createBoughtTogether } from '../../plugins/recommendations/recommenders/bought-together.js';
import { createContent } from '../../plugins/recommendations/recommenders/content.js';
import type { Product } from '../../src/ports/catalog.js';
import type { Evaluation } from './evaluation.js';
import { type BasketQuery, type Complete, contest } from './orders-asking.js';
import { countBaskets } from './orders-baselines.js';
import type { OrderSplit } from './orders-together.js';
import { plainProduct } from './plain-product.js';
import type { Progress } from './progress.js';

/** What a catalog says of the products: a title and a price in minor units, by number. */
export interface OrderCatalog {
  readonly titles: readonly string[];
  readonly pricesMinor: readonly number[];
}

const groups: readonly (readonly [label: string, from: number, to: number])[] = [
  ['never bought before', 0, 0],
  ['in 1–4 baskets', 1, 4],
  ['in 5–19', 5, 19],
  ['in 20 or more', 20, Number.POSITIVE_INFINITY],
];
/** How much likeness counts beside what was bought together. */
const likenessWeight = 0.3;

/**
 * Products that nobody has touched: what is in the baskets with them, found by nothing but title and price. And for how long
 * likeness is worth its place beside what was bought together.
 */
export function evaluateNew(
  dataset: string,
  { learned, asked, products }: OrderSplit,
  { titles, pricesMinor }: OrderCatalog,
  progress: Progress,
): Evaluation {
  const tie = (a: number, b: number) => a - b;
  const content = createContent(tie);
  for (const [item, title] of titles.entries()) content.put(item, productOf(item, title, pricesMinor[item]!));
  const together = createBoughtTogether(tie);
  for (const [number, { items }] of learned.entries()) together.order(String(number), items);
  progress('learned titles and baskets');
  const { support, popularity } = countBaskets(learned, products);
  const fusion = createFusion();
  const pooled: Complete = (seeds) => {
    const parts: Part[] = [
      { name: 'boughtTogether', weight: 1, candidates: together.row(seeds[0]!) },
      { name: 'similar', weight: likenessWeight, candidates: content.row(seeds[0]!) },
    ];
    const { items, scores, length } = fusion.fuse(parts);
    return { items: items.slice(0, length), scores: scores.slice(0, length), length };
  };
  const labelOf = (item: number) =>
    groups.find(([, from, to]) => support[item]! >= from && support[item]! <= to)![0];
  const ask = (label: string): BasketQuery[] =>
    asked.flatMap(({ items, customer }, at) => {
      const given = items.find((item) => labelOf(item) === label);
      if (given === undefined || items.length < 2) return [];
      const targets = new Set(items.filter((item) => item !== given));
      return [{ seeds: [given], targets, cluster: customer < 0 ? -1 - at : customer }];
    });
  const similar: Complete = (seeds) => content.row(seeds[0]!);
  const others = {
    popularity,
    'bought together': (seeds: readonly number[]) => together.row(seeds[0]!),
    [`bought together and similar, pooled 1 : ${likenessWeight}`]: pooled,
  };
  const answers = groups.map(([label]) => {
    progress(`products ${label}`);
    return contest({ queries: ask(label), ours: similar, others, support }, progress);
  });
  const [ofNew] = answers;
  return {
    task: 'orders',
    dataset: `${dataset}: products that nobody has bought yet`,
    ...ofNew!,
    slices: groups.map(([label], group) => ({
      by: `method, for products ${label}`,
      rows: [{ method: 'similar by title and price', ...answers[group]! }, ...answers[group]!.baselines].map(
        ({ method, metrics, intervals }) => ({
          label: method,
          queries: ask(label).length,
          metrics,
          ...(intervals ? { intervals } : {}),
        }),
      ),
    })),
    notes: [
      'given one product of a basket that nobody had bought before the orders asked about, find the others; nothing is known but titles and prices',
      'the first slice is that, the others the same for products bought more and more often: from where on likeness loses to what was bought together',
    ],
    details: {
      'new products': new Set(ask(groups[0]![0]).flatMap(({ seeds }) => seeds)).size,
      'baskets with one': ask(groups[0]![0]).length,
    },
  };
}

function productOf(item: number, title: string, amountMinor: number): Product {
  return plainProduct({
    id: String(item),
    title,
    prices: [{ currency: 'GBP', amountMinor, listAmountMinor: null, storeId: null }],
  });
}
