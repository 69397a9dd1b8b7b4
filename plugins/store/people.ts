import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError, RapportError } from '../../src/errors.js';
import { textDigest } from '../../src/kit/text-digest.js';
import type { PersonName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type {
  Collection,
  CollectionSpec,
  Document,
  ErasureRequest,
  PersonSpec,
  StoredPeople,
} from '../../src/ports/store.js';
import type { StoreDriver } from '../../src/ports/store-driver.js';
import { createErasures, tombstonesSpec } from './erasures.js';

const pageSize = 500;
/** An erasure has been finished by then, what was being written when it began included. */
const erasedAfterMs = 30_000;
const scrubAfterMs = 1_000;

/** The last erasure that has been applied to a collection; its id is the collection's name. */
interface Applied extends Document {
  /** The id of the last erasure. */
  readonly untilId: string;
}

const appliedSpec: CollectionSpec<Applied> = { name: 'erasures-applied', indexes: {}, watched: false };

interface OpenCollection {
  readonly name: string;
  /** Past the refusal of erased people. */
  readonly collection: Collection<Document>;
  readonly person: PersonSpec<Document> | null;
}

export interface People {
  readonly port: StoredPeople;
  /** Removes erased people from a collection that was opened, and returns it so that it takes nothing about them. */
  admit<D extends Document>(collection: Collection<D>, spec: CollectionSpec<D>): Promise<Collection<D>>;
  start(open: <D extends Document>(spec: CollectionSpec<D>) => Promise<Collection<D>>): Promise<void>;
  close(): void;
}

/** Exports and erasures of people, from what collections declare. `file`: of erasures; null: in the data directory. */
export function createPeople(driver: Pick<StoreDriver, 'scrub'>, host: Host, file: string | null): People {
  const erasures = createErasures(host, file);
  const opened: OpenCollection[] = [];
  const unfinished = new Set<string>();
  const finished: string[] = [];
  let applied: Collection<Applied> | null = null;
  let cancelScrub = (): void => undefined;

  async function appliedUntil(name: string, untilId: string): Promise<void> {
    await applied?.update(name, (current) =>
      current !== null && current.untilId >= untilId ? undefined : { id: name, untilId },
    );
  }

  /** Before a collection is used: erasures that were made without it, or after the backup that it was restored from. */
  async function purge({ name, collection, person }: OpenCollection): Promise<void> {
    if (person === null || applied === null || !erasures.any()) return;
    const tombstones = erasures.since((await applied.get(name))?.untilId ?? '');
    if (tombstones.length === 0) return;
    const digests = new Set(tombstones.flatMap(({ people }) => people));
    const removed = await eraseFrom({ name, collection, person }, null, digests, erasures.has);
    if (removed > 0) {
      host.log.warn('documents of people who were erased were removed from a collection', {
        collection: name,
        removed,
      });
      scrubSoon();
    }
    await appliedUntil(
      name,
      tombstones.reduce((last, { id }) => (id > last ? id : last), ''),
    );
  }

  function scrubSoon(): void {
    cancelScrub();
    cancelScrub = host.clock.after(scrubAfterMs, () => {
      driver.scrub?.(new Map()).catch((error: unknown) => {
        host.log.error('remains of erased documents could not be overwritten', { err: describeError(error) });
      });
    });
  }

  /** The ids of documents that an unfinished erasure has removed, by collection. */
  const removedIds = new Map<string, Map<string, Set<string>>>();

  async function eraseFromAll({ id, names }: ErasureRequest): Promise<Record<string, number>> {
    const removed = removedIds.get(id) ?? new Map<string, Set<string>>();
    removedIds.set(id, removed);
    const digests = new Set(names.map(textDigest));
    const counts: Record<string, number> = {};
    for (const each of opened) {
      if (each.person === null) continue;
      const ids = removed.get(each.name) ?? new Set<string>();
      removed.set(each.name, ids);
      const count = await eraseFrom({ ...each, person: each.person }, names, digests, erasures.has, ids);
      if (count > 0) counts[each.name] = count;
    }
    await driver.scrub?.(removed);
    return counts;
  }

  /** The last erasure behind which none is unfinished. */
  function finishedUntil(): string | undefined {
    const first = [...unfinished].sort()[0];
    return finished
      .filter((id) => first === undefined || id < first)
      .sort()
      .at(-1);
  }

  return {
    port: {
      isErased: erasures.has,
      erasedUntilMs: () => erasures.lastAtMs() + erasedAfterMs,
      collections: () => opened.map(({ name, person }) => ({ name, personal: person !== null })),
      async *collect(names) {
        const digests = new Set(names.map(textDigest));
        const wanted = new Set<PersonName>(names);
        const isTheirs = (name: PersonName) => wanted.has(name);
        for (const { name, collection, person } of opened) {
          if (person === null) continue;
          const documents: unknown[] = [];
          for await (const page of about({ name, collection, person }, names, digests)) {
            for (const document of page) {
              const only = person.only ? person.only(document, isTheirs) : document;
              if (only !== undefined) documents.push(only);
            }
          }
          if (documents.length > 0) yield { collection: name, documents };
        }
      },
      async erase(request) {
        unfinished.add(request.id);
        await erasures.add({
          id: request.id,
          atMs: request.atMs,
          people: [...new Set(request.names.map(textDigest))],
        });
        return eraseFromAll(request);
      },
      async finish(request) {
        await eraseFromAll(request);
        removedIds.delete(request.id);
        unfinished.delete(request.id);
        finished.push(request.id);
        const untilId = finishedUntil();
        if (untilId === undefined) return;
        for (const { name, person } of opened) if (person !== null) await appliedUntil(name, untilId);
      },
    },
    async admit(collection, { name, person }) {
      const each: OpenCollection = {
        name,
        collection: collection as unknown as Collection<Document>,
        person: (person ?? null) as PersonSpec<Document> | null,
      };
      await purge(each);
      opened.push(each);
      return person === undefined ? collection : refusing(collection, person, erasures);
    },
    async start(open) {
      const tombstones = await open(tombstonesSpec);
      applied = await open(appliedSpec);
      await erasures.open(tombstones);
    },
    close() {
      cancelScrub();
      erasures.close();
    },
  };
}

interface PersonalCollection extends OpenCollection {
  readonly person: PersonSpec<Document>;
}

/** Pages of the documents about people. Without `names` all documents are compared with the digests; `isComplete`: all are read, too. */
async function* about(
  { collection, person }: PersonalCollection,
  names: readonly PersonName[] | null,
  digests: ReadonlySet<string>,
  isComplete = false,
): AsyncGenerator<readonly Document[]> {
  const wanted = names === null ? null : new Set(names);
  // Digests are compared only where names are not known: each costs a hash.
  const isOne = (name: PersonName): boolean =>
    wanted === null ? digests.has(textDigest(name)) : wanted.has(name);
  const isAbout = (document: Document): boolean =>
    person.isAbout?.(document, digests) === true || person.names?.(document).some(isOne) === true;
  const { find } = person;
  if (names === null || find === undefined || isComplete) {
    for await (const page of collection.scan({ pageSize })) {
      yield page.filter(isAbout);
      await nextTurn();
    }
    return;
  }
  const seen = new Set<string>();
  /** A document about several of the names comes once. */
  const unseen = (documents: readonly Document[]) =>
    documents.filter(({ id }) => !seen.has(id) && seen.add(id));
  for (const name of names) {
    if ('ids' in find) {
      const found = await collection.getMany(find.ids(name), { skipDamaged: true });
      yield unseen(found.filter((document) => document !== null));
      continue;
    }
    const value = find.value(name);
    if (value === null) continue;
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof collection.find>> = await collection.find({
        index: find.index,
        equals: [value],
        limit: pageSize,
        skipDamaged: true,
        ...(after === null ? {} : { after }),
      });
      yield unseen(page.items);
      after = page.next;
    } while (after !== null);
  }
}

/** Returns the number of documents that were removed or rewritten, and adds the ids of those that were removed. */
async function eraseFrom(
  each: PersonalCollection,
  names: readonly PersonName[] | null,
  digests: ReadonlySet<string>,
  isErased: (name: PersonName) => boolean,
  removed: Set<string> = new Set(),
): Promise<number> {
  const { collection, person } = each;
  const without = (document: Document) => person.without?.(document, isErased) ?? [];
  let count = 0;
  for await (const page of about(each, names, digests, person.scattered)) {
    const gone: string[] = [];
    const beside: Document[] = [];
    const rewritten: string[] = [];
    for (const document of page) {
      const kept = without(document);
      for (const one of kept) if (one.id !== document.id) beside.push(one);
      if (kept.some(({ id }) => id === document.id)) rewritten.push(document.id);
      else gone.push(document.id);
    }
    for (const id of gone) removed.add(id);
    // In this order, a crash in between loses nothing of others; the next attempt removes what is there twice.
    if (beside.length > 0) await collection.put(beside);
    await Promise.all([
      ...rewritten.map((id) =>
        collection.update(id, (current) =>
          current === null ? undefined : (without(current).find((one) => one.id === id) ?? null),
        ),
      ),
      collection.remove(gone),
    ]);
    count += page.length;
  }
  return count;
}

/** A collection that takes nothing about people who were erased. */
function refusing<D extends Document>(
  collection: Collection<D>,
  { names, dropsErased = false }: PersonSpec<D>,
  erasures: { any(): boolean; has(name: PersonName): boolean },
): Collection<D> {
  if (names === undefined) return collection;
  function isRefused(document: D): boolean {
    if (!names!(document).some(erasures.has)) return false;
    if (dropsErased) return true;
    throw new RapportError(
      'denied',
      'STORE_PERSON_ERASED',
      'This person was erased, so nothing about them is stored any more; use a new customer id or session id.',
    );
  }
  return {
    ...collection,
    async put(documents) {
      return collection.put(erasures.any() ? documents.filter((one) => !isRefused(one)) : documents);
    },
    async insert(documents) {
      if (!erasures.any()) return collection.insert(documents);
      const refused = documents.map(isRefused);
      const added = await collection.insert(documents.filter((_, at) => !refused[at]));
      let next = 0;
      return refused.map((isLeftOut) => !isLeftOut && added[next++]!);
    },
    async update(id, change, options) {
      if (!erasures.any()) return collection.update(id, change, options);
      return collection.update(
        id,
        (current) => {
          const next = change(current);
          return next && isRefused(next) ? null : next;
        },
        options,
      );
    },
  };
}
