import { MeilisearchApiError } from 'meilisearch';
import { z } from 'zod';
import { describeError } from '../../../src/errors.js';
import { languageOf } from '../../../src/kit/language-of.js';
import type { Host } from '../../../src/plugin.js';
import { type LiveCatalog, ProductsRefused, type SearchDriver } from '../../../src/ports/search-driver.js';
import { createLocaleSynonyms, synonymLimits } from './embedded/matching/synonyms.js';
import { languageRules } from './embedded/tokens/language.js';
import { completionsOf } from './meilisearch/completions.js';
import { clean, type IndexedProduct } from './meilisearch/documents.js';
import { visibilityOf } from './meilisearch/filter.js';
import { indexSettings, isOurFormat } from './meilisearch/index-settings.js';
import { searchOnServer } from './meilisearch/search.js';
import { createSearchServer, TaskRefused } from './meilisearch/server.js';
import { variantsMax } from './meilisearch/variants.js';
import { createIndexWriter, type IndexWriter } from './meilisearch/writer.js';

export const settings = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where Meilisearch is, e.g. `http://meilisearch:7700`.'),
  key: z.string().default('').describe('Its API key, for indexes named `<index>` and `<index>-…`.'),
  index: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,100}$/, { error: 'allowed: 1 to 100 letters, digits, _ and -' })
    .default('rapport-products')
    .describe('The name of its index.'),
});

const completedHits = 50;
const prefixCharsMax = 512;
const indexesMax = 1_000;
/** A fill that has not ended by then was abandoned by its process. */
const abandonedMs = 24 * 3_600_000;

export const traits = { live: false };

/** Search on a Meilisearch server, for catalogs that many gateways share. */
export async function open(
  { url, key, index: name }: z.output<typeof settings>,
  host: Host,
): Promise<SearchDriver & { close(): Promise<void> }> {
  const server = createSearchServer(url, key, host);
  const { reading, writing, available, searching, done } = server;
  await reading.health();
  let catalog: LiveCatalog | null = null;
  const synonyms = createLocaleSynonyms();

  async function ensure(uid: string): Promise<void> {
    await done(writing.createIndex(uid, { primaryKey: 'key' })).catch((error: unknown) => {
      if (!(error instanceof TaskRefused && error.message.includes('index_already_exists'))) throw error;
    });
  }

  /** Removes incomplete indexes of processes that are gone. */
  async function removeAbandoned(): Promise<void> {
    const { results } = await writing.getRawIndexes({ limit: indexesMax });
    for (const { uid, createdAt } of results) {
      const isFill = uid.startsWith(`${name}-`) && /^[0-9A-Z]{26}$/.test(uid.slice(name.length + 1));
      if (isFill && host.clock.nowMs() - Date.parse(createdAt) > abandonedMs)
        await done(writing.deleteIndex(uid));
    }
  }

  async function write(what: (writer: IndexWriter) => Promise<void>): Promise<void> {
    await available(async () => {
      const writer = createIndexWriter(server, name, host.clock.nowMs);
      await what(writer);
      await writer.finish();
    });
  }

  return {
    ...traits,
    connect(to) {
      catalog = to;
    },
    isFilled: () =>
      available(async () => {
        try {
          // Only a completed fill swaps in an index of this format. The catalog may have been empty.
          return isOurFormat(await reading.index(name).getSettings());
        } catch (error) {
          if (error instanceof MeilisearchApiError && error.cause?.code === 'index_not_found') return false;
          throw error;
        }
      }),
    count: () => available(async () => (await reading.index(name).getStats()).numberOfDocuments),
    fill: (documents) =>
      available(async () => {
        await ensure(name);
        await removeAbandoned();
        const nextName = `${name}-${host.ids.next()}`;
        await ensure(nextName);
        let count = 0;
        try {
          await done(writing.index(nextName).updateSettings(indexSettings));
          const writer = createIndexWriter(server, nextName, host.clock.nowMs);
          for await (const page of documents) {
            await writer.add(page);
            count += page.length;
          }
          await writer.finish().catch((error: unknown) => {
            if (!(error instanceof ProductsRefused)) throw error;
            host.log.error('the search server refused products', {
              productIds: error.productIds.slice(0, 20),
              err: describeError(error.cause),
            });
            count -= error.productIds.length;
          });
          await done(writing.swapIndexes([{ indexes: [name, nextName], rename: false }]));
        } finally {
          // After a swap this is the old index, after a failure the incomplete one.
          await done(writing.deleteIndex(nextName)).catch((error: unknown) =>
            host.log.warn('an unused index could not be removed', {
              index: nextName,
              err: describeError(error),
            }),
          );
        }
        return count;
      }),
    put: (documents) => write((writer) => writer.add(documents)),
    remove: (ids) => write((writer) => writer.remove(ids)),
    setSynonyms: synonyms.set,
    limitsOf: (synonym) => [
      ...synonymLimits(synonym, synonyms, variantsMax - 1),
      ...(synonym.kind === 'NEVER'
        ? [
            'the search server corrects words by itself: these may still be found for each other as misspellings',
          ]
        : []),
    ],
    search: (query) =>
      searching(query.signal, (init) =>
        searchOnServer(
          {
            client: reading,
            init,
            index: name,
            catalog: catalog!,
            synonyms: synonyms.of(query.locale),
            language: languageRules(languageOf(query.locale)),
          },
          query,
        ),
      ),
    complete: (prefix, options) =>
      available(async () => {
        const { hits } = await reading
          .index<IndexedProduct>(name)
          .search<IndexedProduct>(clean(prefix.slice(0, prefixCharsMax)), {
            limit: completedHits,
            filter: visibilityOf(options.changes),
            attributesToRetrieve: ['productId', 'title', 'brand', 'categories'],
          });
        return completionsOf(prefix, hits, options);
      }),
    check: () =>
      available(async () => {
        await reading.health();
      }),
    async close() {},
  };
}
