import { RapportError, userError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type {
  CollectionFilter,
  CollectionMember,
  Collections,
  ProductCollection,
} from '../../src/ports/collections.js';
import type { Collection } from '../../src/ports/store.js';
import { collectionInput, collectionOf } from './collection-input.js';
import { checkBatch, checkEach, refuseRepeated } from './faults.js';

const collectionsMax = 2_000;

/** Keeps collections in memory and finds those of a product. `descendants`: a category and all below it. */
export function createCollections(descendants: (categoryId: string) => readonly string[]): {
  readonly port: Collections;
  /** Reads all, and follows changes. */
  start(stored: Collection<ProductCollection>): Promise<void>;
} {
  const byId = new Map<string, ProductCollection>();
  let stored: Collection<ProductCollection> | null = null;
  let changes = 0;
  let ordered: readonly ProductCollection[] | null = null;
  /** For each collection chosen one by one, the places of its products. */
  const places = new WeakMap<ProductCollection, ReadonlyMap<string, number>>();

  function opened(): Collection<ProductCollection> {
    if (!stored) throw new Error('the catalog has not started');
    return stored;
  }

  function set(id: string, collection: ProductCollection | null): void {
    changes++;
    ordered = null;
    if (collection) byId.set(id, deepFreeze(collection));
    else byId.delete(id);
  }

  function all(): readonly ProductCollection[] {
    ordered ??= Object.freeze([...byId.values()].sort(byTitle));
    return ordered;
  }

  function placesOf(collection: ProductCollection): ReadonlyMap<string, number> {
    let found = places.get(collection);
    if (!found) {
      found = new Map(collection.productIds?.map((id, place) => [id, place]));
      places.set(collection, found);
    }
    return found;
  }

  function placeOf(collection: ProductCollection, product: CollectionMember): number {
    if (!collection.filter) return placesOf(collection).get(product.id) ?? -1;
    return matches(product, collection.filter, descendants) ? 0 : -1;
  }

  const port: Collections = {
    get: (id) => byId.get(id) ?? null,
    byHandle: (handle) => all().find((collection) => collection.handle === handle) ?? null,
    all,
    of: (product) => all().filter((collection) => placeOf(collection, product) >= 0),
    placeOf,
    get changes() {
      return changes;
    },
    async save(inputs) {
      checkBatch(inputs, 'collections');
      const code = () => 'CATALOG_COLLECTION_INVALID';
      const { passed, userErrors } = checkEach(collectionInput, inputs, 'collections', code);
      const handles = new Map(all().map(({ id, handle }) => [handle, id]));
      const saved: ProductCollection[] = [];
      for (const { index, input } of refuseRepeated(passed, 'collections', userErrors)) {
        const owner = input.handle ? handles.get(input.handle) : undefined;
        if (owner !== undefined && owner !== input.id) {
          const message = `the handle "${input.handle}" is that of collection "${owner}"`;
          userErrors.push(userError('CATALOG_HANDLE_TAKEN', message, ['collections', index, 'handle']));
          continue;
        }
        if (input.handle) handles.set(input.handle, input.id);
        saved.push(collectionOf(input));
      }
      const added = saved.filter(({ id }) => !byId.has(id)).length;
      if (byId.size + added > collectionsMax) {
        throw new RapportError(
          'invalid',
          'CATALOG_COLLECTIONS_MAX',
          `${byId.size} collections and ${added} new ones; a catalog may have ${collectionsMax}.`,
          { path: ['collections'] },
        );
      }
      if (saved.length > 0) await opened().put(saved);
      return { saved, userErrors };
    },
    async remove(ids) {
      checkBatch(ids, 'ids');
      const known = [...new Set(ids)].filter((id) => byId.has(id));
      if (known.length > 0) await opened().remove(known);
      return known;
    },
  };

  return {
    port,
    async start(collection) {
      stored = collection;
      const changed = new Set<string>();
      collection.watch((notices) => {
        for (const { id, document } of notices) {
          changed.add(id);
          set(id, document);
        }
      });
      for await (const page of collection.scan())
        for (const each of page) if (!changed.has(each.id)) set(each.id, each);
    },
  };
}

function byTitle(a: ProductCollection, b: ProductCollection): number {
  return a.title < b.title ? -1 : a.title > b.title ? 1 : a.id < b.id ? -1 : 1;
}

function matches(
  product: CollectionMember,
  { categoryIds, brands, tags, sellerIds, attributes }: CollectionFilter,
  descendants: (categoryId: string) => readonly string[],
): boolean {
  if (categoryIds) {
    const wanted = new Set(categoryIds.flatMap((id) => [id, ...descendants(id)]));
    if (!product.categoryIds.some((id) => wanted.has(id))) return false;
  }
  if (brands && !brands.includes(product.brand ?? '')) return false;
  if (tags && !product.tags?.some((tag) => tags.includes(tag))) return false;
  if (sellerIds && !product.sellers.some(({ id }) => sellerIds.includes(id))) return false;
  return (attributes ?? []).every(({ name, values }) =>
    [
      ...product.attributes,
      ...product.options.flatMap((option) => option.values.map((value) => ({ name: option.name, value }))),
    ].some((own) => own.name === name && values.includes(String(own.value))),
  );
}
