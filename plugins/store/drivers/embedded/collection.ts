import { RapportError } from '../../../../src/errors.js';
import type { Document, SkipDamaged } from '../../../../src/ports/store.js';
import type {
  ChangeListener,
  CollectionSchema,
  DriverCollection,
} from '../../../../src/ports/store-driver.js';
import { checkDocumentBytes, documentBytesMax } from '../../../../src/ports/store-driver.js';
import { isDamage } from './checksum.js';
import { findMerged } from './find.js';
import { createMemtable, documentOf, encodeEntries, type PendingWrite, removalOf } from './memtable.js';
import type { Target } from './target.js';
import type { Tree } from './tree.js';
import type { Unmoved } from './unmoved.js';
import { unavailable, type Writer } from './writer.js';

const callCharactersMax = 64 * 1024 * 1024;

/** One collection of the embedded store. Reads see the tree with the pending writes laid over it. */
export function createKeptCollection(
  tree: Tree,
  writer: Writer,
  listener: ChangeListener,
  unmoved: Unmoved | null,
): DriverCollection {
  const { schema } = tree;
  const memtable = createMemtable();
  const target: Target = { tree, memtable, listener, count: tree.count() };
  unmoved?.show(target);

  function read(id: string): Document | null {
    const write = memtable.get(id);
    return write ? documentOf(write) : tree.read(id);
  }

  return {
    getMany: (ids, skipDamaged) => reading(() => ids.map((id) => orSkipped(read, id, skipDamaged))),
    async put(documents) {
      const encoded = encodeAll(schema, documents);
      return writer.submit((batch) => {
        for (const write of encoded) batch.set(target, write, batch.has(target, write.id));
      });
    },
    async insert(documents) {
      const encoded = encodeAll(schema, documents);
      return writer.submit((batch) =>
        encoded.map((write) => {
          if (batch.has(target, write.id)) return false;
          batch.set(target, write, false);
          return true;
        }),
      );
    },
    update: (id, change, skipDamaged) =>
      writer.submit((batch) => {
        const current = orSkipped((id) => batch.read(target, id), id, skipDamaged);
        const existed = current !== null || (skipDamaged !== false && batch.has(target, id));
        const next = change(current);
        if (next === undefined) return current;
        if (next !== null) batch.set(target, encode(schema, next), existed);
        else if (existed) batch.set(target, removalOf(schema, id), true);
        return next;
      }),
    remove: (ids) =>
      writer.submit((batch) => {
        const there = ids.filter((id) => batch.has(target, id));
        for (const id of there) batch.set(target, removalOf(schema, id), true);
        return there.length;
      }),
    find: (range) => reading(() => findMerged(tree, memtable, range)),
    count: async () => target.count,
  };
}

function encodeAll(schema: CollectionSchema, documents: readonly Document[]): PendingWrite[] {
  let characters = 0;
  return documents.map((document) => {
    const encoded = encode(schema, document);
    characters += encoded.json!.length;
    if (characters > callCharactersMax) {
      throw new RapportError(
        'invalid',
        'STORE_BATCH_TOO_LARGE',
        `documents of more than ${callCharactersMax} characters in one call; write them in smaller ones`,
      );
    }
    return encoded;
  });
}

function encode(schema: CollectionSchema, document: Document): PendingWrite {
  const json = JSON.stringify(document);
  if (json.length * 3 > documentBytesMax) checkDocumentBytes(document.id, Buffer.byteLength(json));
  return { id: document.id, json, keys: encodeEntries(schema, document), document: undefined, absent: false };
}

/** null for a damaged document that is to be skipped. */
function orSkipped(
  read: (id: string) => Document | null,
  id: string,
  skipDamaged: SkipDamaged,
): Document | null {
  if (skipDamaged === false) return read(id);
  try {
    return read(id);
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (skipDamaged !== true) skipDamaged(id);
    return null;
  }
}

async function reading<T>(read: () => T): Promise<T> {
  try {
    return read();
  } catch (cause) {
    throw isDamage(cause) ? cause : unavailable(cause);
  }
}
