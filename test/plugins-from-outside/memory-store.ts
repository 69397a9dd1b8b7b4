import { definePlugin } from 'rapport/plugin.js';
import type { Document, IndexValue } from 'rapport/ports/store.js';
import {
  checkDocumentBytes,
  type DriverCollection,
  type Position,
  type Range,
  type StoreDriver,
} from 'rapport/ports/store-driver.js';
import { z } from 'zod';

/** Null, then numbers, then strings by code point. */
function compareValues(a: IndexValue, b: IndexValue): number {
  const rank = (value: IndexValue): number => (value === null ? 0 : typeof value === 'number' ? 1 : 2);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rank(a) - rank(b);
}

function comparePositions(a: Position, b: Position): number {
  for (const [i, value] of a.values.entries()) {
    const order = compareValues(value, b.values[i] ?? null);
    if (order !== 0) return order;
  }
  return compareValues(a.id, b.id);
}

/** The entries of a document in an index: one, or one for each string of a list. */
function positionsOf(document: Document, fields: readonly string[]): Position[] {
  const values = new Map<string, unknown>(Object.entries(document));
  let tuples: IndexValue[][] = [[]];
  for (const field of fields) {
    const value = values.get(field) ?? null;
    const options = (Array.isArray(value) ? [...new Set(value)] : [value]) as IndexValue[];
    tuples = tuples.flatMap((tuple) => options.map((option) => [...tuple, option]));
  }
  return tuples.map((tuple) => ({ values: tuple, id: document.id }));
}

function isWithin({ equals, from, to }: Range, { values }: Position): boolean {
  if (!equals.every((value, i) => compareValues(value, values[i] ?? null) === 0)) return false;
  const next = values[equals.length] ?? null;
  // A bound keeps to its type.
  const isAlike = (bound: IndexValue): boolean => typeof bound === typeof next;
  if (from !== undefined && (!isAlike(from) || compareValues(next, from) < 0)) return false;
  return to === undefined || (isAlike(to) && compareValues(next, to) <= 0);
}

function createCollection(tell: (ids: readonly string[], read: (id: string) => Document | null) => void) {
  const documents = new Map<string, Document>();
  const read = (id: string): Document | null => documents.get(id) ?? null;
  const check = (document: Document): void =>
    checkDocumentBytes(document.id, Buffer.byteLength(JSON.stringify(document)));
  const write = (document: Document): void => void documents.set(document.id, structuredClone(document));
  const collection: DriverCollection = {
    getMany: async (ids) => ids.map(read),
    async put(written) {
      written.forEach(check);
      written.forEach(write);
      tell(
        written.map(({ id }) => id),
        read,
      );
    },
    async insert(written) {
      const added = written.map(({ id }) => !documents.has(id));
      const fresh = written.filter((_, i) => added[i]);
      fresh.forEach(check);
      fresh.forEach(write);
      tell(
        fresh.map(({ id }) => id),
        read,
      );
      return added;
    },
    async update(id, change) {
      const next = change(read(id));
      if (next === undefined) return read(id);
      if (next !== null) check(next);
      if (next === null) documents.delete(id);
      else write(next);
      tell([id], read);
      return read(id);
    },
    async remove(ids) {
      const removed = ids.filter((id) => documents.delete(id));
      tell(removed, read);
      return removed.length;
    },
    async find(range) {
      const { index, after, descending, limit } = range;
      const sign = descending ? -1 : 1;
      const found = [...documents.values()]
        .flatMap((document) => positionsOf(document, index?.fields ?? []))
        .filter((position) => isWithin(range, position))
        .filter((position) => after === null || sign * comparePositions(position, after) > 0)
        .sort((a, b) => sign * comparePositions(a, b));
      const page = found.slice(0, limit);
      const items = page.map(({ id }) => documents.get(id)).filter((document) => document !== undefined);
      return { documents: items, last: found.length > limit ? (page.at(-1) ?? null) : null };
    },
    count: async () => documents.size,
  };
  return collection;
}

/** Keeps documents in memory: for tests and demonstrations. */
async function open(): Promise<StoreDriver & { close(): Promise<void> }> {
  return {
    ordered: true,
    collection: async (_, listener) =>
      createCollection((ids, read) => {
        if (ids.length > 0 && listener.wanted()) listener.tell(ids.map((id) => ({ id, document: read(id) })));
      }),
    check: async () => undefined,
    close: async () => undefined,
  };
}

/** A driver of the store: `RAPPORT_STORE=memory`. */
export const plugin = definePlugin({
  name: 'memory-store',
  provides: null,
  needs: [],
  compatibility: '^1.0.0',
  driversFor: {
    store: { memory: async () => ({ settings: z.strictObject({}), traits: { ordered: true }, open }) },
  },
  create: () => ({ port: null }),
});
