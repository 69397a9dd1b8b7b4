import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import { parseAmount } from '../../src/money.js';
import type { Category, Product } from '../../src/ports/catalog.js';
import type { LiveCatalog, SearchDocument } from '../../src/ports/search-driver.js';
import { projectDirectory } from '../../src/project-directory.js';
import { percentile } from '../bench/measure.js';
import { assemble } from '../import/assemble.js';
import { type CategoryInput, categoriesOf } from '../import/categories.js';
import { mapRow } from '../import/mapping/map-row.js';
import { type Mapping, parseMapping } from '../import/mapping/mapping.js';
import { type ProductInput, productInputOf } from '../import/product-input.js';
import { readFileRows } from '../import/read/read-rows.js';
import { readJson } from '../read-json.js';
import type { Evaluation } from './evaluation.js';

export interface SearchEvaluationOptions {
  /** Of the mapping; absent: `mapping.json` in the directory, else the one that fits icecat. */
  readonly map?: string | undefined;
  readonly progress?: (line: string) => void;
}

export interface Judgments {
  /** Grades by product id, by query. */
  readonly grades: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const depth = 10;
const typoSeeds = [1, 2, 3];
const timedRounds = 5;

/**
 * Human judgments against the engine that serves: NDCG@10 with gain 2^grade − 1, unjudged products counting as 0 and the ideal taken
 * over all judged products of a query. Queries of which no product is graded above 0 have no ideal order and are left out.
 * `judged only` ranks just the judged products of each query: it does not blame an engine for finding what nobody looked at.
 */
export async function evaluateSearch(
  directory: string,
  options: SearchEvaluationOptions = {},
): Promise<Evaluation> {
  const progress = options.progress ?? (() => undefined);
  const judgments = await readJudgments(directory);
  const heapBefore = memoryBytes();
  const startedAt = performance.now();
  const engine = createEngine({ language: 'en' }, emptyCatalog);
  let products = 0;
  for await (const document of readDocuments(directory, options.map)) {
    engine.put(document);
    if (++products % 20_000 === 0) progress(`${products} products`);
  }
  if (products === 0)
    throw new Error(`${directory}: no product in products.jsonl can be read by the mapping`);
  engine.settle();
  const indexMs = performance.now() - startedAt;
  const memoryMb = (memoryBytes() - heapBefore) / 2 ** 20;

  const queries = [...judgments.grades.keys()].filter((query) =>
    [...judgments.grades.get(query)!.values()].some((grade) => grade > 0),
  );
  if (queries.length === 0)
    throw new Error(
      `${directory}: judgments.csv has the columns query, product_id, grade; no query in it has a grade above 0`,
    );
  const clean = measure(
    engine,
    judgments,
    queries.map((query) => [query, query] as const),
  );
  const judgedOnly = mean(
    queries.map((query) => {
      const grades = judgments.grades.get(query)!;
      return ndcg(grades, idsFor(engine, query, depth, [...grades.keys()]));
    }),
  );
  const misspelt = typoSeeds.map((seed) => {
    const random = createRandom(seed);
    return measure(
      engine,
      judgments,
      queries.map((query) => [query, withTypos(query, random)] as const),
    );
  });
  const misspeltMean = mean(misspelt.map(({ ndcg }) => ndcg));
  const micros = timed(engine, queries);
  return {
    task: 'search',
    dataset: basename(directory),
    metrics: {
      'NDCG@10': clean.ndcg,
      'NDCG@10 misspelt': misspeltMean,
      'NDCG@10 judged only': judgedOnly,
      'misspelt loss': clean.ndcg === 0 ? 0 : 1 - misspeltMean / clean.ndcg,
    },
    microsecondsPerQuery: percentile(micros, 0.5),
    details: {
      products,
      queries: queries.length,
      'queries left out': judgments.grades.size - queries.length,
      'p50 µs': Math.round(percentile(micros, 0.5)),
      'p99 µs': Math.round(percentile(micros, 0.99)),
      'index seconds': Number((indexMs / 1000).toFixed(2)),
      'process MB more': Math.round(memoryMb),
    },
  };
}

const ignored = () => undefined;

/** Every product of the data set as the driver takes it up. */
export async function* readDocuments(directory: string, map?: string): AsyncGenerator<SearchDocument> {
  const mapping = await readMapping(directory, map);
  for await (const read of readFileRows(existing(directory, 'products.jsonl'))) {
    if ('error' in read) continue;
    const part = mapRow(read.row, read.line, mapping, {
      warn: ignored,
      decimalMark: () => '.',
      decimalStated: true,
    });
    const product = assemble([part], { warn: ignored });
    if ('reason' in product) continue;
    yield documentOf(productInputOf(product, ignored), categoriesOf(product.categories ?? []));
  }
}

async function readMapping(directory: string, map: string | undefined): Promise<Mapping> {
  const own = join(directory, 'mapping.json');
  const file = map ?? (existsSync(own) ? own : join(projectDirectory(), 'scripts/import/icecat.json'));
  return parseMapping(await readJson(file));
}

function existing(directory: string, name: string): string {
  const file = [join(directory, name), join(directory, `${name}.gz`)].find((candidate) =>
    existsSync(candidate),
  );
  if (!file) throw new Error(`${directory} has no ${name} and no ${name}.gz`);
  return file;
}

/** `judgments.csv`: query, product_id, grade. */
export async function readJudgments(directory: string): Promise<Judgments> {
  const grades = new Map<string, Map<string, number>>();
  for await (const read of readFileRows(existing(directory, 'judgments.csv'))) {
    if ('error' in read) continue;
    const { query, product_id: productId, grade } = read.row;
    if (typeof query !== 'string' || productId === undefined) continue;
    let ofQuery = grades.get(query);
    if (!ofQuery) {
      ofQuery = new Map();
      grades.set(query, ofQuery);
    }
    ofQuery.set(String(productId), Number(grade));
  }
  return { grades };
}

/** The product that the catalog makes of an input. */
export function documentOf(
  input: ProductInput,
  paths: readonly (readonly CategoryInput[])[],
): SearchDocument {
  const categories = new Map<string, Category>();
  for (const path of paths)
    for (const { id, name, parentId } of [...path].reverse())
      categories.set(id, { id, name, parentId, translations: {} });
  const product: Product = {
    id: input.id,
    sku: input.sku ?? null,
    version: null,
    status: 'ACTIVE',
    title: input.title,
    description: input.description ?? '',
    brand: input.brand ?? null,
    categoryIds: input.categoryIds ?? [],
    prices: (input.prices ?? []).map((price) => ({
      currency: price.currency,
      amountMinor: parseAmount(price.amount, price.currency) ?? 0,
      listAmountMinor: null,
      storeId: price.storeId ?? null,
    })),
    options: input.options ?? [],
    attributes: input.attributes ?? [],
    media: [],
    sellers: [],
    translations: {},
    speakable: true,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
  return { product, categories: [...categories.values()], stock: {} };
}

export const emptyCatalog: LiveCatalog = {
  inStock: () => true,
  available: () => true,
  matching: () => () => true,
  lineage: (id) => [id],
  categoryName: (id) => id,
};

/** The best products for a query; `among`: only these. */
export function idsFor(
  engine: Engine,
  text: string,
  limit = depth,
  among: readonly string[] | null = null,
): readonly string[] {
  return engine.search({
    text,
    filter: { ids: among },
    categoryIds: null,
    changes: [],
    sort: 'RELEVANCE',
    facets: [],
    limit,
    offset: 0,
    locale: 'en',
    currency: 'EUR',
    storeId: null,
    atMs: 0,
    preferences: null,
  }).ids;
}

function measure(
  engine: Engine,
  judgments: Judgments,
  queries: readonly (readonly [string, string])[],
): { readonly ndcg: number } {
  return {
    ndcg: mean(queries.map(([judged, asked]) => ndcg(judgments.grades.get(judged)!, idsFor(engine, asked)))),
  };
}

/** K. Järvelin, J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with the exponential gain usual in web search. */
export function ndcg(grades: ReadonlyMap<string, number>, ids: readonly string[]): number {
  const gain = (grade: number, place: number): number => (2 ** grade - 1) / Math.log2(place + 2);
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, depth);
  const best = ideal.reduce((sum, grade, place) => sum + gain(grade, place), 0);
  return ids.slice(0, depth).reduce((sum, id, place) => sum + gain(grades.get(id) ?? 0, place), 0) / best;
}

/** One slip in each word of five letters or more: a letter lost, doubled, replaced, or swapped with the next. */
export function withTypos(query: string, random: () => number): string {
  return query
    .split(' ')
    .map((word) => {
      if ((word.match(/\p{L}/gu)?.length ?? 0) < 5) return word;
      const at = Math.floor(random() * (word.length - 1));
      const other = String.fromCharCode(97 + Math.floor(random() * 26));
      switch (Math.floor(random() * 4)) {
        case 0:
          return word.slice(0, at) + word.slice(at + 1);
        case 1:
          return word.slice(0, at) + other + word.slice(at);
        case 2:
          return word.slice(0, at) + other + word.slice(at + 1);
        default:
          return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
      }
    })
    .join(' ');
}

/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function timed(engine: Engine, queries: readonly string[]): number[] {
  for (const query of queries) idsFor(engine, query);
  const micros: number[] = [];
  for (let round = 0; round < timedRounds; round++) {
    for (const query of queries) {
      const before = performance.now();
      idsFor(engine, query);
      micros.push((performance.now() - before) * 1000);
    }
  }
  return micros;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function memoryBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
