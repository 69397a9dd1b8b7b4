import { z } from 'zod';
import { feed } from './feed-input.js';
import { gtin } from './gtin.js';
import { productFields } from './product-input.js';
import { type NamedBy, namedBy, reference } from './stock-input.js';
import { id } from './texts.js';
import { variantPatch, variantsMax } from './variant-input.js';

const {
  title,
  status: givenStatus,
  description,
  brand,
  ...lists
} = productFields.omit({
  id: true,
  source: true,
  version: true,
  sku: true,
  gtin: true,
  variants: true,
}).shape;

const patch = z.strictObject({
  id: id('id').nullish(),
  ...reference,
  sku: id('sku').nullish(),
  gtin: gtin.nullish(),
  ...feed,
  title: title.optional(),
  status: givenStatus.optional(),
  description: description.optional(),
  brand: brand.optional(),
  ...lists,
  variants: z
    .array(variantPatch)
    .max(variantsMax, { error: `a product has at most ${variantsMax} variants` })
    .nullish(),
  removeVariantIds: z.array(id('the id of a variant')).max(variantsMax).nullish(),
});

export type ProductPatch = z.output<typeof patch>;

/** `ProductPatchInput` of the schema: an absent field stays, null empties it. */
export const productPatch = patch.refine((input) => target(input) !== null, {
  error: 'name the product by exactly one of id, productId and variantId, or else by sku or gtin',
});

/** The way that a patch names its product. With an id, `sku` and `gtin` are new values. */
export function target({ id, productId, variantId, sku, gtin }: ProductPatch): NamedBy | null {
  if (id && productId) return null;
  const byId = { productId: id ?? productId, variantId };
  return namedBy(byId.productId || variantId ? byId : { sku, gtin });
}
