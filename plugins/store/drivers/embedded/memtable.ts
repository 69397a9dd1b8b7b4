import { freezeJson } from '../../../../src/kit/deep-freeze.js';
import type { Document, IndexValue } from '../../../../src/ports/store.js';
import type { CollectionSchema } from '../../../../src/ports/store-driver.js';
import { entryKeys, firstPart, firstPartOf, type Key } from './keys.js';

/**
 * A document on its way into its tree, encoded as it was handed in: its owner may do with it what they like. While it
 * is pending it is in the log, and readers find it in the memtable.
 */
export interface PendingWrite {
  readonly id: string;
  /** null: removed. */
  readonly json: string | null;
  /** Its entries, for each index of the schema. */
  readonly keys: readonly (readonly Key[])[];
  /** Decoded when it is first asked for. */
  document: Document | null | undefined;
  /** The tree is known to hold nothing under this id. */
  absent: boolean;
}

export function encodeEntries(schema: CollectionSchema, document: Document): readonly (readonly Key[])[] {
  return schema.indexes.map((index) => entryKeys(index, document));
}

export function removalOf(schema: CollectionSchema, id: string): PendingWrite {
  return { id, json: null, keys: schema.indexes.map(() => []), document: null, absent: false };
}

export function documentOf(write: PendingWrite): Document | null {
  // Handed to several readers, so none may change it.
  if (write.document === undefined) write.document = freezeJson(JSON.parse(write.json!) as Document);
  return write.document;
}

/** The pending writes of one collection, as every reader has to see them. */
export interface Memtable {
  get(id: string): PendingWrite | undefined;
  set(write: PendingWrite): void;
  values(): Iterable<PendingWrite>;
  size(): number;
  /** These have reached the tree; newer writes of the same ids stay. */
  drop(writes: readonly PendingWrite[]): void;
  /** At least those whose entries in the n-th index begin with these values. */
  candidates(index: number, equals: readonly IndexValue[]): Iterable<PendingWrite>;
}

/** Writes by the first value of an index, made only of indexes that are asked, and of each write once. */
interface Buckets {
  readonly byFirst: Map<Key, PendingWrite[]>;
  /** How many of `order` are in it. */
  filled: number;
}

export function createMemtable(): Memtable {
  const writes = new Map<string, PendingWrite>();
  /** Every write since the last drop, superseded ones too; made anew when it is needed after one. */
  let order: PendingWrite[] = [];
  let dropped = false;
  const buckets = new Map<number, Buckets>();

  function bucketsOf(index: number): Buckets {
    if (dropped) {
      order = [...writes.values()];
      buckets.clear();
      dropped = false;
    }
    let found = buckets.get(index);
    if (!found) {
      found = { byFirst: new Map(), filled: 0 };
      buckets.set(index, found);
    }
    for (; found.filled < order.length; found.filled++) {
      const write = order[found.filled]!;
      for (const first of new Set(write.keys[index]!.map(firstPart))) {
        const bucket = found.byFirst.get(first);
        if (bucket) bucket.push(write);
        else found.byFirst.set(first, [write]);
      }
    }
    return found;
  }

  return {
    get: (id) => writes.get(id),
    set(write) {
      writes.set(write.id, write);
      if (!dropped) order.push(write);
    },
    values: () => writes.values(),
    size: () => writes.size,
    drop(settled) {
      for (const write of settled) if (writes.get(write.id) === write) writes.delete(write.id);
      order = [];
      dropped = true;
    },
    candidates(index, equals) {
      if (writes.size === 0) return [];
      if (equals.length === 0) return writes.values();
      const bucket = bucketsOf(index).byFirst.get(firstPartOf(equals[0]!)) ?? [];
      return bucket.filter((write) => writes.get(write.id) === write);
    },
  };
}
