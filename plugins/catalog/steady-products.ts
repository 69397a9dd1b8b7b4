import type { Context, Request } from '../../src/context.js';
import type { Instance } from '../../src/plugin.js';
import type { Catalog, ProductNode } from '../../src/ports/catalog.js';
import { priceEpoch } from './price-epoch.js';

/**
 * All that the fields of a product depend on beside the product itself, which a save replaces: language, currency, store and customer
 * group of the context, whether each variant can be bought there, the prices that hold at the moment, the category tree, the collections, and the role,
 * as quantities and unpublished categories are not for everybody.
 */
export function steadyProducts(
  { shelf, variants, collections }: Pick<Catalog, 'shelf' | 'variants' | 'collections'>,
  categoryChanges: () => number,
  nowMs: () => number,
): NonNullable<Instance<unknown>['steady']> {
  /** The part of the key that all products of one response share, made once for them. */
  let shared = { context: null as Context | null, role: '', categories: -1, collections: -1, text: '' };

  function sharedFor(context: Context | null, role: string): string {
    const [categories, changes] = [categoryChanges(), collections.changes];
    if (
      context === null ||
      shared.context !== context ||
      shared.role !== role ||
      shared.categories !== categories ||
      shared.collections !== changes
    ) {
      const place = context
        ? `${context.currency} ${context.locale} ${context.storeId ?? ''}\n${context.customerGroup ?? ''}\n${context.previewAtMs ?? ''}`
        : '';
      shared = {
        context,
        role,
        categories,
        collections: changes,
        text: `${categories} ${changes} ${role} ${place}`,
      };
    }
    return shared.text;
  }

  return {
    Product({ product, context }: ProductNode, { caller }: Request) {
      const number = shelf.numberOf(product.id);
      const storeId = context?.storeId ?? null;
      let stock = (storeId ? shelf.inStore(number, storeId) : shelf.inStock(number)) ? '1' : '0';
      for (let place = 0; place < (product.variants?.length ?? 0); place++)
        stock += variants.available(number, place, storeId) ? '1' : '0';
      const epoch = priceEpoch(product, context?.atMs ?? nowMs());
      return { of: product, beside: `${stock} ${epoch} ${sharedFor(context, caller.role)}` };
    },
  };
}
