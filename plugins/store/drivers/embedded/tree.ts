import type { Database, RootDatabase } from 'lmdb';
import type { Document } from '../../../../src/ports/store.js';
import type { Index, Layout } from '../../driver.js';
import { entryId, entryKeys, idKey, type Key, type KeyRange } from './keys.js';
import type { PendingWrite } from './overlay.js';

const buildBatch = 2_000;
const nothing = Buffer.alloc(0);
const idEncoder = createEncoder('utf8');
const keyEncoder = createEncoder('latin1');

function createEncoder(encoding: 'utf8' | 'latin1') {
  return {
    // lmdb clears a tree with an empty Buffer for a key.
    writeKey: (key: Key | Buffer, target: Buffer, start: number) =>
      typeof key === 'string' ? start + target.write(key, start, encoding) : start,
    readKey: (source: Buffer, start: number, end: number) => source.toString(encoding, start, end),
  };
}

/** An entry on the way through an index, or through the ids. */
export interface Step {
  readonly key: Key;
  readonly id: string;
  /** The document, where it was passed on the way. */
  readonly json?: string;
}

/** The documents of one collection in LMDB, as JSON under their ids, and beside them one tree an index. */
export interface Tree {
  readonly layout: Layout;
  read(id: string): Document | null;
  has(id: string): boolean;
  count(): number;
  /** Lazily, in order. */
  walkIds(after: string | null): Iterable<Step>;
  walk(index: Index, range: KeyRange): Iterable<Step>;
  /** To be called within a commit. */
  write(write: PendingWrite): void;
}

/** Opens the trees; an index that is new, or declared differently than before, is built first. */
export async function openTree(
  root: RootDatabase<string, string>,
  meta: Database<string, string>,
  layout: Layout,
  commit: (write: () => void) => Promise<void>,
): Promise<Tree> {
  // Trees that are new need a transaction; one for all of them.
  const { documents, indexes } = root.transactionSync(() => ({
    documents: root.openDB<string, string>({
      name: layout.name,
      encoding: 'string',
      keyEncoder: idEncoder,
    } as { name: string }),
    indexes: layout.indexes.map((index) => ({
      index,
      entries: root.openDB<Buffer, Key>({
        name: `${layout.name}/${index.name}`,
        encoding: 'binary',
        keyEncoder,
      } as { name: string }),
    })),
  }));

  function read(id: string): Document | null {
    const json = documents.get(id);
    return json === undefined ? null : (JSON.parse(json) as Document);
  }

  async function build(index: Index, entries: Database<Buffer, Key>): Promise<void> {
    await commit(() => entries.clearAsync());
    let after: string | null = null;
    for (;;) {
      const ids: string[] = [
        ...documents.getKeys({ start: after ?? '\u0000', exclusiveStart: after !== null, limit: buildBatch }),
      ];
      await commit(() => {
        for (const id of ids) for (const entry of entryKeys(index, read(id)!)) entries.put(entry, nothing);
      });
      if (ids.length < buildBatch) return;
      after = ids.at(-1)!;
    }
  }

  const key = `layout ${layout.name}`;
  const before = readLayout(meta, layout.name);
  for (const { index, entries } of indexes) {
    const built = before?.indexes.find(({ name }) => name === index.name);
    if (before && String(built?.fields) !== String(index.fields)) await build(index, entries);
  }
  if (meta.get(key) !== JSON.stringify(layout))
    await commit(() => void meta.put(key, JSON.stringify(layout)));

  return {
    layout,
    read,
    has: (id) => documents.doesExist(id),
    count: () => (documents.getStats() as { readonly entryCount: number }).entryCount,
    walkIds: (after) =>
      documents
        .getRange({ start: after ?? '\u0000', exclusiveStart: after !== null })
        .map(({ key, value }) => ({ key: idKey(key), id: key, json: value })),
    walk(index, { low, high, behindStart, descending }) {
      const { entries } = indexes.find((opened) => opened.index.name === index.name)!;
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
      const before = absent ? null : read(id);
      if (json !== null) documents.put(id, json);
      else if (before) documents.remove(id);
      for (let i = 0; i < indexes.length; i++) {
        const { index, entries } = indexes[i]!;
        replaceEntries(entries, before ? entryKeys(index, before) : [], keys[i]!);
      }
    },
  };
}

/** A collection as it was when it was opened last; null: never. */
export function readLayout(meta: Database<string, string>, name: string): Layout | null {
  const text = meta.get(`layout ${name}`);
  return text === undefined ? null : (JSON.parse(text) as Layout);
}

function replaceEntries(entries: Database<Buffer, Key>, stale: readonly Key[], fresh: readonly Key[]): void {
  for (const key of stale) if (!fresh.includes(key)) entries.remove(key);
  for (const key of fresh) if (!stale.includes(key)) entries.put(key, nothing);
}
