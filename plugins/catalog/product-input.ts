import { z } from 'zod';
import { attribute, bundleItem, measure, option, rating, relation } from './details-input.js';
import { feed } from './feed-input.js';
import { gtin } from './gtin.js';
import { media } from './media-input.js';
import { moment, prices } from './price-input.js';
import { stockLevels } from './stock-level-input.js';
import { block, id, line, locale, optionalLine } from './texts.js';
import { checkVariants, optionsMax, status, variant, variantsMax } from './variant-input.js';

const descriptionBytesMax = 65_536;
const tagsMax = 250;
const mediaMax = 250;
const attributesMax = 500;
const relationsMax = 200;
const bundleMax = 100;

/** Returns whether a text can be a handle: part of a URL path, without blanks, slashes and characters that a URL reserves. */
export function isHandle(text: string): boolean {
  return text.length <= 200 && /^[^\s\p{Cc}\p{Cs}/?#%"<>\\]+$/u.test(text);
}

export const handle = z.string({ error: 'a handle must be a text' }).refine(isHandle, {
  error:
    'a handle must be 1 to 200 characters without blanks and without / ? # % " < > \\, for example "blue-mug"',
});

export const productFields = z.strictObject({
  id: id('id'),
  ...feed,
  handle: handle.nullish(),
  sku: id('sku').nullish(),
  gtin: gtin.nullish(),
  status: status.nullish().transform((given) => given ?? 'ACTIVE'),
  title: line('title', 500),
  description: block('description', descriptionBytesMax).transform((text) => text ?? ''),
  brand: optionalLine('brand', 200),
  categoryIds: z
    .array(id('a category id'))
    .max(50, { error: 'a product is in at most 50 categories' })
    .nullish(),
  tags: z
    .array(line('a tag', 200))
    .max(tagsMax, { error: `a product has at most ${tagsMax} tags` })
    .nullish(),
  prices: prices.nullish(),
  options: z
    .array(option)
    .max(optionsMax, { error: `a product has at most ${optionsMax} options` })
    .nullish(),
  variants: z
    .array(variant)
    .max(variantsMax, { error: `a product has at most ${variantsMax} variants` })
    .superRefine(checkVariants)
    .nullish(),
  attributes: z
    .array(attribute)
    .transform((all) => all.flat())
    .refine((all) => all.length <= attributesMax, {
      error: `a product has at most ${attributesMax} attributes, values counted`,
    })
    .nullish(),
  media: z
    .array(media)
    .max(mediaMax, { error: `a product has at most ${mediaMax} media` })
    .nullish(),
  sellers: z
    .array(z.strictObject({ id: id('the id of a seller'), name: line('the name of a seller', 200) }))
    .max(100, { error: 'a product has at most 100 sellers' })
    .nullish(),
  translations: z
    .array(
      z.strictObject({
        locale,
        title: optionalLine('title', 500),
        description: block('description', descriptionBytesMax),
      }),
    )
    .max(50, { error: 'a product has at most 50 translations' })
    .nullish(),
  contents: measure.nullish(),
  unitPriceBase: measure.nullish(),
  rating: rating.nullish(),
  relations: z
    .array(relation)
    .max(relationsMax, { error: `a product has at most ${relationsMax} relations` })
    .nullish(),
  bundleOf: z
    .array(bundleItem)
    .max(bundleMax, { error: `a bundle has at most ${bundleMax} articles` })
    .nullish(),
  speakable: z.boolean({ error: 'speakable must be true or false' }).nullish(),
  createdAt: moment('createdAt').nullish(),
  stock: stockLevels.nullish(),
});

/** `ProductInput` of the schema; absent fields get the schema's defaults. */
export const productInput = productFields.superRefine(({ variants, stock }, context) => {
  if (!variants?.length || !stock?.length) return;
  const message = 'a product with variants has no stock of its own; give the stock with each variant';
  context.addIssue({ code: 'custom', path: ['stock'], message });
});

export type ProductInput = z.output<typeof productInput>;
