import type { Alike } from '../../plugins/recommendations/recommenders/bought-together/basket-reading.js';
import {
  type BoughtTogether,
  type BoughtTogetherOptions,
  createBoughtTogether,
} from '../../plugins/recommendations/recommenders/bought-together/bought-together.js';
import type { Curve, Evaluation } from './evaluation.js';
import { shareAlike } from './orders-alike.js';
import { type BasketQuery, type Complete, contest } from './orders-asking.js';
import { countBaskets } from './orders-baselines.js';
import { contentOf, type Order, type OrderCatalog } from './orders-file.js';
import type { Progress } from './progress.js';

export interface OrderSplit {
  /** Oldest first; all before those asked about. */
  readonly learned: readonly Order[];
  readonly asked: readonly Order[];
  readonly products: number;
  readonly catalog: OrderCatalog;
}

const notes = [
  'split in time: learned from the first 90 % of the orders, asked about the last 10 %',
  'cancelled invoices, returns, and codes without a number of four digits (postage, fees, vouchers) are left out',
  'Recall@10: share found of all that was to be found; NDCG@10 against an ideal list of ten; HR@10: at least one found',
  'equal scores count against ours; the others have what is bought more before what is bought less',
  'products that nobody had bought before are to be found all the same',
  'products are known by title and price, by which substitutes are told from complements',
  'coverage: share of the products learned from that were shown to anybody',
  'intervals are 95 %, by bootstrap over whole customers; gains are paired, on the same queries',
];

const supportLabels = ['never bought before', 'in 1–9 baskets', 'in 10–99', 'in 100–999', 'in 1000 or more'];
const reaches = [0, 0.1, 0.3, 0.6];
const sizeLabels = ['2–9 to start from', '10–29', '30 or more'];

/** What is bought together: the rest of a basket, given its first product, and given its first half. */
export function evaluateTogether(
  dataset: string,
  { learned, asked, products, catalog }: OrderSplit,
  progress: Progress,
): Evaluation[] {
  const before = process.cpuUsage();
  const { row: alike } = contentOf(catalog);
  const model = modelOf(learned, { alike });
  const spent = process.cpuUsage(before);
  progress(`learned ${learned.length} orders`);
  const ours = completionBy(model);
  const { support, popularity, related } = countBaskets(learned, products);
  const several = asked.filter(({ items }) => items.length > 1);
  const details = {
    'orders learned': learned.length,
    'orders asked about': several.length,
    products,
    'learning, µs per order': (spent.user + spent.system) / learned.length,
  };
  const others = {
    popularity,
    ...related,
  };
  const newestFive: Complete = (seeds) => completionBy(model)(seeds.slice(-5));
  const supportOf = ({ seeds }: BasketQuery) => {
    const held = support[seeds[0]!]!;
    return supportLabels[held === 0 ? 0 : Math.min(4, 1 + Math.floor(Math.log10(held)))]!;
  };
  const sizeOf = ({ seeds }: BasketQuery) => sizeLabels[seeds.length < 10 ? 0 : seeds.length < 30 ? 1 : 2]!;
  const first = contest(
    {
      queries: questions(several, () => 1),
      ours,
      others,
      support,
      slices: { 'the given product was': { labels: supportLabels, label: supportOf } },
    },
    progress,
  );
  const half = contest(
    {
      queries: questions(several, (size) => size >> 1).filter(({ seeds }) => seeds.length > 1),
      ours,
      others: { ...others, 'ours, asked with the newest five': newestFive },
      support,
      slices: { 'products in the cart': { labels: sizeLabels, label: sizeOf } },
    },
    progress,
  );
  const likeness = shareAlike(
    questions(several, () => 1),
    ours,
    alike,
  );
  const substitutes = {
    'answers much like the given product, %': likeness.answered,
    'bought with it and much like it, %': likeness.bought,
  };
  progress('the price of showing more of the range');
  const curves = priceOfRange(learned, several, support, alike, progress);
  return [
    {
      task: 'orders',
      dataset: `${dataset}: bought together`,
      details: { ...details, ...substitutes },
      notes,
      curves,
      ...first,
    },
    { task: 'orders', dataset: `${dataset}: half a basket to complete`, details, notes, ...half },
  ];
}

export function modelOf(learned: readonly Order[], options?: BoughtTogetherOptions): BoughtTogether {
  const model = createBoughtTogether((a, b) => a - b, options);
  for (const [number, { items }] of learned.entries()) model.order(String(number), items);
  return model;
}

/** As the placements ask it: newest first. */
const completionBy =
  (model: BoughtTogether): Complete =>
  (seeds) =>
    model.complete(seeds.toReversed().map((item) => ({ item, weight: 1 })));

/** What is lost in hits when more is taken off for what everybody buys. */
function priceOfRange(
  learned: readonly Order[],
  asked: readonly Order[],
  support: ArrayLike<number>,
  alike: Alike,
  progress: Progress,
): Curve[] {
  const queries = questions(asked, () => 1);
  const points = reaches.map((reach) => {
    const { metrics, beyond } = contest(
      { queries, ours: completionBy(modelOf(learned, { reach, alike })), others: {}, support },
      progress,
    );
    return { x: beyond['coverage, %']!, y: metrics['Recall@10']!, label: `${reach}` };
  });
  return [
    {
      title: 'bought together: the price of showing more of the range',
      x: 'coverage, %',
      y: 'Recall@10',
      note: 'by the power of how often a product is bought that its probability is divided by; the product uses 0.1',
      lines: [{ name: 'bought together', points }],
    },
  ];
}

/** Each basket split in the order of its lines. */
function questions(orders: readonly Order[], given: (size: number) => number): BasketQuery[] {
  return orders.map(({ items, customer }, at) => ({
    seeds: items.slice(0, given(items.length)),
    targets: new Set(items.slice(given(items.length))),
    cluster: customer < 0 ? -1 - at : customer,
  }));
}
