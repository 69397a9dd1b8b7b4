import { z } from 'zod';
import { feed } from './feed-input.js';
import { gtin } from './gtin.js';
import { media } from './media-input.js';
import { moment, prices } from './price-input.js';
import { stockLevels } from './stock-level-input.js';
import { block, id, line, locale, optionalLine } from './texts.js';
import { checkVariants, status, variant, variantsMax } from './variant-input.js';

const descriptionBytesMax = 65_536;
const tagsMax = 250;
const mediaMax = 250;

/** Returns whether a text can be a handle: part of a URL path, without blanks, slashes and characters that a URL reserves. */
export function isHandle(text: string): boolean {
  return text.length <= 200 && /^[^\s\p{Cc}\p{Cs}/?#%"<>\\]+$/u.test(text);
}

const handle = z.string({ error: 'a handle must be a text' }).refine(isHandle, {
  error:
    'a handle must be 1 to 200 characters without blanks and without / ? # % " < > \\, for example "blue-mug"',
});

const attribute = z.strictObject({
  name: line('the name of an attribute', 100),
  value: z.union(
    [
      line('the text of an attribute', 10_000),
      z.number().refine((value) => Number.isFinite(value)),
      z.boolean(),
    ],
    {
      error: 'the value of an attribute must be a text of 1 to 10000 characters, a number, or true or false',
    },
  ),
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
    .array(
      z.strictObject({
        name: line('the name of an option', 100),
        values: z
          .array(line('the value of an option', 200))
          .min(1, { error: 'an option has at least one value' })
          .max(200, { error: 'an option has at most 200 values' }),
      }),
    )
    .max(20, { error: 'a product has at most 20 options' })
    .nullish(),
  variants: z
    .array(variant)
    .max(variantsMax, { error: `a product has at most ${variantsMax} variants` })
    .superRefine(checkVariants)
    .nullish(),
  attributes: z.array(attribute).max(500, { error: 'a product has at most 500 attributes' }).nullish(),
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
