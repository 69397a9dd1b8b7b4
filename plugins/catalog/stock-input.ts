import { z } from 'zod';
import type { ReferenceKind } from '../../src/ports/variants.js';
import { feed } from './feed-input.js';
import { stockLevel } from './stock-level-input.js';
import { id } from './texts.js';

/** The ways to name a product or one of its variants in an input; exactly one of them is given. */
export const reference = {
  productId: id('productId').nullish(),
  variantId: id('variantId').nullish(),
  sku: id('sku').nullish(),
  gtin: id('gtin').nullish(),
};

type Given = { readonly [K in keyof typeof reference]?: string | null | undefined };

export interface NamedBy {
  readonly kind: Extract<ReferenceKind, keyof typeof reference>;
  readonly text: string;
}

export function namedBy(input: Given): NamedBy | null {
  const given = (['productId', 'variantId', 'sku', 'gtin'] as const).flatMap((kind) => {
    const text = input[kind];
    return text === null || text === undefined ? [] : [{ kind, text }];
  });
  return given.length === 1 ? given[0]! : null;
}

export const oneReference = 'give exactly one of productId, variantId, sku and gtin';

/** `StockInput` of the schema. */
export const stockInput = z
  .strictObject({ ...reference, ...stockLevel.shape, ...feed })
  .refine((input) => namedBy(input) !== null, { error: oneReference });
