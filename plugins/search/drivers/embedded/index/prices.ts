import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import { createJaggedRows } from '../../../../../src/kit/jagged-rows.js';
import type { Price, Product } from '../../../../../src/ports/catalog.js';
import { type PriceCondition, type PriceContext, priceRank } from '../../../../../src/ports/prices.js';

/** The prices of documents, with the conditions that they hold under. */
export interface PriceColumns {
  set(document: number, product: Product): void;
  /**
   * Makes a function that reads the amount of a document in minor units, NaN for none. It is that of `priceOf`, with prices for one
   * piece. `canBuy` is called with the place of a variant in `variantsOf(product)`.
   */
  reader(
    context: PriceContext,
    canBuy: (document: number, place: number) => boolean,
  ): (document: number) => number;
  /** Makes a function that returns whether a document has a price. It stops at the first that holds. */
  priced(context: PriceContext): (document: number) => boolean;
}

/** A price is four numbers in the row of its document. */
const width = 4;
const high = 2 ** 32;
/** The condition that never holds: a variant without prices of its own has one price under it. */
const never = 0;

/**
 * The conditions of all prices are numbered, since a shop has few of them (currencies, stores, groups, sales). So a query decides once
 * for each condition whether it holds, and reads an amount in nanoseconds.
 */
export function createPriceColumns(): PriceColumns {
  /** The prices of the product, then those of each ACTIVE variant: condition, place of the variant plus 1, high and low half. */
  const rows = createJaggedRows();
  const numbers = new Map<string, number>();
  const conditions: (PriceCondition | null)[] = [null];
  /** The number of prices by condition. */
  let uses = new Uint32Array(16);
  const free: number[] = [];

  function take(price: Price): number {
    const key = keyOf(price);
    let number = numbers.get(key);
    if (number === undefined) {
      number = free.pop() ?? conditions.length;
      numbers.set(key, number);
      const { currency, storeId, customerGroup, validFromMs, validUntilMs } = price;
      conditions[number] = {
        currency,
        storeId,
        ...(customerGroup === undefined ? {} : { customerGroup }),
        ...(validFromMs === undefined ? {} : { validFromMs }),
        ...(validUntilMs === undefined ? {} : { validUntilMs }),
      };
      uses = ensureCapacity(Uint32Array, uses, number + 1);
    }
    uses[number]!++;
    return number;
  }

  function release(document: number): void {
    const pool = rows.pool(document);
    for (let i = rows.start(document), end = rows.end(document); i < end; i += width) {
      const number = pool[i]!;
      if (number === never || --uses[number]! > 0) continue;
      numbers.delete(keyOf(conditions[number]!));
      conditions[number] = null;
      free.push(number);
    }
  }

  function add(row: number[], prices: readonly Price[], place: number): void {
    for (const price of prices) {
      if ((price.minQuantity ?? 1) > 1) continue;
      row.push(take(price), place, Math.floor(price.amountMinor / high), price.amountMinor % high);
    }
  }

  function ranksIn(context: PriceContext): (number: number) => number {
    /** By condition: 0 for unknown, otherwise the rank plus 2. */
    const ranks = new Uint8Array(conditions.length);
    return (number) => {
      if (number === never) return -1;
      if (ranks[number] === 0) ranks[number] = priceRank(conditions[number]!, context) + 2;
      return ranks[number]! - 2;
    };
  }

  return {
    priced(context) {
      const rankOf = ranksIn(context);
      return (document) => {
        const pool = rows.pool(document);
        for (let i = rows.start(document), end = rows.end(document); i < end; i += width)
          if (rankOf(pool[i]!) >= 0) return true;
        return false;
      };
    },
    set(document, { prices, variants = [] }) {
      const row: number[] = [];
      const active = variants.flatMap(({ status = 'ACTIVE', prices: own = [] }, place) =>
        status === 'ACTIVE' ? [{ own, place: place + 1 }] : [],
      );
      const hasOwn = variants.some((variant) => variant.prices !== undefined);
      const common = hasOwn && prices.length === 0 ? commonPrices(active.map(({ own }) => own)) : null;
      if (!hasOwn || active.length > 0) add(row, common ?? prices, 0);
      for (const { own, place } of hasOwn && common === null ? active : []) {
        const before = row.length;
        add(row, own, place);
        if (row.length === before) row.push(never, place, 0, 0);
      }
      release(document);
      rows.set(document, row);
    },
    reader(context, canBuy) {
      const rankOf = ranksIn(context);
      return (document) => {
        const pool = rows.pool(document);
        const end = rows.end(document);
        let general = Number.NaN;
        let lowest = Number.NaN;
        let lowestOfAll = Number.NaN;
        let i = rows.start(document);
        while (i < end) {
          const place = pool[i + 1]!;
          let amount = Number.NaN;
          let best = -1;
          for (; i < end && pool[i + 1] === place; i += width) {
            const rank = rankOf(pool[i]!);
            if (rank < 0 || rank < best) continue;
            const each = pool[i + 2]! * high + pool[i + 3]!;
            if (rank === best && each >= amount) continue;
            best = rank;
            amount = each;
          }
          if (place === 0) {
            general = amount;
            if (i === end) return general;
            continue;
          }
          if (best < 0) amount = general;
          if (Number.isNaN(amount)) continue;
          if (!(amount >= lowestOfAll)) lowestOfAll = amount;
          if (!(amount >= lowest) && canBuy(document, place - 1)) lowest = amount;
        }
        return Number.isNaN(lowest) ? lowestOfAll : lowest;
      };
    },
  };
}

/** The prices of all variants if they are equal, as those of sizes mostly are: they are read as prices of the product. */
function commonPrices(lists: readonly (readonly Price[])[]): readonly Price[] | null {
  const [first, ...others] = lists;
  if (first === undefined || first.length === 0) return null;
  const isCommon = others.every(
    (list) => list.length === first.length && list.every((price, at) => isSamePrice(price, first[at]!)),
  );
  return isCommon ? first : null;
}

function isSamePrice(a: Price, b: Price): boolean {
  return a.amountMinor === b.amountMinor && a.minQuantity === b.minQuantity && keyOf(a) === keyOf(b);
}

function keyOf({ currency, storeId, customerGroup, validFromMs, validUntilMs }: PriceCondition): string {
  return `${currency}\n${storeId ?? ''}\n${customerGroup ?? ''}\n${validFromMs ?? ''}\n${validUntilMs ?? ''}`;
}
