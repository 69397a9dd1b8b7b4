import type { Database, RootDatabase } from 'lmdb';
import type { Document, IndexValue } from '../../../../src/ports/store.js';
import type { Index, Layout, Position, Range } from '../../driver.js';
import { entryId, entryKey, rangeKeys, readEntry } from './keys.js';

const buildBatch = 2_000;
const nothing = Buffer.alloc(0);
const keyEncoder = {
  writeKey: (key: string, target: Buffer, start: number) => start + target.write(key, start, 'utf8'),
  readKey: (source: Buffer, start: number, end: number) => source.toString('utf8', start, end),
};

export interface Entries {
  readonly ids: string[];
  readonly last: Position | null;
}

/** The documents of one collection, as JSON under their ids, and beside them one ordered tree an index. */
export interface Tree {
  readonly layout: Layout;
  read(id: string): Document | null;
  has(id: string): boolean;
  count(): number;
  /** The ids of a range in its order, and where it stopped if it goes on. */
  entries(range: Range): Entries;
  /** To be called within a commit. `json` null removes. `before` is what is stored now. */
  write(id: string, before: Document | null, after: Document | null, json: string | null): void;
}

export async function createTree(
  root: RootDatabase<string, string>,
  meta: Database<string, string>,
  layout: Layout,
  commit: (write: () => void) => Promise<void>,
): Promise<Tree> {
  const documents = root.openDB<string, string>({ name: layout.name, encoding: 'string', keyEncoder } as {
    name: string;
  });
  const indexes = layout.indexes.map((index) => ({
    index,
    entries: root.openDB<Buffer, Buffer>({
      name: `${layout.name}/${index.name}`,
      encoding: 'binary',
      keyEncoding: 'binary',
    }),
  }));
  type Opened = (typeof indexes)[number];

  function read(id: string): Document | null {
    const json = documents.get(id);
    return json === undefined ? null : (JSON.parse(json) as Document);
  }

  async function build({ index, entries }: Opened): Promise<void> {
    const key = `index ${layout.name}/${index.name}`;
    const declared = JSON.stringify(index.fields);
    if (meta.get(key) === declared) return;
    await commit(() => {
      meta.remove(key);
      entries.clearAsync();
    });
    let after: string | null = null;
    for (;;) {
      const ids = idsFrom(after, buildBatch);
      await commit(() => {
        for (const id of ids) {
          for (const entry of entryKeys(index, read(id)!)) entries.put(entry, nothing);
        }
        if (ids.length < buildBatch) meta.put(key, declared);
      });
      if (ids.length < buildBatch) return;
      after = ids.at(-1)!;
    }
  }

  function idsFrom(after: string | null, limit: number): string[] {
    return [...documents.getKeys({ start: after ?? '\u0000', exclusiveStart: after !== null, limit })];
  }

  for (const opened of indexes) await build(opened);

  return {
    layout,
    read,
    has: (id) => documents.doesExist(id),
    count: () => (documents.getStats() as { entryCount: number }).entryCount,
    entries(range) {
      if (!range.index) {
        const ids = idsFrom(range.after?.id ?? null, range.limit + 1);
        if (ids.length <= range.limit) return { ids, last: null };
        ids.pop();
        return { ids, last: { values: [], id: ids.at(-1)! } };
      }
      const { entries } = indexes.find(({ index }) => index.name === range.index!.name)!;
      return readEntries(entries, range, range.index.fields.length);
    },
    write(id, before, after, json) {
      if (json === null) documents.remove(id);
      else documents.put(id, json);
      for (const { index, entries } of indexes) writeEntries(entries, index, before, after);
    },
  };
}

function readEntries(entries: Database<Buffer, Buffer>, range: Range, fields: number): Entries {
  const nowhere: Entries = { ids: [], last: null };
  let { low, high } = rangeKeys(range);
  let behind = false;
  if (range.after) {
    const after = entryKey(range.after.values, range.after.id);
    if (range.descending && after.compare(high) < 0) [high, behind] = [after, true];
    else if (!range.descending && after.compare(low) >= 0) [low, behind] = [after, true];
    if (low.compare(high) >= 0) return nowhere;
  }
  const keys = [
    ...entries.getKeys({
      start: range.descending ? high : low,
      end: range.descending ? low : high,
      exclusiveStart: behind,
      inclusiveEnd: range.descending,
      reverse: range.descending,
      limit: range.limit + 1,
    }),
  ];
  const more = keys.length > range.limit;
  if (more) keys.pop();
  return {
    ids: keys.map((key) => entryId(key, fields)),
    last: more ? readEntry(keys.at(-1)!, fields) : null,
  };
}

function writeEntries(
  entries: Database<Buffer, Buffer>,
  index: Index,
  before: Document | null,
  after: Document | null,
): void {
  if (!before) {
    if (after) for (const key of entryKeys(index, after)) entries.put(key, nothing);
    return;
  }
  const stale = entryKeys(index, before);
  const fresh = after ? entryKeys(index, after) : [];
  for (const key of stale) if (!fresh.some((other) => other.equals(key))) entries.remove(key);
  for (const key of fresh) if (!stale.some((other) => other.equals(key))) entries.put(key, nothing);
}

export function entryKeys(index: Index, document: Document): Buffer[] {
  const fields = document as unknown as Readonly<Record<string, unknown>>;
  let many: readonly string[] | null = null;
  let place = 0;
  const values = index.fields.map((field, i): IndexValue => {
    const value = fields[field];
    if (!Array.isArray(value)) return (value ?? null) as IndexValue;
    many = value as readonly string[];
    place = i;
    return null;
  });
  if (many === null) return [entryKey(values, document.id)];
  return [...new Set(many as readonly string[])].map((value) => {
    values[place] = value;
    return entryKey(values, document.id);
  });
}
