import type { Evaluation } from './evaluation.js';

/** A row of a published table. */
export interface PublishedRow {
  readonly method: string;
  readonly metrics: Readonly<Record<string, number>>;
}

const sessions = (method: string, precision: number, reciprocalRank: number): PublishedRow => ({
  method,
  metrics: { 'P@20': precision, 'MRR@20': reciprocalRank },
});

const sequences = (method: string, hitRate: number, ndcg: number): PublishedRow => ({
  method,
  metrics: { 'HR@10': hitRate, 'NDCG@10': ndcg },
});

const baskets = (method: string, recall: number, ndcg: number, hits: number): PublishedRow => ({
  method,
  metrics: { 'Recall@10': recall, 'NDCG@10': ndcg, 'PHR@10': hits },
});

const costs = (method: string, micros: number, bytes: number | undefined): PublishedRow => ({
  method,
  metrics: { 'p50 µs': micros, ...(bytes === undefined ? {} : { 'bytes per interaction': bytes }) },
});

const search = (method: string, ndcg: number): PublishedRow => ({ method, metrics: { 'NDCG@10': ndcg } });

/** By the words that name a data set's folder. As recalled from the papers; not measured here. */
const tables: readonly (readonly [pattern: RegExp, rows: readonly PublishedRow[]])[] = [
  [
    /diginetica/i,
    [
      sessions('popularity', 0.93, 0.21),
      sessions('Item-KNN', 35.75, 11.57),
      sessions('GRU4Rec', 30.79, 8.22),
      sessions('NARM', 48.32, 16.0),
      sessions('SR-GNN', 51.26, 17.78),
      sessions('GCE-GNN', 54.22, 19.04),
      sessions('COTREC', 54.18, 19.07),
    ],
  ],
  [
    /retail-?rocket/i,
    [
      sessions('popularity', 2.4, 0.5),
      sessions('GRU4Rec', 44.01, 23.67),
      sessions('NARM', 50.22, 24.59),
      sessions('SR-GNN', 50.32, 26.57),
      sessions('GCE-GNN', 55.78, 28.72),
      sessions('COTREC', 56.17, 29.97),
    ],
  ],
  [
    /now-?playing/i,
    [
      sessions('popularity', 1.8, 0.6),
      sessions('Item-KNN', 15.94, 4.91),
      sessions('GRU4Rec', 7.92, 4.48),
      sessions('NARM', 18.59, 6.93),
      sessions('SR-GNN', 18.87, 7.47),
      sessions('GCE-GNN', 22.37, 8.4),
    ],
  ],
  [
    /yoochoose/i,
    [
      sessions('popularity', 7.3, 1.7),
      sessions('Item-KNN', 51.6, 21.81),
      sessions('GRU4Rec', 60.64, 22.89),
      sessions('NARM', 68.32, 28.63),
      sessions('SR-GNN', 70.57, 30.94),
    ],
  ],
  [
    /tmall/i,
    [
      sessions('popularity', 2.0, 0.9),
      sessions('Item-KNN', 9.15, 3.31),
      sessions('GRU4Rec', 10.93, 5.89),
      sessions('NARM', 23.3, 10.7),
      sessions('SR-GNN', 27.57, 13.72),
      sessions('GCE-GNN', 33.42, 15.42),
      sessions('COTREC', 36.35, 18.04),
    ],
  ],
  [
    /beauty/i,
    [
      sequences('SASRec', 0.0605, 0.0318),
      sequences('S3-Rec', 0.0647, 0.0327),
      sequences('ICLRec', 0.0744, 0.0403),
    ],
  ],
  [
    /dunnhumby/i,
    [
      baskets('PersonalTOP', 0.4104, 0.3174, 0.5031),
      baskets('DNNTSP', 0.4615, 0.326, 0.5624),
      baskets('personal frequency, then top', 0.4576, 0.339, 0.5557),
    ],
  ],
  [
    /^synthetic log$/,
    [
      costs('Serenade (Rust), VMIS-kNN', 192, 19),
      costs('typed arrays in Node, VMIS-kNN', 105, 8.3),
      costs('a throw-away probe of this fusion', 145, undefined),
    ],
  ],
  [/icecat/i, [search('BM25', 0.706), search('BM25, plurals stemmed', 0.751)]],
];

/** How many queries the published split has, where known: another number means another split. */
const queriesOfSplit: readonly (readonly [pattern: RegExp, queries: number])[] = [
  [/diginetica/i, 60_858],
  [/now-?playing/i, 89_824],
  [/yoochoose/i, 55_898],
  [/tmall/i, 25_898],
  [/beauty/i, 22_363],
];

/** Those rows of the data set's table that tell one of these metrics. */
export function publishedRows(dataset: string, metrics: readonly string[]): readonly PublishedRow[] {
  const rows = tables.find(([pattern]) => pattern.test(dataset))?.[1] ?? [];
  return rows.filter((row) => metrics.some((name) => row.metrics[name] !== undefined));
}

/** A caveat where a data set goes by a published name and is not the published split; else null. */
export function otherSplit({ dataset, details }: Pick<Evaluation, 'dataset' | 'details'>): string | null {
  const queries = Number(details.queries ?? details.people);
  const expected = queriesOfSplit.find(([pattern]) => pattern.test(dataset))?.[1];
  if (expected === undefined || Number.isNaN(queries) || Math.abs(queries / expected - 1) < 0.01) return null;
  return `the published rows were measured on ${expected} queries, ours on ${queries}: the split differs, so they do not compare exactly`;
}
