import type { Database, RootDatabase } from 'lmdb';
import type { Document } from '../../../../src/ports/store.js';
import type { Index, Layout } from '../../driver.js';
import { entryId, entryKeys, type KeyRange } from './keys.js';
import type { PendingWrite } from './overlay.js';

const buildBatch = 2_000;
const nothing = Buffer.alloc(0);
const keyEncoder = {
  writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
  readKey: (source: Buffer, start: number, end: number) => source.toString('utf8', start, end),
};

/** An entry on the way through an index, or through the ids. */
export interface Step {
  readonly key: Buffer;
  readonly id: string;
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
  const documents = root.openDB<string, string>({
    name: layout.name,
    encoding: 'string',
    keyEncoder,
  } as { name: string });
  const indexes = layout.indexes.map((index) => ({
    index,
    entries: root.openDB<Buffer, Buffer>({
      name: `${layout.name}/${index.name}`,
      encoding: 'binary',
      keyEncoding: 'binary',
    }),
  }));

  function read(id: string): Document | null {
    const json = documents.get(id);
    return json === undefined ? null : (JSON.parse(json) as Document);
  }

  async function build(index: Index, entries: Database<Buffer, Buffer>): Promise<void> {
    const key = `index ${layout.name}/${index.name}`;
    const declared = JSON.stringify(index.fields);
    if (meta.get(key) === declared) return;
    await commit(() => {
      meta.remove(key);
      entries.clearAsync();
    });
    let after: string | null = null;
    for (;;) {
      const ids: string[] = [
        ...documents.getKeys({ start: after ?? '\u0000', exclusiveStart: after !== null, limit: buildBatch }),
      ];
      await commit(() => {
        for (const id of ids) for (const entry of entryKeys(index, read(id)!)) entries.put(entry, nothing);
        if (ids.length < buildBatch) meta.put(key, declared);
      });
      if (ids.length < buildBatch) return;
      after = ids.at(-1)!;
    }
  }

  for (const { index, entries } of indexes) await build(index, entries);

  return {
    layout,
    read,
    has: (id) => documents.doesExist(id),
    count: () => (documents.getStats() as { readonly entryCount: number }).entryCount,
    walkIds: (after) =>
      documents
        .getKeys({ start: after ?? '\u0000', exclusiveStart: after !== null })
        .map((id) => ({ key: Buffer.from(id), id })),
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

function replaceEntries(
  entries: Database<Buffer, Buffer>,
  stale: readonly Buffer[],
  fresh: readonly Buffer[],
): void {
  for (const key of stale) if (!fresh.some((other) => other.equals(key))) entries.remove(key);
  for (const key of fresh) if (!stale.some((other) => other.equals(key))) entries.put(key, nothing);
}
