import { type Catalog, variantsOf } from '../../src/ports/catalog.js';
import type { ProductReference } from '../../src/ports/variants.js';

/** Longer texts are no codes. */
const codeCharsMax = 128;

/**
 * The product and variant that a text names by SKU in any letter case, by a GTIN in any of its forms, or by id. An id is tried only if
 * `isWord` resolves to false, since ids such as "mug" are words. Null without one, and for a variant that is not ACTIVE.
 */
export async function namedByCode(
  catalog: Catalog,
  text: string,
  isWord: () => Promise<boolean>,
): Promise<ProductReference | null> {
  const code = text.trim();
  if (code === '' || code.length > codeCharsMax) return null;
  const byId = (): ProductReference | null =>
    catalog.resolve(code, 'productId') ?? catalog.resolve(code, 'variantId');
  const named =
    catalog.resolve(code, 'skuInAnyCase') ??
    catalog.resolve(code, 'gtin') ??
    (byId() && !(await isWord()) ? byId() : null);
  if (named === null) return null;
  const [product = null] = await catalog.products([named.productId]);
  if (product === null) return null;
  const variant = variantsOf(product).find(({ id }) => id === named.variantId);
  return (variant?.status ?? 'ACTIVE') === 'ACTIVE' ? named : null;
}
