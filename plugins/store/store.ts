import { RapportError } from '../../src/errors.js';
import { freezeJson } from '../../src/kit/deep-freeze.js';
import type {
  Change,
  Collection,
  CollectionSpec,
  Document,
  FindQuery,
  Store,
} from '../../src/ports/store.js';
import type {
  CollectionSchema,
  DriverCollection,
  Index,
  Range,
  RangePage,
  StoreDriver,
  Written,
} from '../../src/ports/store-driver.js';
import {
  checkCount,
  checkDocument,
  checkId,
  checkLimit,
  checkPerson,
  checkSchema,
  findIndex,
} from './bounds.js';
import { readCursor, writeCursor } from './cursor.js';
import type { People } from './people.js';

const scanPageSizeDefault = 1_000;

/** The rules that hold on every driver: what may be declared, written and asked, cursors, and notices of change. */
export function createStore(
  driver: StoreDriver,
  people: Pick<People, 'port' | 'admit' | 'start'>,
): { readonly port: Store; start(): Promise<void> } {
  const opened = new Set<string>();

  async function open<D extends Document>(spec: CollectionSpec<D>): Promise<Collection<D>> {
    const schema = schemaOf(spec);
    const listeners = new Set<(changes: readonly Written[]) => void>();
    const kept = await driver.collection(schema, {
      wanted: () => listeners.size > 0,
      tell(changes) {
        for (const listener of listeners) listener(changes);
      },
    });
    return createCollection(schema, kept, listeners) as unknown as Collection<D>;
  }

  const port: Store = {
    ordered: driver.ordered,
    people: people.port,
    check: () => driver.check(),
    async collection<D extends Document>(spec: CollectionSpec<D>): Promise<Collection<D>> {
      checkSchema(schemaOf(spec));
      checkPerson(spec);
      const { name } = spec;
      if (opened.has(name)) throw new Error(`the collection ${name} is already open`);
      opened.add(name);
      try {
        return await people.admit(await open(spec), spec);
      } catch (error) {
        opened.delete(name);
        throw error;
      }
    },
  };
  return { port, start: () => people.start((spec) => port.collection(spec)) };
}

function schemaOf<D extends Document>(spec: CollectionSpec<D>): CollectionSchema {
  return {
    name: spec.name,
    indexes: Object.entries(spec.indexes).map(([name, { fields }]) => ({ name, fields: [...fields] })),
    shardBy: spec.shardBy ?? null,
    watched: spec.watched ?? true,
  };
}

function createCollection(
  schema: CollectionSchema,
  kept: DriverCollection,
  listeners: Set<(changes: readonly Change<Document>[]) => void>,
): Collection<Document> {
  async function* scan(
    options: NonNullable<Parameters<Collection<Document>['scan']>[0]> = {},
  ): AsyncGenerator<readonly Document[]> {
    const limit = options.pageSize ?? scanPageSizeDefault;
    checkLimit(limit);
    let after = options.after === undefined ? null : { values: [], id: options.after };
    for (;;) {
      const page = await kept.find({
        index: null,
        equals: [],
        descending: false,
        limit,
        after,
        skipDamaged: options.skipDamaged ?? true,
      });
      if (page.documents.length > 0) yield freezeJson(page.documents);
      if (!page.last) return;
      after = { values: [], id: page.last.id };
    }
  }

  return {
    async get(id) {
      checkId(id);
      return freezeJson((await kept.getMany([id], false))[0]!);
    },
    async getMany(ids, { skipDamaged = false } = {}) {
      checkCount(ids.length);
      for (const id of ids) checkId(id);
      return ids.length === 0 ? [] : freezeJson(await kept.getMany(ids, skipDamaged));
    },
    async put(documents) {
      checkCount(documents.length);
      for (const document of documents) checkDocument(schema, document);
      if (documents.length > 0) await kept.put(lastOfEach(documents));
    },
    async insert(documents) {
      checkCount(documents.length);
      for (const document of documents) checkDocument(schema, document);
      if (documents.length === 0) return [];
      return documents.length === 1 ? kept.insert(documents) : insertFirstOfEach(kept, documents);
    },
    async update(id, change, { skipDamaged = false } = {}) {
      checkId(id);
      const checked = (current: Document | null) => {
        const next = change(current);
        if (next) {
          checkDocument(schema, next);
          if (next.id !== id)
            throw new Error(`an update of "${id}" answered a document with id "${next.id}"`);
        }
        return next;
      };
      return kept.update(id, checked, skipDamaged);
    },
    async remove(ids) {
      checkCount(ids.length);
      for (const id of ids) checkId(id);
      return ids.length === 0 ? 0 : kept.remove([...new Set(ids)]);
    },
    async find(query) {
      checkLimit(query.limit);
      const index = findIndex(schema, query);
      const page = await kept.find(rangeOf(index, query));
      refuseUnboundArrays(schema, index, query, page);
      return { items: freezeJson(page.documents), next: page.last && writeCursor(index.name, page.last) };
    },
    scan,
    count: () => kept.count(),
    watch(listener) {
      if (!schema.watched) throw new Error(`${schema.name} is declared as not watched`);
      const own = (changes: readonly Change<Document>[]) => listener(changes);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}

function rangeOf(index: Index, query: FindQuery): Range {
  return {
    index,
    equals: query.equals ?? [],
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.to === undefined ? {} : { to: query.to }),
    descending: query.descending ?? false,
    limit: query.limit,
    after: query.after === undefined ? null : readCursor(index, query.after),
    skipDamaged: query.skipDamaged ?? false,
  };
}

/** A document with several entries in a range would come several times; drivers disagree about that. */
function refuseUnboundArrays(
  schema: CollectionSchema,
  index: Index,
  query: FindQuery,
  page: RangePage,
): void {
  for (let i = query.equals?.length ?? 0; i < index.fields.length; i++) {
    const field = index.fields[i]!;
    for (const document of page.documents) {
      if (Array.isArray((document as unknown as Readonly<Record<string, unknown>>)[field])) {
        throw new RapportError(
          'invalid',
          'STORE_QUERY_INVALID',
          `${schema.name}.${field} holds arrays; a query of index ${index.name} must name one value of it in equals`,
        );
      }
    }
  }
}

function lastOfEach(documents: readonly Document[]): readonly Document[] {
  if (documents.length === 1) return documents;
  const last = new Map(documents.map((document) => [document.id, document]));
  return last.size === documents.length ? documents : [...last.values()];
}

async function insertFirstOfEach(kept: DriverCollection, documents: readonly Document[]): Promise<boolean[]> {
  const placeOf = new Map<string, number>();
  const distinct: Document[] = [];
  const first = documents.map((document) => {
    if (placeOf.has(document.id)) return false;
    placeOf.set(document.id, distinct.push(document) - 1);
    return true;
  });
  const added = await kept.insert(distinct);
  return documents.map(({ id }, i) => first[i]! && added[placeOf.get(id)!]!);
}
