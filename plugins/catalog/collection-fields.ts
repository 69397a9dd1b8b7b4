import type { Request, Role } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Collections, ProductCollection } from '../../src/ports/collections.js';
import { inLocale } from '../../src/ports/product-details.js';
import { mediaFields } from './product-values.js';

export interface CollectionNode {
  readonly collection: ProductCollection;
  readonly locale: string | null;
}

export function seesCollection(role: Role, { published }: ProductCollection): boolean {
  return published || role !== 'STOREFRONT';
}

interface Arguments {
  readonly id?: string | null;
  readonly handle?: string | null;
}

/** The fields of `Collection`, and the root fields about collections; `localeOf` reads the context of a root field. */
export function collectionFields(
  collections: Collections,
  localeOf: (args: object, request: Request) => string | null,
) {
  return {
    Query: {
      collections: (_: unknown, args: object, request: Request): CollectionNode[] => {
        const locale = localeOf(args, request);
        return collections
          .all()
          .filter((collection) => seesCollection(request.caller.role, collection))
          .map((collection) => ({ collection, locale }));
      },
      collection(_: unknown, args: Arguments, request: Request): CollectionNode | null {
        const { id = null, handle = null } = args;
        if ((id === null) === (handle === null)) {
          throw new RapportError(
            'invalid',
            'CATALOG_COLLECTION_ARGUMENTS',
            `collection takes exactly one of id and handle; it got ${id === null ? 'none' : 'both'}.`,
          );
        }
        const collection = id === null ? collections.byHandle(handle!) : collections.get(id);
        if (!collection || !seesCollection(request.caller.role, collection)) return null;
        return { collection, locale: localeOf(args, request) };
      },
    },
    Collection: {
      id: ({ collection }: CollectionNode) => collection.id,
      handle: ({ collection }: CollectionNode) => collection.handle ?? null,
      title: ({ collection, locale }: CollectionNode) =>
        (locale && inLocale(collection.translations, locale)?.title) ?? collection.title,
      description: ({ collection, locale }: CollectionNode) =>
        (locale && inLocale(collection.translations, locale)?.description) ?? collection.description,
      image: ({ collection }: CollectionNode) => (collection.image ? mediaFields(collection.image) : null),
      published: ({ collection }: CollectionNode) => collection.published,
    },
    Mutation: {
      async saveCollections(_: unknown, args: { collections: readonly unknown[] }) {
        const { saved, userErrors } = await collections.save(args.collections);
        return { collections: saved.map((collection) => ({ collection, locale: null })), userErrors };
      },
      removeCollections: async (_: unknown, args: { ids: readonly string[] }) => ({
        removedIds: await collections.remove(args.ids),
        userErrors: [],
      }),
    },
  } satisfies Resolvers;
}
