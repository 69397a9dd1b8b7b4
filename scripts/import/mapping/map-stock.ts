import type { ImportedStock } from '../imported-product.js';
import { readNumber } from '../values/numbers.js';
import { readAvailability, readBoolean } from '../values/words.js';
import type { StockSpec } from './mapping.js';
import type { RowContext } from './row-context.js';
import type { Source } from './sources.js';
import { columnIn, elementsIn, type Scope, textIn } from './values-in.js';

/** The quantity of an article that is in stock, if the file states no quantity. */
const someInStock = 1;

/** The stock that a row or a variant states; undefined if it states none. */
export function stockIn(
  scope: Scope,
  specs: readonly StockSpec[],
  context: RowContext,
): readonly ImportedStock[] | undefined {
  const levels = specs.flatMap((spec) => {
    const scopes = spec.each === undefined ? [scope] : elementsIn(scope, spec.each);
    return scopes.flatMap((each) => levelIn(each, spec, context));
  });
  const byStore = new Map<string | undefined, ImportedStock>();
  for (const level of levels) {
    const earlier = byStore.get(level.storeId);
    byStore.set(level.storeId, earlier ? { ...level, quantity: earlier.quantity + level.quantity } : level);
  }
  return levels.length > 0 ? [...byStore.values()] : undefined;
}

function levelIn(scope: Scope, spec: StockSpec, context: RowContext): ImportedStock[] {
  const stated = quantityIn(scope, spec.quantity, context);
  const word = textIn(scope, spec.availability);
  const availability = word === undefined ? null : readAvailability(word);
  if (word !== undefined && availability === null)
    context.warn(
      columnIn(scope, spec.availability!),
      word,
      'is no availability such as "in stock" or "out of stock"; it was left out',
    );
  const withoutStock =
    truth(scope, spec.tracked, context) === false ||
    truth(scope, spec.backorders, context) === true ||
    availability === 'PREORDER' ||
    availability === 'BACKORDER';
  if (stated === null && availability === null && !withoutStock) return [];
  const sold = availability !== 'OUT_OF_STOCK';
  const least = withoutStock ? someInStock : 0;
  const quantity = sold ? Math.max(stated ?? someInStock, least) : 0;
  const storeId = textIn(scope, spec.storeId);
  return [{ quantity, ...(storeId === undefined ? {} : { storeId }) }];
}

function quantityIn(scope: Scope, from: Source | undefined, context: RowContext): number | null {
  const text = textIn(scope, from);
  if (text === undefined) return null;
  const column = columnIn(scope, from!);
  const number = readNumber(text, context.decimalMark(column));
  if (number === null) {
    context.warn(column, text, 'is no quantity; it was left out');
    return null;
  }
  const quantity = Number(number.text);
  if (quantity < 0) {
    context.warn(column, text, 'is below 0; 0 was taken');
    return 0;
  }
  if (!Number.isInteger(quantity))
    context.warn(column, text, `is no whole number; ${Math.floor(quantity)} was taken`);
  return Math.floor(quantity);
}

function truth(scope: Scope, from: Source | undefined, context: RowContext): boolean | null {
  const text = textIn(scope, from);
  if (text === undefined) return null;
  const value = readBoolean(text);
  if (value === null)
    context.warn(columnIn(scope, from!), text, 'is neither true nor false; it was left out');
  return value;
}
