import type { Request } from '../../src/context.js';
import type { Instance } from '../../src/plugin.js';
import type { ProductNode, Shelf } from '../../src/ports/catalog.js';

/**
 * What the fields of a product hang on beside the product itself, which a save replaces: language, currency and store of the
 * context, whether it is in stock there, the category tree, and the role, as quantities and
 * unpublished categories are not for everybody.
 */
export function steadyProducts(
  shelf: Shelf,
  categoryChanges: () => number,
): NonNullable<Instance<unknown>['steady']> {
  return {
    Product({ product, context }: ProductNode, { caller }: Request) {
      const number = shelf.numberOf(product.id);
      const storeId = context?.storeId ?? null;
      const inStock = storeId ? shelf.inStore(number, storeId) : shelf.inStock(number);
      const place = context ? `${context.currency} ${context.locale} ${storeId ?? ''}` : '';
      return { of: product, beside: `${inStock ? 1 : 0} ${categoryChanges()} ${caller.role} ${place}` };
    },
  };
}
