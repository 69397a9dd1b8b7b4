import type { UserError } from '../errors.js';
import type { Attribute, Media, ProductOption } from './product-details.js';

/** The data of a product that collections depend on. A `Product` is one. */
export interface CollectionMember {
  readonly id: string;
  readonly categoryIds: readonly string[];
  readonly brand: string | null;
  readonly tags?: readonly string[];
  readonly sellers: readonly { readonly id: string }[];
  readonly attributes: readonly Attribute[];
  readonly options: readonly ProductOption[];
}

/** The products of a collection, by their data. All given parts must hold; at least one is given. */
export interface CollectionFilter {
  /** In one of the categories, or below one. */
  readonly categoryIds?: readonly string[];
  readonly brands?: readonly string[];
  /** With one of the tags. */
  readonly tags?: readonly string[];
  readonly sellerIds?: readonly string[];
  /** For each attribute or option, one of the values as text, as in a filter of a search. */
  readonly attributes?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** Products that a shop shows together: chosen one by one in an order, or by a filter. */
export interface ProductCollection {
  readonly id: string;
  /** Names the collection in URLs; unique among collections. If omitted, it has none. */
  readonly handle?: string;
  readonly title: string;
  readonly description: string;
  readonly image?: Media;
  /** By BCP 47 locale. */
  readonly translations: Readonly<Record<string, { readonly title?: string; readonly description?: string }>>;
  /** False: not for a storefront. */
  readonly published: boolean;
  /** In the order of the shop. Exactly one of this and `filter` is given. */
  readonly productIds?: readonly string[];
  readonly filter?: CollectionFilter;
}

/** The collections of the shop, in the memory of the process. */
export interface Collections {
  get(id: string): ProductCollection | null;
  byHandle(handle: string): ProductCollection | null;
  /** By title. */
  all(): readonly ProductCollection[];
  /** The collections that a product is in, by title. */
  of(product: CollectionMember): readonly ProductCollection[];
  /** The place of a product in a collection that was chosen one by one, from 0; 0 for every product that a filter chooses; -1 if it is not in it. */
  placeOf(collection: ProductCollection, product: CollectionMember): number;
  /** Grows with every change. */
  readonly changes: number;
  /** Upserts up to 1,000 `CollectionInput`s of the schema, each all or nothing. */
  save(
    inputs: readonly unknown[],
  ): Promise<{ readonly saved: readonly ProductCollection[]; readonly userErrors: readonly UserError[] }>;
  /** Up to 1,000. Returns the ids that existed. */
  remove(ids: readonly string[]): Promise<readonly string[]>;
}
