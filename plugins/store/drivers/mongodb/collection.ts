import type { mongo } from 'mongoose';
import { RapportError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import type { Document, IndexValue } from '../../../../src/ports/store.js';
import {
  type ChangeListener,
  type CollectionSchema,
  checkDocumentBytes,
  type DriverCollection,
  updateAttemptsMax,
} from '../../../../src/ports/store-driver.js';
import { isDuplicate } from './failure.js';
import type { Feed } from './feed.js';
import { filterOf, type Kept, pathOf, sortOf } from './query.js';
import type { Reach } from './reach.js';

const projection = { json: 1 } as const;
/** A call that reads at most this many documents has the short deadline, as a shopper may wait for it. */
const awaitedMax = 200;

export interface CollectionParts {
  readonly database: mongo.Db;
  readonly reach: Reach;
  readonly feed: Feed;
  readonly schema: CollectionSchema;
  readonly listener: ChangeListener;
  readonly host: Host;
}

/** One collection of the port is one of MongoDB's, with an index of its fields for each declared one. */
export async function openSharedCollection({
  database,
  reach,
  feed,
  schema,
  listener,
  host,
}: CollectionParts): Promise<DriverCollection> {
  const kept: mongo.Collection<Kept> = database.collection(schema.name);
  const declared = schema.indexes.map(({ name, fields }) => ({
    name,
    key: Object.fromEntries([...fields.map(pathOf), '_id'].map((path) => [path, 1])),
  }));
  // One at a time: FerretDB 1.24 drops the connection when it is told of several that are there already.
  for (const index of declared) await reach(() => kept.createIndexes([index]));
  const shardBy = schema.shardBy === 'id' ? null : schema.shardBy;
  const indexed = [
    ...new Set([...schema.indexes.flatMap(({ fields }) => fields), ...(shardBy === null ? [] : [shardBy])]),
  ];
  /** In this process, updates of one document queue instead of competing. */
  const updating = new Map<string, Promise<unknown>>();
  /** Notices one after the other, so that an older reading never follows a newer one. */
  let telling: Promise<void> = Promise.resolve();

  function keptOf(document: Document): Kept {
    const json = JSON.stringify(document);
    checkDocumentBytes(document.id, Buffer.byteLength(json));
    const values = document as unknown as Readonly<
      Record<string, IndexValue | readonly string[] | undefined>
    >;
    const fields = Object.fromEntries(indexed.map((field) => [field, values[field] ?? null]));
    return { _id: document.id, version: host.ids.next(), json, fields };
  }

  /** Names the shard, too. */
  function keyOf({ _id, fields }: Pick<Kept, '_id' | 'fields'>): mongo.Filter<Kept> {
    return shardBy === null ? { _id } : { _id, [pathOf(shardBy)]: fields[shardBy] };
  }

  async function readAll(ids: readonly string[]): Promise<(Document | null)[]> {
    const filter = ids.length === 1 ? { _id: ids[0]! } : { _id: { $in: [...new Set(ids)] } };
    const found = await kept.find(filter, { projection }).toArray();
    const byId = new Map(found.map(({ _id, json }) => [_id, json]));
    return ids.map((id) => {
      const json = byId.get(id);
      return json === undefined ? null : (JSON.parse(json) as Document);
    });
  }

  function tell(ids: readonly string[]): Promise<void> {
    if (!listener.wanted()) return Promise.resolve();
    const told = telling.then(async () => {
      const documents = await reach(() => readAll(ids));
      listener.tell(ids.map((id, i) => ({ id, document: documents[i]! })));
    });
    telling = told.catch(() => undefined);
    return told;
  }
  feed.follow(schema.name, tell);

  async function wrote(ids: readonly string[]): Promise<void> {
    if (ids.length > 0 && schema.watched) await Promise.all([tell(ids), feed.publish(schema.name, ids)]);
  }

  /** A write of which the answer was lost may have come to be: then those who watch are told of it later. */
  async function writing<T>(ids: readonly string[], write: () => Promise<T>): Promise<T> {
    try {
      return await reach(write);
    } catch (error) {
      if (schema.watched) feed.doubt(schema.name, ids);
      throw error;
    }
  }

  async function replaceAll(documents: readonly Kept[]): Promise<void> {
    const operations = documents.map((replacement) => ({
      replaceOne: { filter: keyOf(replacement), replacement, upsert: true },
    }));
    try {
      await kept.bulkWrite(operations, { ordered: false });
    } catch (error) {
      // Two upserts of one new id at the same time: the second one only has to replace now.
      if (!isDuplicate(error)) throw error;
      await kept.bulkWrite(operations, { ordered: false });
    }
  }

  async function insertAll(documents: readonly Kept[]): Promise<boolean[]> {
    const added = documents.map(() => true);
    try {
      await kept.insertMany(documents, { ordered: false });
    } catch (error) {
      const failures = [(error as mongo.MongoBulkWriteError).writeErrors ?? []].flat();
      if (failures.length === 0 || !failures.every(isDuplicate)) throw error;
      for (const failure of failures) added[failure.index] = false;
    }
    return added;
  }

  /** Answers whether the document still was as it was found. */
  async function swap(found: Kept | null, next: Kept | null): Promise<boolean> {
    if (found === null) return next === null || (await insertAll([next]))[0]!;
    const same = { ...keyOf(found), version: found.version };
    if (next === null) return (await kept.deleteOne(same)).deletedCount === 1;
    return (await kept.replaceOne(same, next)).matchedCount === 1;
  }

  async function updateAlone(
    id: string,
    change: (current: Document | null) => Document | null | undefined,
  ): Promise<Document | null> {
    for (let attempt = 0; attempt < updateAttemptsMax; attempt++) {
      const found = await reach(() => kept.findOne({ _id: id }));
      const current = found ? (JSON.parse(found.json) as Document) : null;
      const next = change(current);
      if (next === undefined) return current;
      if (next === null && !found) return null;
      const replacement = next && keptOf(next);
      const swapped = await writing([id], async () => {
        const done = await swap(found, replacement);
        if (done) await wrote([id]);
        return done;
      });
      if (swapped) return next;
    }
    throw new RapportError(
      'conflict',
      'STORE_CONTENDED',
      `"${id}" of ${schema.name} was written by others ${updateAttemptsMax} times in between; read it again`,
    );
  }

  const readerOf = (documents: number) => (documents <= awaitedMax ? reach.read : reach);

  return {
    getMany: (ids) => readerOf(ids.length)(() => readAll(ids)),
    async put(documents) {
      const all = documents.map(keptOf);
      const ids = all.map(({ _id }) => _id);
      await writing(ids, async () => {
        await replaceAll(all);
        await wrote(ids);
      });
    },
    async insert(documents) {
      const all = documents.map(keptOf);
      const ids = all.map(({ _id }) => _id);
      return writing(ids, async () => {
        const added = await insertAll(all);
        await wrote(ids.filter((_, i) => added[i]));
        return added;
      });
    },
    async update(id, change) {
      const before = updating.get(id) ?? Promise.resolve();
      const update = before.catch(() => undefined).then(() => updateAlone(id, change));
      updating.set(id, update);
      try {
        return await update;
      } finally {
        if (updating.get(id) === update) updating.delete(id);
      }
    },
    remove: (ids) =>
      writing(ids, async () => {
        const found = await kept.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } }).toArray();
        const there = found.map(({ _id }) => _id);
        if (there.length === 0) return 0;
        const { deletedCount } = await kept.deleteMany({ _id: { $in: there } });
        await wrote(there);
        return deletedCount;
      }),
    find: (range) =>
      // No shopper waits for the scan of a whole collection.
      readerOf(range.index === null ? Number.POSITIVE_INFINITY : range.limit)(async () => {
        const found = await kept
          .find(filterOf(range))
          .sort(sortOf(range))
          .limit(range.limit + 1)
          .toArray();
        const more = found.length > range.limit;
        if (more) found.pop();
        const documents = found.map(({ json }) => JSON.parse(json) as Document);
        const last = found.at(-1);
        return {
          documents,
          last: more && last ? positionOf(range.index?.fields ?? [], range.equals, last) : null,
        };
      }),
    count: () => reach(() => kept.countDocuments()),
  };
}

function positionOf(fields: readonly string[], equals: readonly IndexValue[], { _id, fields: values }: Kept) {
  return {
    // An array is among `equals`: there the entry is known without it.
    values: fields.map((field, i) => (i < equals.length ? equals[i]! : (values[field] as IndexValue))),
    id: _id,
  };
}
