import type { Price, Product } from '../../src/ports/catalog.js';
import { pricesOf } from '../../src/ports/prices.js';

const none = new Float64Array(0);
const boundaries = new WeakMap<Product, Float64Array>();

/** Grows by one at each moment at which a price of the product begins or ends: between two such moments no price changes without a write. */
export function priceEpoch(product: Product, atMs: number): number {
  if (product.variants === undefined && !isAnyTimed(product.prices)) return 0;
  let moments = boundaries.get(product);
  if (moments === undefined) {
    moments = momentsOf(product);
    boundaries.set(product, moments);
  }
  let passed = 0;
  while (passed < moments.length && moments[passed]! <= atMs) passed++;
  return passed;
}

function isAnyTimed(prices: readonly Price[]): boolean {
  // Called for every product of every response: callbacks over frozen arrays are slow.
  for (let at = 0; at < prices.length; at++) if (isTimed(prices[at]!)) return true;
  return false;
}

function isTimed({ validFromMs, validUntilMs }: Price): boolean {
  return validFromMs !== undefined || validUntilMs !== undefined;
}

function momentsOf(product: Product): Float64Array {
  const timed = pricesOf(product).filter(isTimed);
  if (timed.length === 0) return none;
  const moments = timed.flatMap(({ validFromMs, validUntilMs }) =>
    [validFromMs, validUntilMs].filter((moment) => moment !== undefined),
  );
  return Float64Array.from([...new Set(moments)]).sort();
}
