import { join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import type { Product } from '../../../../src/ports/catalog.js';
import { createEngine, type Engine, type StoredEngine } from './engine.js';
import { knowledgeOf } from './language.js';
import { digestOf, readSnapshot, writeSnapshot } from './snapshot-file.js';

/**
 * Keeps what was read from products' texts in a file, so that the next start reads only what has changed: reading texts is most of
 * the work of filling an index. A file that another version, or another language, wrote is left aside.
 */
export interface Snapshots {
  /** null without one that fits. Never rejects. */
  read(): Promise<StoredTexts | null>;
  /** Never rejects: without it the next start only takes longer. */
  write(texts: StoredTexts): Promise<void>;
}

export interface StoredTexts {
  readonly engine: StoredEngine;
  /** How many texts were replaced or removed since all were read: statistics count them still. */
  readonly worn: number;
}

export function createSnapshots(language: string, host: Host, pause: () => Promise<void>): Snapshots {
  const path = join(host.dataDir, 'search', 'texts');
  return {
    async read() {
      try {
        const stored = await readSnapshot(path, pause);
        if (stored === null) return null;
        const form = typeof stored === 'object' && 'form' in stored ? stored.form : null;
        if (form === formOf(language)) return stored as unknown as StoredTexts;
        throw new Error('another version or another language wrote it');
      } catch (error) {
        host.log.warn('the stored texts of the search index are discarded; all are read anew', {
          file: path,
          err: describeError(error),
        });
        return null;
      }
    },
    async write({ engine, worn }) {
      const startedMs = host.clock.nowMs();
      try {
        const bytes = await writeSnapshot(path, `${path}-${host.ids.next()}`, {
          form: formOf(language),
          worn,
          engine,
        });
        host.log.debug('the texts of the search index were stored', {
          bytes,
          ms: host.clock.nowMs() - startedMs,
        });
      } catch (error) {
        host.log.warn('the texts of the search index could not be stored; the next start reads all anew', {
          err: describeError(error),
        });
      }
    },
  };
}

/** By language. */
const forms = new Map<string, string>();

/** Of everything that decides how texts are read: what comes of a sample in this version. */
function formOf(language: string): string {
  const known = forms.get(language);
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
    const { stopWords, forWords } = knowledgeOf(known);
    return [...stopWords, '', ...forWords, ''];
  });
  const form = `${language} ${digestOf([words, savedAtOnce(engine)])}`;
  forms.set(language, form);
  return form;
}

function savedAtOnce(engine: Engine): StoredEngine {
  const saving = engine.save();
  for (;;) {
    const { done, value } = saving.next();
    if (done) return value!;
  }
}

/** Words in all the ways in which texts write them. */
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
