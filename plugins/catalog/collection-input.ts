import { z } from 'zod';
import type { ProductCollection } from '../../src/ports/collections.js';
import { byLocale } from './details-input.js';
import { media } from './media-input.js';
import { handle } from './product-input.js';
import { block, id, line, locale } from './texts.js';

const productsMax = 5_000;
const descriptionBytesMax = 16_384;
const valuesMax = 100;

function list<T extends z.ZodType>(of: T, what: string) {
  return z
    .array(of)
    .max(valuesMax, { error: `a filter has at most ${valuesMax} ${what}` })
    .nullish();
}

const filter = z
  .strictObject({
    categoryIds: list(id('a category id'), 'categories'),
    brands: list(line('a brand', 200), 'brands'),
    tags: list(line('a tag', 200), 'tags'),
    sellerIds: list(id('the id of a seller'), 'sellers'),
    attributes: list(
      z.strictObject({
        name: line('the name of an attribute', 100),
        values: z.array(line('the value of an attribute', 10_000)).min(1).max(valuesMax),
      }),
      'attributes',
    ),
  })
  .transform((given) => Object.fromEntries(Object.entries(given).filter(([, each]) => each?.length)))
  .refine((given) => Object.keys(given).length > 0, {
    error:
      'a filter needs categoryIds, brands, tags, sellerIds or attributes; an empty one would hold all products',
  });

/** `CollectionInput` of the schema. */
export const collectionInput = z
  .strictObject({
    id: id('id'),
    handle: handle.nullish(),
    title: line('title', 200),
    description: block('description', descriptionBytesMax),
    image: media.nullish(),
    translations: z
      .array(
        z.strictObject({
          locale,
          title: line('title', 200).nullish(),
          description: block('description', descriptionBytesMax),
        }),
      )
      .max(50, { error: 'a collection has at most 50 translations' })
      .nullish(),
    published: z.boolean({ error: 'published must be true or false' }).nullish(),
    productIds: z
      .array(id('a product id'))
      .max(productsMax, { error: `a collection has at most ${productsMax} products; use a filter for more` })
      .nullish(),
    filter: filter.nullish(),
  })
  .refine(({ productIds, filter: given }) => Boolean(productIds) !== Boolean(given), {
    error: 'give exactly one of productIds and filter',
  });

export function collectionOf(input: z.output<typeof collectionInput>): ProductCollection {
  const { id, title, productIds } = input;
  return {
    id,
    ...(input.handle ? { handle: input.handle } : {}),
    title,
    description: input.description ?? '',
    ...(input.image ? { image: input.image } : {}),
    translations: byLocale(input.translations, (each) => ({
      ...(each.title ? { title: each.title } : {}),
      ...(each.description ? { description: each.description } : {}),
    })),
    published: input.published ?? true,
    ...(input.filter ? { filter: input.filter } : { productIds: [...new Set(productIds ?? [])] }),
  };
}
