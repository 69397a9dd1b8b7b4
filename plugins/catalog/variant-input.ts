import { z } from 'zod';
import type { SelectedOption } from '../../src/ports/product-details.js';
import { measure } from './details-input.js';
import { gtin } from './gtin.js';
import { media, selectedOption } from './media-input.js';
import { prices } from './price-input.js';
import { stockLevels } from './stock-level-input.js';
import { id } from './texts.js';

export const variantsMax = 2_048;
export const optionsMax = 20;

export const status = z.enum(['ACTIVE', 'DRAFT', 'ARCHIVED'], {
  error: 'status must be ACTIVE, DRAFT or ARCHIVED',
});

/** `ProductVariantInput` of the schema. */
export const variant = z.strictObject({
  id: id('the id of a variant'),
  sku: id('sku').nullish(),
  gtin: gtin.nullish(),
  selectedOptions: z
    .array(selectedOption)
    .max(optionsMax, { error: `a variant has at most ${optionsMax} options` }),
  prices: prices.nullish(),
  stock: stockLevels.nullish(),
  media: media.nullish(),
  contents: measure.nullish(),
  status: status.nullish(),
});

export type VariantInput = z.output<typeof variant>;

/** `ProductVariantPatchInput` of the schema: an absent field stays, null empties it. */
export const variantPatch = z.strictObject({
  ...variant.shape,
  selectedOptions: variant.shape.selectedOptions.optional(),
});

export type VariantPatch = z.output<typeof variantPatch>;

type Checked = Pick<VariantInput, 'id' | 'sku' | 'gtin'> & {
  readonly selectedOptions: readonly SelectedOption[];
};

interface Issues {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/**
 * Refuses variants of one product that have an id, a SKU, a GTIN or all selected options in common, an option given twice, and a variant
 * without options beside others that have some: nobody could choose it. `mayLack`: ids of those that are stored so.
 */
export function checkVariants(
  variants: readonly Checked[],
  context: Issues,
  mayLack: readonly string[] = [],
): void {
  const chosen = variants.find(({ selectedOptions }) => selectedOptions.length > 0);
  const seen = new Map<string, number>();
  const check = (index: number, field: string, text: string, key: string) => {
    const earlier = seen.get(`${field} ${key}`);
    if (earlier === undefined) seen.set(`${field} ${key}`, index);
    else
      context.addIssue({
        code: 'custom',
        path: [index, field],
        message: `the variant at index ${earlier} has ${text}`,
      });
  };
  variants.forEach(({ id, sku, gtin, selectedOptions }, index) => {
    check(index, 'id', `the id "${id}" already`, id);
    if (sku) check(index, 'sku', `the SKU "${sku}" already`, sku);
    if (gtin) check(index, 'gtin', `the GTIN ${gtin} already`, gtin);
    if (chosen !== undefined && selectedOptions.length === 0 && !mayLack.includes(id)) {
      const { name } = chosen.selectedOptions[0]!;
      context.addIssue({
        code: 'custom',
        path: [index, 'selectedOptions'],
        message: `the variant "${id}" has no options and others of the product do; give it a value, for example of "${name}"`,
      });
    }
    const repeated = selectedOptions.find(
      ({ name }, i) => selectedOptions.findIndex((each) => each.name === name) < i,
    );
    if (repeated) {
      context.addIssue({
        code: 'custom',
        path: [index, 'selectedOptions'],
        message: `the option "${repeated.name}" is there twice; a variant has one value for each option`,
      });
    }
    const options = selectedOptions.map(({ name, value }) => `${name}: ${value}`).sort();
    const shown = options.length === 0 ? 'no options' : `the options ${options.join(', ').slice(0, 200)}`;
    check(
      index,
      'selectedOptions',
      `${shown} too; variants must differ in their options`,
      JSON.stringify(options),
    );
  });
}
