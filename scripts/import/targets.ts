import { productInput } from '../../plugins/catalog/product-input.js';
import { checkInput } from '../../src/kit/check-input.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Target } from './target.js';

/** Saves into the catalog of this process. */
export function catalogTarget(catalog: Catalog): Target {
  return {
    batchMax: 1_000,
    async save(inputs) {
      const { saved, unchanged, userErrors } = await catalog.save(inputs);
      return { saved: saved.length, unchanged, userErrors };
    },
    async stored(ids) {
      const products = await catalog.products(ids);
      return products.map((product) =>
        product ? { status: product.status, variantIds: product.variants?.map(({ id }) => id) ?? [] } : null,
      );
    },
    async update(patches) {
      const { saved, unchanged, userErrors } = await catalog.update(patches);
      return { saved: saved.length, unchanged, userErrors };
    },
    remove: async (ids) => (await catalog.remove(ids)).length,
    saveCategories: (inputs) => catalog.saveCategories(inputs),
  };
}

/** Saves nothing. A product counts as saved if the catalog would take it as it is on its own; the data directory is not opened. */
export const dryTarget: Target = {
  batchMax: 1_000,
  async save(inputs) {
    const userErrors = inputs.flatMap((input, index) =>
      (checkInput(productInput, input).faults ?? []).map(({ path, message }) => ({
        code: 'CATALOG_PRODUCT_INVALID',
        message,
        path: ['products', String(index), ...path.map(String)],
      })),
    );
    const refused = new Set(userErrors.map(({ path }) => path[1]));
    return { saved: inputs.length - refused.size, unchanged: 0, userErrors };
  },
  stored: async (ids) => ids.map(() => null),
  update: async (patches) => ({ saved: patches.length, unchanged: 0, userErrors: [] }),
  remove: async () => 0,
  saveCategories: async () => ({ userErrors: [] }),
};
