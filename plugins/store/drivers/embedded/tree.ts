import type { Database, RootDatabase } from 'lmdb';
import type { Document } from '../../../../src/ports/store.js';
import type { CollectionSchema, Index } from '../../../../src/ports/store-driver.js';
import { documentDamaged, isDamage, isUnsealed, readDocument, seal, seedOf } from './checksum.js';
import type { DamageReport } from './damage.js';
import type { StoredSchema } from './inspect.js';
import { entryId, entryKeys, idKey, type Key, type KeyRange } from './keys.js';
import type { PendingWrite } from './memtable.js';

const buildBatch = 2_000;
const nothing = Buffer.alloc(0);
/** Shorter keys of ASCII are written faster character by character than by a call into native code. */
const shortKey = 48;
const idEncoder = createEncoder('utf8');
const keyEncoder = createEncoder('latin1');

function createEncoder(encoding: 'utf8' | 'latin1') {
  return {
    // lmdb clears a tree with an empty Buffer for a key.
    writeKey(key: Key | Buffer, target: Buffer, start: number): number {
      if (typeof key !== 'string') return start;
      if (key.length < shortKey) {
        let at = 0;
        for (; at < key.length; at++) {
          const code = key.charCodeAt(at);
          if (code > 127) break;
          target[start + at] = code;
        }
        if (at === key.length) return start + at;
      }
      return start + target.write(key, start, encoding);
    },
    readKey: (source: Buffer, start: number, end: number) => source.toString(encoding, start, end),
  };
}

/** An entry on the way through an index, or through the ids. */
export interface Step {
  readonly key: Key;
  readonly id: string;
  /** The document as it is stored, where it was passed on the way. */
  readonly stored?: string;
}

/** The documents of one collection in LMDB, as JSON with a checksum under their ids, and beside them one tree an index. */
export interface Tree {
  readonly schema: CollectionSchema;
  /** Throws `STORE_DAMAGED`. */
  read(id: string): Document | null;
  /** The document of a step; null when it is damaged or missing, which is reported. */
  readStep(step: Step): Document | null;
  has(id: string): boolean;
  count(): number;
  /** Lazily, in order. */
  walkIds(after: string | null): Iterable<Step>;
  walk(index: Index, range: KeyRange): Iterable<Step>;
  /** To be called within a commit. */
  write(write: PendingWrite): void;
}

/** The parts of the environment that a tree uses. */
interface TreeEnvironment {
  readonly damage: DamageReport;
  root(): RootDatabase<string, string>;
  bind(open: () => void): void;
  schemaOf(name: string): StoredSchema | null;
  writeSchema(schema: CollectionSchema): void;
  unsealedNote(key: string): string | undefined;
  commit(write: () => void): Promise<void>;
}

interface Handles {
  readonly documents: Database<string, string>;
  readonly indexes: readonly { readonly index: Index; readonly entries: Database<Buffer, Key> }[];
}

/** Opens the trees; an index that is new, or declared differently than before, is built first. */
export async function openTree(
  environment: TreeEnvironment,
  schema: CollectionSchema,
  rebuild: readonly string[],
): Promise<Tree> {
  const { damage } = environment;
  const seed = seedOf(schema.name);
  const before = environment.schemaOf(schema.name);
  let handles!: Handles;
  environment.bind(() => {
    handles = openHandles(environment, schema);
  });

  function decode(id: string, stored: string): Document {
    if (unsealed && isUnsealed(stored)) return JSON.parse(stored) as Document;
    return readDocument(schema.name, seed, id, stored);
  }

  function read(id: string): Document | null {
    const stored = handles.documents.get(id);
    if (stored === undefined) return null;
    try {
      return decode(id, stored);
    } catch (error) {
      damage.add(schema.name, id);
      throw isDamage(error) ? error : documentDamaged(schema.name, id);
    }
  }

  function readWhole(id: string): Document | null {
    try {
      return read(id);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return null;
    }
  }

  /** Calls back for all ids, some at a time within a commit. */
  async function inBatches(run: (ids: readonly string[]) => void): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const ids: string[] = [
        ...handles.documents.getKeys({
          start: after ?? '\u0000',
          exclusiveStart: after !== null,
          limit: buildBatch,
        }),
      ];
      await environment.commit(() => run(ids));
      if (ids.length < buildBatch) return;
      after = ids.at(-1)!;
    }
  }

  async function build({ index, entries }: Handles['indexes'][number]): Promise<void> {
    await environment.commit(() => entries.clearAsync());
    await inBatches((ids) => {
      for (const id of ids) {
        const document = readWhole(id);
        if (document) for (const entry of entryKeys(index, document)) entries.put(entry, nothing);
      }
    });
  }

  /** Gives every document of an earlier release its checksum. */
  async function sealAll(): Promise<void> {
    await inBatches((ids) => {
      for (const id of ids) {
        const stored = handles.documents.get(id);
        if (stored !== undefined && isUnsealed(stored)) handles.documents.put(id, seal(seed, stored));
      }
    });
  }

  /** The entries that a document which cannot be read has left in an index. */
  function staleEntries({ index, entries }: Handles['indexes'][number], id: string): Key[] {
    return [...entries.getKeys().filter((key) => entryId(key, index.fields.length) === id)];
  }

  let unsealed = before !== null && !before.sealed;
  if (unsealed) {
    await sealAll();
    unsealed = false;
  }
  for (const handle of handles.indexes) {
    const { name, fields } = handle.index;
    const built = before?.schema.indexes.find((index) => index.name === name);
    if ((before && String(built?.fields) !== String(fields)) || rebuild.includes(name)) await build(handle);
  }
  if (!before?.sealed || JSON.stringify(before.schema) !== JSON.stringify(schema)) {
    await environment.commit(() => environment.writeSchema(schema));
  }

  return {
    schema,
    read,
    readStep({ id, stored }) {
      if (stored === undefined) {
        const document = readWhole(id);
        if (!document) damage.add(schema.name, id);
        return document;
      }
      try {
        return decode(id, stored);
      } catch {
        damage.add(schema.name, id);
        return null;
      }
    },
    has: (id) => handles.documents.doesExist(id),
    count: () => (handles.documents.getStats() as { readonly entryCount: number }).entryCount,
    walkIds: (after) =>
      handles.documents
        .getRange({ start: after ?? '\u0000', exclusiveStart: after !== null })
        .map(({ key, value }) => ({ key: idKey(key), id: key, stored: value })),
    walk(index, { low, high, behindStart, descending }) {
      const { entries } = handles.indexes.find((opened) => opened.index.name === index.name)!;
      return entries
        .getKeys({
          start: descending ? high : low,
          end: descending ? low : high,
          exclusiveStart: behindStart,
          inclusiveEnd: descending,
          reverse: descending,
        })
        .map((key) => ({ key, id: entryId(key, index.fields.length) }));
    },
    write({ id, json, keys, absent }) {
      const stored = absent ? undefined : handles.documents.get(id);
      const before = stored === undefined ? null : readWhole(id);
      const isDamaged = stored !== undefined && before === null;
      if (isDamaged) damage.clear(schema.name, id);
      if (json !== null) handles.documents.put(id, seal(seed, json));
      else if (stored !== undefined) handles.documents.remove(id);
      handles.indexes.forEach((handle, i) => {
        const stale = isDamaged ? staleEntries(handle, id) : before ? entryKeys(handle.index, before) : [];
        replaceEntries(handle.entries, stale, keys[i]!);
      });
    },
  };
}

function openHandles(environment: TreeEnvironment, schema: CollectionSchema): Handles {
  const root = environment.root();
  // Trees that are new need a transaction; one for all of them.
  return root.transactionSync(() => ({
    documents: root.openDB<string, string>({
      name: schema.name,
      encoding: 'string',
      keyEncoder: idEncoder,
    } as { name: string }),
    indexes: schema.indexes.map((index) => ({
      index,
      entries: root.openDB<Buffer, Key>({
        name: `${schema.name}/${index.name}`,
        encoding: 'binary',
        keyEncoder,
      } as { name: string }),
    })),
  }));
}

function replaceEntries(entries: Database<Buffer, Key>, stale: readonly Key[], fresh: readonly Key[]): void {
  for (const key of stale) if (!fresh.includes(key)) entries.remove(key);
  for (const key of fresh) if (!stale.includes(key)) entries.put(key, nothing);
}
