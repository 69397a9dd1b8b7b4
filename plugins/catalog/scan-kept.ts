import type { Product } from '../../src/ports/catalog.js';

const pageSize = 1_000;

/** Ids by product number; the status is null for a number whose product is not there. */
interface ProductIndex {
  readonly size: number;
  idOf(number: number): string;
  status(number: number): string | null;
}

/**
 * All products in the order of their ids, like a scan of their collection: `read` takes those in memory from there. Three plugins read
 * all products at a start, and decoding them takes most of the time. For a store that reports a change before it is acknowledged.
 */
export async function* scanKept(
  products: ProductIndex,
  read: (ids: readonly string[]) => Promise<readonly Product[]>,
): AsyncGenerator<readonly Product[]> {
  const ids: string[] = [];
  for (let number = 0; number < products.size; number++) {
    if (products.status(number) !== null) ids.push(products.idOf(number));
  }
  ids.sort(byCodePoint);
  for (let from = 0; from < ids.length; from += pageSize) {
    const page = await read(ids.slice(from, from + pageSize));
    if (page.length > 0) yield page;
  }
}

const surrogates = 0xd800;
const behindSurrogates = 0xe000;

/** Order of strings in every store. Comparing strings with `<` sorts characters beyond U+FFFF before U+E000. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  return unit >= surrogates && unit < behindSurrogates ? unit + 0x10000 : unit;
}
