import { MeilisearchApiError } from 'meilisearch';
import { ProductsRefused, type SearchDocument } from '../../../../src/ports/search-driver.js';
import { indexed, keyOf } from './documents.js';
import { type SearchServer, TaskRefused } from './server.js';

const batchMax = 1_000;
/** The size of a request; by default the server accepts 100 MB. */
const batchCharsMax = 8_000_000;
/** Requests whose tasks are not done yet; the server batches several tasks. */
const waitingMax = 8;

/** Writes documents to an index in batches, each followed until its task is done. */
export interface IndexWriter {
  /** Adds documents; may wait until earlier requests are done. Rejects once one of them has failed. */
  add(documents: readonly SearchDocument[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Resolves when everything is searchable. Rejects with the first failure, or `ProductsRefused` if only some products were refused. */
  finish(): Promise<void>;
}

interface Line {
  readonly id: string;
  readonly text: string;
}

/** By default, proxies refuse larger requests, with a response that the client cannot parse. */
const proxyCharsMax = 1_000_000;

/** Returns whether a request was refused for its size: by the server (413), or probably by a proxy. */
function isTooLarge(error: unknown, chars: number, lines: number): boolean {
  if (error instanceof MeilisearchApiError) return error.response.status === 413;
  return error instanceof SyntaxError && lines > 1 && chars > proxyCharsMax;
}

/** Prices of sales are written as they hold at the moment of `nowMs`. */
export function createIndexWriter(server: SearchServer, uid: string, nowMs: () => number): IndexWriter {
  const index = server.writing.index(uid);
  const waiting = new Set<Promise<void>>();
  const refused: string[] = [];
  let refusal: unknown = null;
  let failure: unknown = null;

  async function send(lines: readonly Line[]): Promise<void> {
    try {
      const text = lines.map(({ text }) => text).join('\n');
      await server.done(index.addDocumentsFromString(text, 'application/x-ndjson'));
    } catch (error) {
      const chars = lines.reduce((sum, { text }) => sum + text.length, 0);
      if (!(error instanceof TaskRefused) && !isTooLarge(error, chars, lines.length)) throw error;
      if (lines.length === 1) {
        refused.push(lines[0]!.id);
        refusal = error;
        return;
      }
      // Either one of the products is refused, or they are too large together.
      const half = lines.length >> 1;
      await send(lines.slice(0, half));
      await send(lines.slice(half));
    }
  }

  async function start(work: () => Promise<void>): Promise<void> {
    while (waiting.size >= waitingMax) await Promise.race(waiting);
    if (failure !== null) throw failure;
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => waiting.delete(running));
    waiting.add(running);
  }

  return {
    async add(documents) {
      let lines: Line[] = [];
      let chars = 0;
      for (const document of documents) {
        const line = { id: document.product.id, text: JSON.stringify(indexed(document, nowMs())) };
        if (lines.length > 0 && (lines.length >= batchMax || chars + line.text.length > batchCharsMax)) {
          const batch = lines;
          await start(() => send(batch));
          lines = [];
          chars = 0;
        }
        lines.push(line);
        chars += line.text.length;
      }
      if (lines.length > 0) await start(() => send(lines));
    },
    async remove(ids) {
      if (ids.length > 0) await start(() => server.done(index.deleteDocuments(ids.map(keyOf))));
    },
    async finish() {
      while (waiting.size > 0) await Promise.race(waiting);
      if (failure !== null) throw failure;
      if (refused.length > 0) throw new ProductsRefused(refused, refusal);
    },
  };
}
