import { z } from 'zod';
import { stockLevel } from './product-input.js';
import { id } from './texts.js';

/** `StockInput` of the schema. */
export const stockInput = z.strictObject({ productId: id('productId'), ...stockLevel.shape });
