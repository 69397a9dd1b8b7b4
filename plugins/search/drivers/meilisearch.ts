import { type FederatedMultiSearchParams, type Index, Meilisearch } from 'meilisearch';
import { z } from 'zod';
import { RapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { DriverAnswer, DriverQuery, DriverSynonym, LiveCatalog, SearchDriver } from '../driver.js';
import { knowledgeOf, languageOf } from './embedded/language.js';
import { queryWords } from './embedded/plan.js';
import { createSynonyms } from './embedded/synonyms.js';
import { completionsOf } from './meilisearch/completions.js';
import { clean, type IndexedProduct, indexed, keyOf } from './meilisearch/documents.js';
import { type FacetResponse, facetAttributes, facetsOf } from './meilisearch/facets.js';
import { filterOf } from './meilisearch/filter.js';
import { indexSettings } from './meilisearch/index-settings.js';
import { limitsOf, synonymTable } from './meilisearch/synonyms.js';

export const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where Meilisearch is, e.g. `http://meilisearch:7700`.'),
  key: z.string().default('').describe('Its API key, for indexes named `<index>` and `<index>-…`.'),
  index: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,100}$/)
    .default('rapport-products')
    .describe('The name of its index.'),
});

const requestMs = 5_000;
const taskMs = 120_000;
const batchMax = 1_000;
/** Fewer full matches than this, and documents that match in part follow them. */
const fullMatchesEnough = 10;
const completedHits = 50;
const queryCharsMax = 512;

/** Search on a Meilisearch server: for catalogs that many gateways share. */
export async function open(
  { url, key, index: name }: z.output<typeof settings>,
  host: Host,
): Promise<SearchDriver & { close(): Promise<void> }> {
  const client = new Meilisearch({ host: url, timeout: requestMs, ...(key ? { apiKey: key } : {}) });
  await client.health();
  let catalog: LiveCatalog | null = null;
  let synonyms: readonly DriverSynonym[] = [];
  let filling: Index<IndexedProduct> | null = null;

  const serving = (): Index<IndexedProduct> => client.index<IndexedProduct>(name);

  /** Waits until the server has done it; a task that failed there fails here. */
  async function done(task: {
    waitTask(options: { timeout: number }): Promise<{ status: string; error: unknown }>;
  }): Promise<void> {
    const { status, error } = await task.waitTask({ timeout: taskMs });
    if (status !== 'succeeded')
      throw new Error(`the search server ${status} a task: ${JSON.stringify(error)}`);
  }

  async function available<T>(what: () => Promise<T>): Promise<T> {
    try {
      return await what();
    } catch (error) {
      throw new RapportError(
        'unavailable',
        'SEARCH_UNAVAILABLE',
        'The search server does not answer now; try again soon.',
        {
          retryAfterSeconds: 5,
          cause: error,
        },
      );
    }
  }

  async function ensure(uid: string): Promise<Index<IndexedProduct>> {
    const created = await client.createIndex(uid, { primaryKey: 'key' }).waitTask({ timeout: taskMs });
    const exists = created.status === 'succeeded' || created.error?.code === 'index_already_exists';
    if (!exists) throw new Error(`index ${uid} could not be made: ${JSON.stringify(created.error)}`);
    const index = client.index<IndexedProduct>(uid);
    await done(index.updateSettings({ ...indexSettings, synonyms: synonymTable(synonyms) }));
    return index;
  }

  /** What `facetsOf` and the answer need of any way of asking. */
  interface Response {
    readonly ids: readonly string[];
    readonly total: number;
    readonly facets: FacetResponse;
  }

  async function ask(query: DriverQuery, matchingStrategy: 'all' | 'last'): Promise<Response> {
    const response = await serving().search<IndexedProduct>(clean(query.text.slice(0, queryCharsMax)), {
      filter: filterOf(query),
      facets: facetAttributes(query),
      limit: query.limit,
      offset: query.offset,
      attributesToRetrieve: ['productId'],
      matchingStrategy,
      ...sortOf(query),
    });
    return {
      ids: response.hits.map(({ productId }) => productId),
      total: response.estimatedTotalHits ?? 0,
      facets: response,
    };
  }

  /** Documents with any of the words: each is asked for by itself, and the server joins the answers. */
  async function askEach(query: DriverQuery, words: readonly string[]): Promise<Response> {
    const { hits, estimatedTotalHits, facetsByIndex } = await client.multiSearch<
      FederatedMultiSearchParams,
      IndexedProduct
    >({
      federation: {
        limit: query.limit,
        offset: query.offset,
        facetsByIndex: { [name]: facetAttributes(query) },
      },
      queries: words.map((q) => ({
        indexUid: name,
        q,
        filter: filterOf(query),
        attributesToRetrieve: ['productId'],
        ...sortOf(query),
      })),
    });
    const facets = facetsByIndex?.[name];
    return {
      ids: hits.map(({ productId }) => productId),
      total: estimatedTotalHits ?? 0,
      facets: { facetDistribution: facets?.distribution ?? {}, facetStats: facets?.stats ?? {} },
    };
  }

  /** All words; with few such documents also those that match the beginning of the query; with none, any of its words. */
  async function askLooser(query: DriverQuery): Promise<Response> {
    const words = queryWords(clean(query.text)).words.map(({ chunk }) => chunk.whole);
    let response = await ask(query, 'all');
    if (words.length > 1 && response.total < fullMatchesEnough) response = await ask(query, 'last');
    if (words.length > 1 && response.total === 0) response = await askEach(query, words);
    return response;
  }

  return {
    live: false,
    connect(to) {
      catalog = to;
    },
    isFilled: () => available(async () => (await serving().getStats()).numberOfDocuments > 0),
    async fill(documents) {
      await ensure(name);
      // A name of its own, so that two processes that start at once do not fill one index.
      const nextName = `${name}-${host.ids.next()}`;
      const next = await ensure(nextName);
      filling = next;
      let count = 0;
      try {
        for await (const page of documents) {
          for (let i = 0; i < page.length; i += batchMax) {
            await done(next.addDocuments(page.slice(i, i + batchMax).map(indexed)));
          }
          count += page.length;
        }
        await done(client.swapIndexes([{ indexes: [name, nextName], rename: false }]));
        await done(client.deleteIndex(nextName));
      } finally {
        filling = null;
      }
      return count;
    },
    async put(documents) {
      if (documents.length === 0) return;
      await available(async () => {
        for (let i = 0; i < documents.length; i += batchMax) {
          const batch = documents.slice(i, i + batchMax).map(indexed);
          await Promise.all([serving(), filling].map((index) => index && done(index.addDocuments(batch))));
        }
      });
    },
    async remove(ids) {
      if (ids.length === 0) return;
      await available(() =>
        Promise.all(
          [serving(), filling].map((index) => index && done(index.deleteDocuments(ids.map(keyOf)))),
        ),
      );
    },
    async setSynonyms(all) {
      synonyms = all;
      for (const synonym of all) {
        for (const limit of limitsOf(synonym, all))
          host.log.warn('a synonym is not fully used', { id: synonym.id, limit });
      }
      await available(async () => {
        await ensure(name);
      });
    },
    limitsOf: (synonym) => limitsOf(synonym, synonyms),
    search: (query) =>
      available(async (): Promise<DriverAnswer> => {
        const { ids, total, facets } = await askLooser(query);
        return {
          ids,
          total,
          facets: facetsOf(query, catalog!, facets),
          correctedQuery: null,
          appliedSynonyms: appliedOf(query, synonyms),
        };
      }),
    complete: (prefix, { limit }) =>
      available(async () => {
        const { hits } = await serving().search<IndexedProduct>(clean(prefix), { limit: completedHits });
        return completionsOf(prefix, hits, limit);
      }),
    check: () =>
      available(async () => {
        await client.health();
      }),
    async close() {},
  };
}

function sortOf({ sort, text, currency }: DriverQuery): { readonly sort?: string[] } {
  if (sort === 'PRICE_ASC') return { sort: [`p.${currency}:asc`] };
  if (sort === 'PRICE_DESC') return { sort: [`p.${currency}:desc`] };
  if (sort === 'TITLE') return { sort: ['sortTitle:asc'] };
  return sort === 'NEWEST' || text.trim() === '' ? { sort: ['createdAtMs:desc'] } : {};
}

/** The server does not say which it used; these are those it was given for words of the query. */
function appliedOf({ text, locale }: DriverQuery, synonyms: readonly DriverSynonym[]): string[] {
  const words = queryWords(text).words.map(({ chunk }) => chunk.whole);
  const applied = createSynonyms(synonyms, knowledgeOf(languageOf(locale))).of(words);
  return [...new Set(applied.map((synonym) => synonym.text))];
}
