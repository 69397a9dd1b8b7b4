import { createFusion, type Part } from '../../plugins/recommendations/ranking/fusion.js';
import type { Evaluation } from './evaluation.js';
import { type BasketQuery, type Complete, contest } from './orders-asking.js';
import { countBaskets } from './orders-baselines.js';
import { contentOf } from './orders-file.js';
import { modelOf, type OrderSplit } from './orders-together.js';
import type { Progress } from './progress.js';

const groups: readonly (readonly [label: string, from: number, to: number])[] = [
  ['never bought before', 0, 0],
  ['in 1–4 baskets', 1, 4],
  ['in 5–19', 5, 19],
  ['in 20 or more', 20, Number.POSITIVE_INFINITY],
];
/** How much likeness counts beside what was bought together. */
const likenessWeight = 0.3;

/**
 * Products that nobody has bought: the products in the baskets with them, found by title and price. And by the number of baskets that a product
 * is in.
 */
export function evaluateNew(
  dataset: string,
  { learned, asked, products, catalog }: OrderSplit,
  progress: Progress,
): Evaluation {
  const content = contentOf(catalog);
  const together = modelOf(learned, { alike: content.row });
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
  const ours: Complete = (seeds) => together.row(seeds[0]!);
  const others = {
    popularity,
    'similar by title and price': (seeds: readonly number[]) => content.row(seeds[0]!),
    [`bought together and similar, pooled 1 : ${likenessWeight}`]: pooled,
  };
  const answers = groups.map(([label]) => {
    progress(`products ${label}`);
    return contest({ queries: ask(label), ours, others, support }, progress);
  });
  const [ofNew] = answers;
  return {
    task: 'orders',
    dataset: `${dataset}: products that nobody has bought yet`,
    ...ofNew!,
    slices: groups.map(([label], group) => ({
      by: `method, for products ${label}`,
      rows: [{ method: 'bought together', ...answers[group]! }, ...answers[group]!.baselines].map(
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
      'the first slice is that, the others the same for products bought more and more often: from where on their own baskets say it all',
    ],
    details: {
      'new products': new Set(ask(groups[0]![0]).flatMap(({ seeds }) => seeds)).size,
      'baskets with one': ask(groups[0]![0]).length,
    },
  };
}
