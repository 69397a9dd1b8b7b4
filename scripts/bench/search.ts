import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stemmer } from '@orama/stemmers/english';
import MiniSearch from 'minisearch';
import { createEngine, type Engine } from '../../plugins/search/drivers/embedded/engine.js';
import type { SearchDocument } from '../../src/ports/search-driver.js';
import {
  createRandom,
  documentOf,
  emptyCatalog,
  idsFor,
  type Judgments,
  ndcg,
  readDocuments,
  readJudgments,
} from '../evaluate/search.js';
import { type BenchRow, interleave, percentile } from './measure.js';

const products = 100_000;
const catalogDirectory = join(import.meta.dirname, '../../../shared/data/catalog/icecat');
/** Compiled, this file is a folder deeper. */
const directory = [
  catalogDirectory,
  join(import.meta.dirname, '../../../../shared/data/catalog/icecat'),
].find((candidate) => existsSync(candidate));

interface Indexed {
  readonly id: string;
  readonly title: string;
  readonly brand: string;
  readonly attributes: string;
  readonly description: string;
}

/** Search in process against MiniSearch, set up as well as its documentation allows: stemmed, all words first, then fuzzy and any word. */
export const searchBench: BenchRow = {
  name: 'search, 100 k products',
  against: 'MiniSearch',
  goal: '≥ 20 × faster, equal or better NDCG',
  async run(progress) {
    const judgments = directory ? await readJudgments(directory) : null;
    const originals = directory ? await collected(readDocuments(directory)) : generated(20_000);
    const queries = judgments ? [...judgments.grades.keys()] : generatedQueries;
    const documents = replicated(originals, products);
    progress(`indexing ${documents.length} products in both`);

    const beforeOurs = process.cpuUsage();
    const ours = filled(documents);
    const oursIndex = cpuSeconds(beforeOurs);
    const beforeTheirs = process.cpuUsage();
    const theirs = miniSearch(documents);
    const theirsIndex = cpuSeconds(beforeTheirs);

    progress(`asking ${queries.length} queries in turns`);
    const { oursMicros, theirsMicros } = await interleave(
      { operations: queries.length * 10, run: () => repeat(10, queries, (query) => idsFor(ours, query)) },
      { operations: queries.length, run: () => repeat(1, queries, (query) => ask(theirs, query)) },
    );
    const oursEach = queries.flatMap((query) =>
      Array.from({ length: 5 }, () => elapsed(() => idsFor(ours, query))),
    );
    const theirsEach = queries.map((query) => elapsed(() => ask(theirs, query)));
    const relevance = judgments ? relevanceOf(originals, judgments) : {};
    return {
      oursMicros,
      theirsMicros,
      details: {
        'ours p50 µs': Math.round(percentile(oursEach, 0.5)),
        'ours p99 µs': Math.round(percentile(oursEach, 0.99)),
        'theirs p50 µs': Math.round(percentile(theirsEach, 0.5)),
        'theirs p99 µs': Math.round(percentile(theirsEach, 0.99)),
        'ours index CPU s': oursIndex,
        'theirs index CPU s': theirsIndex,
        catalog: directory ? 'icecat, replicated with variation' : 'generated',
        ...relevance,
      },
    };
  },
};

function filled(documents: readonly SearchDocument[]): Engine {
  const engine = createEngine({ language: 'en' }, emptyCatalog);
  for (const document of documents) engine.put(document);
  engine.settle();
  return engine;
}

function miniSearch(documents: readonly SearchDocument[]): MiniSearch<Indexed> {
  const stems = new Map<string, string>();
  const index = new MiniSearch<Indexed>({
    fields: ['title', 'brand', 'attributes', 'description'],
    processTerm(term) {
      const lower = term.toLowerCase();
      let stem = stems.get(lower);
      if (stem === undefined) {
        stem = stemmer(lower);
        stems.set(lower, stem);
      }
      return stem;
    },
    searchOptions: { boost: { title: 3, brand: 2 } },
  });
  index.addAll(
    documents.map(({ product }) => ({
      id: product.id,
      title: product.title,
      brand: product.brand ?? '',
      attributes: product.attributes
        .flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
        .join(' '),
      description: product.description,
    })),
  );
  return index;
}

function ask(index: MiniSearch<Indexed>, query: string): readonly string[] {
  const all = index.search(query, { combineWith: 'AND' });
  const found = all.length > 0 ? all : index.search(query, { combineWith: 'OR', fuzzy: 0.2, prefix: true });
  return found.slice(0, 10).map(({ id }) => String(id));
}

function relevanceOf(originals: readonly SearchDocument[], judgments: Judgments): Record<string, number> {
  const ours = filled(originals);
  const theirs = miniSearch(originals);
  const judged = [...judgments.grades].filter(([, grades]) =>
    [...grades.values()].some((grade) => grade > 0),
  );
  const mean = (idsOf: (query: string) => readonly string[]): number =>
    Number(
      (judged.reduce((sum, [query, grades]) => sum + ndcg(grades, idsOf(query)), 0) / judged.length).toFixed(
        4,
      ),
    );
  return {
    'ours NDCG@10': mean((query) => idsFor(ours, query)),
    'theirs NDCG@10': mean((query) => ask(theirs, query)),
  };
}

/** As many as asked for: the same products again with another id and model, so that lists grow and no two titles are equal. */
function replicated(originals: readonly SearchDocument[], count: number): SearchDocument[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, i) => {
    const original = originals[i % originals.length]!;
    if (i < originals.length) return original;
    const model = `${Math.floor(random() * 36 ** 4).toString(36)}-${i}`;
    const { product } = original;
    return {
      ...original,
      product: { ...product, id: `${product.id}-${i}`, title: `${product.title} ${model}` },
    };
  });
}

const generatedNouns = [
  'laptop',
  'mouse',
  'keyboard',
  'camera',
  'printer',
  'headset',
  'monitor',
  'cable',
  'charger',
  'speaker',
];
const generatedKinds = [
  'wireless',
  'gaming',
  'compact',
  'portable',
  'optical',
  'mechanical',
  'silent',
  'ergonomic',
  'rugged',
  'mini',
];
const generatedBrands = ['Acme', 'Globex', 'Initech', 'Umbra', 'Stark', 'Wayne', 'Hooli', 'Vandelay'];
const generatedQueries = [
  ...generatedNouns,
  ...generatedNouns.map((noun, i) => `${generatedKinds[i]!} ${noun}`),
  ...generatedNouns.map((noun) => noun.slice(0, 2) + noun.slice(3)),
];

function generated(count: number): SearchDocument[] {
  const random = createRandom(11);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const brand = pick(generatedBrands);
    const title = `${brand} ${pick(generatedKinds)} ${pick(generatedNouns)} ${Math.floor(random() * 9999)}`;
    const description = Array.from({ length: 30 }, () => pick([...generatedKinds, ...generatedNouns])).join(
      ' ',
    );
    return documentOf({ id: `p${i}`, title, brand, description }, []);
  });
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function repeat(times: number, queries: readonly string[], run: (query: string) => unknown): void {
  for (let i = 0; i < times; i++) for (const query of queries) run(query);
}

function elapsed(run: () => unknown): number {
  const before = performance.now();
  run();
  return (performance.now() - before) * 1000;
}

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / 1e6).toFixed(2));
}
