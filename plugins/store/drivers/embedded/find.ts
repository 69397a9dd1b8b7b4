import type { Document } from '../../../../src/ports/store.js';
import type { Index, Range, RangePage } from '../../../../src/ports/store-driver.js';
import { documentDamaged } from './checksum.js';
import { idKey, inRange, type Key, keyRange, readEntry } from './keys.js';
import { documentOf, type Memtable, type PendingWrite } from './memtable.js';
import type { Step, Tree } from './tree.js';

interface Pending extends Step {
  readonly write: PendingWrite;
}

/** A page of a range as it reads with the pending writes laid over the tree. */
export function findMerged(tree: Tree, memtable: Memtable, range: Range): RangePage {
  const { index } = range;
  if (!index)
    return page(tree, memtable, range, tree.walkIds(range.after?.id ?? null), pendingIds(memtable, range));
  const keys = keyRange(range);
  if (!keys) return { documents: [], last: null };
  const pending: Pending[] = [];
  const place = tree.schema.indexes.findIndex(({ name }) => name === index.name);
  for (const write of memtable.candidates(place, range.equals)) {
    for (const key of write.keys[place]!) {
      if (inRange(key, keys)) pending.push({ key, id: write.id, write });
    }
  }
  return page(tree, memtable, range, tree.walk(index, keys), pending);
}

function pendingIds(memtable: Memtable, { after }: Range): Pending[] {
  const behind = after === null ? null : idKey(after.id);
  const pending: Pending[] = [];
  for (const write of memtable.values()) {
    if (write.json === null) continue;
    const key = idKey(write.id);
    if (behind === null || key > behind) pending.push({ key, id: write.id, write });
  }
  return pending;
}

function page(
  tree: Tree,
  memtable: Memtable,
  { index, descending, limit, skipDamaged }: Range,
  stored: Iterable<Step>,
  pending: Pending[],
): RangePage {
  const comesBefore = descending ? (a: Key, b: Key) => a > b : (a: Key, b: Key) => a < b;
  pending.sort((a, b) => (comesBefore(a.key, b.key) ? -1 : 1));
  const documents: Document[] = [];
  let next = 0;
  let lastKey: Key | null = null;

  /** Adds the pending ones that come before a key, or (null) all. Answers whether there is room left. */
  function addPending(before: Key | null): boolean {
    for (; next < pending.length; next++) {
      const { key, write } = pending[next]!;
      if (before !== null && comesBefore(before, key)) return true;
      if (documents.length === limit) return false;
      documents.push(documentOf(write)!);
      lastKey = key;
    }
    return true;
  }

  let complete = true;
  for (const step of stored) {
    const { key, id } = step;
    if (memtable.get(id)) continue;
    complete = addPending(key) && documents.length < limit;
    if (!complete) break;
    const document = tree.readStep(step);
    if (!document && !skipDamaged) throw documentDamaged(tree.schema.name, id);
    if (!document) {
      if (typeof skipDamaged === 'function') skipDamaged(id);
      continue;
    }
    documents.push(document);
    lastKey = key;
  }
  complete &&= addPending(null);
  return { documents, last: complete || !lastKey ? null : positionOf(index, lastKey, documents) };
}

function positionOf(index: Index | null, key: Key, documents: readonly Document[]) {
  return index ? readEntry(key, index.fields.length) : { values: [], id: documents.at(-1)!.id };
}
