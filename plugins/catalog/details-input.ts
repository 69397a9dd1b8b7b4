import { z } from 'zod';
import {
  type Attribute,
  type Measure,
  measureUnits,
  type ProductOption,
  relationKinds,
} from '../../src/ports/product-details.js';
import { id, line, locale, optionalLine } from './texts.js';

const translationsMax = 50;
const valuesMax = 100;

const valueError = {
  error: `the value of an attribute must be a text of 1 to 10000 characters, a number, true or false, or a list of 1 to ${valuesMax} of them`,
};
const scalar = z.union(
  [
    line('the text of an attribute', 10_000),
    z.number().refine((value) => Number.isFinite(value)),
    z.boolean(),
  ],
  valueError,
);

/** The texts of a locale in the order of locales, so that equal inputs make equal products. */
export function byLocale<T extends { readonly locale: string }, R>(
  translations: readonly T[] | null | undefined,
  textsOf: (translation: T) => R,
): Record<string, R> {
  const sorted = [...(translations ?? [])].sort((a, b) => (a.locale < b.locale ? -1 : 1));
  return Object.fromEntries(sorted.map((translation) => [translation.locale, textsOf(translation)]));
}

function translationsOf<T>(texts: Record<string, T>): { readonly translations?: Record<string, T> } {
  return Object.keys(texts).length === 0 ? {} : { translations: texts };
}

/** `AttributeInput` of the schema: a list of values makes an attribute of each. */
export const attribute = z
  .strictObject({
    name: line('the name of an attribute', 100),
    value: z.union([scalar, z.array(scalar).min(1).max(valuesMax)], valueError),
    label: optionalLine('label', 200),
    translations: z
      .array(
        z.strictObject({
          locale,
          label: optionalLine('label', 200),
          value: optionalLine('the text of an attribute', 10_000),
        }),
      )
      .max(translationsMax, { error: `an attribute has at most ${translationsMax} translations` })
      .nullish(),
  })
  .superRefine(({ value, translations }, context) => {
    if (!Array.isArray(value) || !translations?.some((each) => each.value !== null)) return;
    const message = 'translations of a value belong to one value; give an attribute for each value';
    context.addIssue({ code: 'custom', path: ['translations'], message });
  })
  .transform(({ name, value, label, translations }): Attribute[] => {
    const texts = byLocale(translations, (each) => ({
      ...(each.label === null ? {} : { label: each.label }),
      ...(each.value === null ? {} : { value: each.value }),
    }));
    const rest = { ...(label === null ? {} : { label }), ...translationsOf(texts) };
    return (Array.isArray(value) ? value : [value]).map((each) => ({ name, value: each, ...rest }));
  });

/** `ProductOptionInput` of the schema. */
export const option = z
  .strictObject({
    name: line('the name of an option', 100),
    values: z
      .array(line('the value of an option', 200))
      .min(1, { error: 'an option has at least one value' })
      .max(200, { error: 'an option has at most 200 values' }),
    translations: z
      .array(
        z.strictObject({
          locale,
          label: optionalLine('label', 200),
          values: z
            .array(
              z.strictObject({
                value: line('the value of an option', 200),
                label: line('the label of a value', 200),
              }),
            )
            .max(200, { error: 'an option has at most 200 values' })
            .nullish(),
        }),
      )
      .max(translationsMax, { error: `an option has at most ${translationsMax} translations` })
      .nullish(),
  })
  .transform(({ name, values, translations }): ProductOption => {
    const texts = byLocale(translations, (each) => ({
      ...(each.label === null ? {} : { label: each.label }),
      ...(each.values?.length ? { values: each.values } : {}),
    }));
    return { name, values: [...new Set(values)], ...translationsOf(texts) };
  });

const measureFault = 'the value of a measure must be a number above 0 and up to 1,000,000,000';

/** `MeasureInput` of the schema. */
export const measure: z.ZodType<Measure> = z.strictObject({
  value: z
    .number({ error: measureFault })
    .refine((value) => value > 0 && value <= 1e9, { error: measureFault }),
  unit: z.enum(measureUnits, { error: `the unit of a measure must be one of ${measureUnits.join(', ')}` }),
});

/** `RatingInput` of the schema. */
export const rating = z.strictObject({
  average: z
    .number({ error: 'the average of ratings must be a number from 1 to 5' })
    .refine((average) => average >= 1 && average <= 5, {
      error: 'the average of ratings must be from 1 to 5',
    }),
  count: z.int({ error: 'the count of ratings must be a whole number from 1' }).min(1, {
    error: 'the count of ratings must be a whole number from 1; leave the rating out if there is none',
  }),
});

/** `RelationInput` of the schema. */
export const relation = z.strictObject({
  kind: z.enum(relationKinds, { error: `kind must be one of ${relationKinds.join(', ')}` }),
  productId: id('productId'),
});

const bundleQuantity = 'quantity must be a whole number from 1 to 100000';

/** `BundleItemInput` of the schema. */
export const bundleItem = z
  .strictObject({
    productId: id('productId'),
    variantId: id('variantId').nullish(),
    quantity: z
      .int({ error: bundleQuantity })
      .min(1, { error: bundleQuantity })
      .max(100_000, { error: bundleQuantity })
      .nullish(),
  })
  .transform(({ productId, variantId, quantity }) => ({
    productId,
    ...(variantId ? { variantId } : {}),
    quantity: quantity ?? 1,
  }));
