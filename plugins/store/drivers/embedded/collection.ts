import type { Document } from '../../../../src/ports/store.js';
import { checkDocumentBytes, documentBytesMax } from '../../bounds.js';
import type { DriverCollection, Written } from '../../driver.js';
import type { Tree } from './tree.js';
import { type Target, unavailable, type Writer } from './writer.js';

/** One collection of the embedded store: reads go to the tree, writes through the shared writer. */
export function createKeptCollection(
  tree: Tree,
  writer: Writer,
  written: (changes: readonly Written[]) => void,
): DriverCollection {
  const target: Target = { tree, written };
  return {
    async getMany(ids) {
      return reading(() => ids.map((id) => tree.read(id)));
    },
    put(documents) {
      const encoded = documents.map(encode);
      return writer.submit((batch) => {
        for (let i = 0; i < documents.length; i++) {
          batch.set(target, documents[i]!.id, documents[i]!, encoded[i]!);
        }
      });
    },
    insert(documents) {
      const encoded = documents.map(encode);
      return writer.submit((batch) =>
        documents.map((document, i) => {
          if (batch.has(target, document.id)) return false;
          batch.set(target, document.id, document, encoded[i]!);
          return true;
        }),
      );
    },
    update(id, change) {
      return writer.submit((batch) => {
        const current = batch.read(target, id);
        const next = change(current);
        if (next === undefined) return current;
        if (next !== null) batch.set(target, id, next, encode(next));
        else if (current !== null) batch.set(target, id, null, null);
        return next;
      });
    },
    remove(ids) {
      return writer.submit((batch) => {
        let removed = 0;
        for (const id of ids) {
          if (!batch.has(target, id)) continue;
          batch.set(target, id, null, null);
          removed++;
        }
        return removed;
      });
    },
    async find(range) {
      return reading(() => {
        const { ids, last } = tree.entries(range);
        const documents: Document[] = [];
        for (const id of ids) {
          const document = tree.read(id);
          if (document) documents.push(document);
        }
        return { documents, last };
      });
    },
    async count() {
      return reading(() => tree.count());
    },
  };
}

function encode(document: Document): string {
  const json = JSON.stringify(document);
  if (json.length * 3 > documentBytesMax) checkDocumentBytes(document.id, Buffer.byteLength(json));
  return json;
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unavailable(cause);
  }
}
