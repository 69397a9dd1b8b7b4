import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import { digestOf, readArrayFile, writeArrayFile } from '../../../../src/kit/array-file.js';
import type { Host } from '../../../../src/plugin.js';
import type { StoredEngine } from './engine.js';

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
        if (format === (await formatOf(language))) return stored as unknown as StoredTexts;
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
          format: await formatOf(language),
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

/** The folders of the code that reads texts and says how they are stored. */
const codeFolders = [import.meta.dirname, join(import.meta.dirname, '../../../../src/kit')];
let code: Promise<string> | null = null;

/** Identifies how this version reads texts: a digest of its code and of the stemmers' version. */
async function formatOf(language: string): Promise<string> {
  code ??= digestOfCode();
  return `${language} ${await code}`;
}

async function digestOfCode(): Promise<string> {
  const stemmers = dirname(createRequire(import.meta.url).resolve('@orama/stemmers/english'));
  const files = [join(stemmers, '../package.json')];
  for (const folder of codeFolders) {
    const entries = await readdir(folder, { recursive: true });
    files.push(...entries.filter((name) => /\.[jt]s$/.test(name)).map((name) => join(folder, name)));
  }
  return digestOf(await Promise.all(files.sort().map((file) => readFile(file, 'utf8'))));
}
