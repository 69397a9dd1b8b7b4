import { join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import { digestOf, readArrayFile, writeArrayFile } from '../../../../src/kit/array-file.js';
import { runNow } from '../../../../src/kit/slices.js';
import type { Host } from '../../../../src/plugin.js';
import type { Product } from '../../../../src/ports/catalog.js';
import { createEngine, type StoredEngine } from './engine.js';
import { languageRules } from './tokens/language.js';

/**
 * Saves the tokenized texts of products in a file, so that the next start tokenizes only what has changed: that is most of the work of
 * filling an index. A file of another version or language is discarded.
 */
export interface Snapshots {
  /** null if there is none for this version and language. Never rejects. */
  read(): Promise<StoredTexts | null>;
  /** Never rejects, since without a file the next start only takes longer. */
  write(texts: StoredTexts): Promise<void>;
}

export type StoredTexts = {
  readonly engine: StoredEngine;
  /** The number of texts that were replaced or removed since all were read. Statistics still count them. */
  readonly stale: number;
};

export function createSnapshots(language: string, host: Host, pause: () => Promise<void>): Snapshots {
  const path = join(host.dataDir, 'search', 'texts');
  return {
    async read() {
      try {
        const stored = await readArrayFile(path, pause);
        if (stored === null) return null;
        const format = typeof stored === 'object' && 'format' in stored ? stored.format : null;
        if (format === formatOf(language)) return stored as unknown as StoredTexts;
        throw new Error('the snapshot is of another version or language');
      } catch (error) {
        host.log.warn('the snapshot of the search index was discarded; all texts are read again', {
          file: path,
          err: describeError(error),
        });
        return null;
      }
    },
    async write({ engine, stale }) {
      const startedMs = host.clock.nowMs();
      try {
        const bytes = await writeArrayFile(path, `${path}-${host.ids.next()}`, {
          format: formatOf(language),
          stale,
          engine,
        });
        host.log.debug('the snapshot of the search index was written', {
          bytes,
          ms: host.clock.nowMs() - startedMs,
        });
      } catch (error) {
        host.log.warn(
          'the snapshot of the search index could not be written; the next start reads all texts again',
          {
            err: describeError(error),
          },
        );
      }
    },
  };
}

/** By language. */
const formats = new Map<string, string>();

/** Identifies how this version reads texts: a digest of the index of a sample. */
function formatOf(language: string): string {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const engine = createEngine(
    { language },
    { inStock: () => true, lineage: () => [], categoryName: (id) => id },
  );
  engine.put({
    product: sample,
    categories: [{ id: 'c', name: 'Cable covers', parentId: null, translations: {} }],
    stock: {},
  });
  engine.settle();
  const words = [language, ...Object.keys(sample.translations)].flatMap((known) => {
    const { stopWords, purposeWords } = languageRules(known);
    return [...stopWords, '', ...purposeWords, ''];
  });
  const format = `${language} ${digestOf([words, runNow(engine.save())!])}`;
  formats.set(language, format);
  return format;
}

/** Words in every spelling that the tokenizer treats apart. */
const text =
  'Café "Grande" 15,6" dv7-1211ea USB3.0 cables/adapters for children\'s laptops (2.50 kg), 機械式キーボード, houses Häuser';

const sample: Product = {
  id: 's',
  sku: 'AB-12/x',
  version: null,
  status: 'ACTIVE',
  title: text,
  description: `${text} with ${text}`,
  brand: 'Acme & Söhne',
  categoryIds: ['c'],
  prices: [],
  options: [{ name: 'size', values: ['XL'] }],
  attributes: [
    { name: 'colour', value: 'dark red' },
    { name: 'product type', value: 'keyboard cover' },
    { name: 'water_proof', value: true },
  ],
  media: [],
  sellers: [],
  translations: Object.fromEntries(
    ['de', 'fr', 'es', 'pt', 'it', 'nl', 'ja'].map((known) => [known, { title: text, description: text }]),
  ),
  speakable: true,
  createdAtMs: 0,
  updatedAtMs: 0,
};
