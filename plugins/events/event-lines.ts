import { currencyDigits, parseAmount } from '../../src/money.js';
import { idLengthMax, isId, productsMax, quantityMax } from './event-rules.js';

/** The lines of an event in columns. */
export interface EventLines {
  readonly productIds: readonly string[];
  /** null: one of each. */
  readonly quantities: readonly number[] | null;
  /** In minor units, null for a line without one; null: no line has one. */
  readonly prices: readonly (number | null)[] | null;
}

/** The field of a line that is wrong, and what is allowed. */
interface LineFault {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

const fields = new Set(['productId', 'quantity', 'price']);

/** Reads the `lines` of an `EventInput`. Prices are in `currency`. */
export function readLines(lines: unknown, currency: string): EventLines | LineFault {
  if (!Array.isArray(lines) || lines.length > productsMax)
    return { message: `lines must be a list of at most ${productsMax} lines`, path: [] };
  const productIds: string[] = [];
  let quantities: number[] | null = null;
  let prices: (number | null)[] | null = null;
  for (const [at, line] of (lines as readonly unknown[]).entries()) {
    if (typeof line !== 'object' || line === null)
      return { message: 'a line must be an object with a productId', path: [at] };
    const unknown = Object.keys(line).find((name) => !fields.has(name));
    if (unknown !== undefined)
      return { message: 'a line must have productId, quantity and price only', path: [at, unknown] };
    const { productId, quantity, price } = line as Readonly<Record<string, unknown>>;
    if (!isId(productId))
      return {
        message: `productId must be 1 to ${idLengthMax} characters without control characters`,
        path: [at, 'productId'],
      };
    productIds.push(productId);
    if (quantity !== undefined && quantity !== null) {
      if (!(Number.isInteger(quantity) && (quantity as number) >= 1 && (quantity as number) <= quantityMax))
        return {
          message: `quantity must be a whole number from 1 to ${quantityMax}`,
          path: [at, 'quantity'],
        };
      quantities ??= lines.map(() => 1);
      quantities[at] = quantity as number;
    }
    if (price !== undefined && price !== null) {
      const minor = minorOf(price, currency);
      if (minor === null)
        return {
          message: `price must be an amount of ${currency} from 0 on, for example "${(12.5).toFixed(currencyDigits(currency))}"`,
          path: [at, 'price'],
        };
      prices ??= lines.map(() => null);
      prices[at] = minor;
    }
  }
  return { productIds, quantities, prices };
}

function minorOf(price: unknown, currency: string): number | null {
  if (typeof price === 'string') return parseAmount(price, currency);
  if (typeof price !== 'number' || !(price >= 0)) return null;
  const minor = Math.round(price * 10 ** currencyDigits(currency));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** The sum of the lines; null unless each has a price. */
export function totalOf({ quantities, prices }: EventLines): number | null {
  if (prices === null || prices.length === 0) return null;
  let total = 0;
  for (const [at, price] of prices.entries()) {
    if (price === null) return null;
    total += price * (quantities?.[at] ?? 1);
  }
  return Number.isSafeInteger(total) ? total : null;
}
