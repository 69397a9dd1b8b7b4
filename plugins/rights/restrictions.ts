import { customerIdsIn, customerName, type PersonName } from '../../src/person-ids.js';
import type { ProcessingRestriction } from '../../src/ports/consent.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';

/** A customer whose data may be stored and not used; the id is theirs. */
interface StoredRestriction extends Document {
  /** All names of the person when they were restricted. */
  readonly names: readonly PersonName[];
  readonly sinceMs: number;
  /** The name of the key that it came through. */
  readonly source: string;
}

const restrictionsSpec: CollectionSpec<StoredRestriction> = {
  name: 'rights-restrictions',
  indexes: {},
  person: { names: ({ id }) => [customerName(id)], find: { ids: customerIdsIn } },
};

/** Everybody who is restricted, in the memory of each process: few people ever are. */
export interface Restrictions {
  readonly contribution: ProcessingRestriction;
  /** Resolves to since when; null: not any more. */
  set(
    customerId: string,
    names: readonly PersonName[],
    isRestricted: boolean,
    about: Pick<StoredRestriction, 'sinceMs' | 'source'>,
  ): Promise<number | null>;
  isRestricted(customerId: string): boolean;
  open(store: Store): Promise<void>;
  close(): void;
}

export function createRestrictions(): Restrictions {
  const byId = new Map<string, StoredRestriction>();
  let names = new Set<PersonName>();
  let collection: Collection<StoredRestriction>;
  let unwatch = (): void => undefined;

  const gather = (): void => {
    names = new Set([...byId.values()].flatMap((each) => each.names));
  };

  return {
    contribution: {
      isRestricted: (wanted) => names.size > 0 && wanted.some((name) => names.has(name)),
      restrictedSince: (sinceMs) => [...byId.values()].some((each) => each.sinceMs >= sinceMs),
    },
    async set(id, of, isRestricted, about) {
      if (!isRestricted) {
        const own = of.flatMap(customerIdsIn);
        await collection.remove(own);
        return null;
      }
      const stored = await collection.update(id, (current) => current ?? { id, names: of, ...about });
      return stored!.sinceMs;
    },
    isRestricted: (customerId) => names.has(customerName(customerId)),
    async open(store) {
      collection = await store.collection(restrictionsSpec);
      unwatch = collection.watch((changes) => {
        for (const { id, document } of changes) {
          if (document === null) byId.delete(id);
          else byId.set(id, document);
        }
        gather();
      });
      for await (const page of collection.scan()) for (const each of page) byId.set(each.id, each);
      gather();
    },
    close: () => unwatch(),
  };
}
