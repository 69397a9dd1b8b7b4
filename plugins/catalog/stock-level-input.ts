import { z } from 'zod';
import { id } from './texts.js';

const quantityMax = 1_000_000_000;
const error = `a quantity must be a whole number from 0 to ${quantityMax}`;

/** `StockLevelInput` of the schema. */
export const stockLevel = z.strictObject({
  storeId: id('storeId').nullish(),
  quantity: z.int({ error }).min(0, { error }).max(quantityMax, { error }),
});

export const stockLevels = z
  .array(stockLevel)
  .max(1_000, { error: 'a product or variant has at most 1000 stock levels in one call' });
