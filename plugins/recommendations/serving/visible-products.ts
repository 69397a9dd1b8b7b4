import type { Role } from '../../../src/context.js';
import type { Catalog, Product, Shelf } from '../../../src/ports/catalog.js';
import { countsInHistory, maySee } from '../../../src/ports/product-status.js';

/**
 * The products that a caller may see. Every product that a request names comes in through it, and every product that an answer holds,
 * or names in a reason, goes out through it.
 */
export interface VisibleProducts {
  /** Returns -1 for a product that the caller may not see, as for an unknown one. */
  numberOf(id: string): number;
  /**
   * The shelf that a shopper's history is read with. A product that was never published is unknown in it. An archived one counts as
   * profile, since the shopper saw it when it was published, but is never shown or named.
   */
  readonly ofHistory: Pick<Shelf, 'numberOf' | 'categories' | 'brand'>;
  /** By number. Leaves out products that the caller may not see, also if that changed since they were ranked. */
  read(items: ReadonlySet<number>): Promise<Map<number, Product>>;
}

/** Returns the same for each call with one role. */
export function createVisibleProducts(catalog: Catalog): (role: Role) => VisibleProducts {
  const known = new Map<Role, VisibleProducts>();
  return (role) => {
    let visible = known.get(role);
    if (!visible) {
      visible = visibleProducts(catalog, role);
      known.set(role, visible);
    }
    return visible;
  };
}

function visibleProducts(catalog: Catalog, role: Role): VisibleProducts {
  const { shelf } = catalog;
  const numberIf = (id: string, isKnown: (item: number) => boolean): number => {
    const item = shelf.numberOf(id);
    return item >= 0 && isKnown(item) ? item : -1;
  };
  const isVisible = (item: number) => maySee(role, shelf.status(item));
  const isKnownInHistory = (item: number) => countsInHistory(role, shelf.status(item));

  return {
    numberOf: (id) => numberIf(id, isVisible),
    ofHistory: {
      numberOf: (id) => numberIf(id, isKnownInHistory),
      categories: shelf.categories,
      brand: shelf.brand,
    },
    async read(items) {
      const ids: string[] = [];
      for (const item of items) ids.push(shelf.idOf(item));
      const found = await catalog.products(ids);
      const products = new Map<number, Product>();
      let at = 0;
      for (const item of items) {
        const product = found[at++];
        if (product && maySee(role, product.status)) products.set(item, product);
      }
      return products;
    },
  };
}
