import type { SaveResult } from '../../src/ports/catalog.js';
import { isOlder, levelsFor, productOf, type StockLevel } from './documents.js';
import { checkBatch, checkEach, refuseRepeated } from './faults.js';
import { type ProductInput, productInput } from './product-input.js';
import { type ProductWrite, writeProducts } from './write-products.js';
import type { Writing } from './writing.js';

/** Saves whole products, each element by itself: a field that it does not give gets its default. */
export async function saveProducts(writing: Writing, inputs: readonly unknown[]): Promise<SaveResult> {
  checkBatch(inputs, 'products');
  const { passed, userErrors } = checkEach(productInput, inputs, 'products', productCode);
  const distinct = refuseRepeated(passed, 'products', userErrors);
  const writes = distinct.map(
    ({ index, input }): ProductWrite => ({
      index,
      id: input.id,
      apply: (current, nowMs) =>
        current && isOlder(input, current) ? current : productOf(input, current, nowMs),
      levels: (current) => (current && isOlder(input, current) ? [] : stockOf(input)),
    }),
  );
  return writeProducts(writing, writes, 'products', userErrors);
}

/** The code of a fault in the input of a product, by its path. */
export function productCode(path: readonly PropertyKey[]): string {
  if (path[0] === 'prices' || path[2] === 'prices') return 'CATALOG_PRICE_INVALID';
  if (path[0] === 'stock' || path[2] === 'stock') return 'CATALOG_STOCK_INVALID';
  if (path.at(-1) === 'gtin') return 'CATALOG_GTIN_INVALID';
  return 'CATALOG_PRODUCT_INVALID';
}

/** The levels that an input gives, of the default variant or of each variant. */
function stockOf({ id, stock, variants, ...feed }: ProductInput): StockLevel[] {
  // A version without a source is that of the product: a later `setStock` without one is not compared with it.
  const by = feed.source ? feed : {};
  if (!variants?.length) return levelsFor(id, id, stock ?? [], by);
  return variants.flatMap((variant) => levelsFor(id, variant.id, variant.stock ?? [], by));
}
