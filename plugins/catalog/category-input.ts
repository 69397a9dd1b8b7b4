import { z } from 'zod';
import { id, line, locale } from './texts.js';

/** `CategoryInput` of the schema. */
export const categoryInput = z.strictObject({
  id: id('id'),
  name: line('name', 200),
  parentId: id('parentId').nullish(),
  translations: z
    .array(z.strictObject({ locale, name: line('name', 200) }))
    .max(50, { error: 'a category has at most 50 translations' })
    .nullish(),
});

export type CategoryInput = z.output<typeof categoryInput>;
