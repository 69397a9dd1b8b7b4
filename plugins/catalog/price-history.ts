import { isDeepStrictEqual } from 'node:util';
import type { Price, Product, ProductVariant } from '../../src/ports/catalog.js';
import { type PriceContext, resolvePrice } from '../../src/ports/prices.js';
import type { Collection } from '../../src/ports/store.js';

/** A list of prices that was replaced. */
export interface PriceChange {
  readonly atMs: number;
  /** The variant whose own prices they were. If omitted, they were those of the product. */
  readonly variantId?: string;
  readonly before: readonly Price[];
}

/** The replaced prices of one product, oldest first. */
export interface PriceHistoryDocument {
  readonly id: string;
  readonly changes: readonly PriceChange[];
}

export type PriceHistory = Collection<PriceHistoryDocument>;

const dayMs = 86_400_000;
const windowMs = 30 * dayMs;
/** A reduction may last for months, and the prices of the 30 days before it count. */
const keptMs = 400 * dayMs;
const changesMax = 400;
const pricesMax = 2_000;

/** The price lists that a write of a product replaces. */
export function replacedPrices(before: Product, after: Product, atMs: number): PriceChange[] {
  const changes: PriceChange[] = [];
  if (!isDeepStrictEqual(before.prices, after.prices)) changes.push({ atMs, before: before.prices });
  const afterOf = new Map(after.variants?.map((variant) => [variant.id, variant.prices]));
  for (const { id, prices = [] } of before.variants ?? []) {
    if (afterOf.has(id) && !isDeepStrictEqual(prices, afterOf.get(id) ?? []))
      changes.push({ atMs, variantId: id, before: prices });
  }
  return changes;
}

/** Adds changes to a product's history, before the product is written: a change that then fails replaced a list by an equal one. */
export async function recordPrices(
  history: PriceHistory,
  id: string,
  changes: readonly PriceChange[],
  nowMs: number,
): Promise<void> {
  await history.update(
    id,
    (current) => {
      const all = [...(current?.changes ?? []), ...changes].filter(({ atMs }) => atMs > nowMs - keptMs);
      let room = pricesMax;
      let from = Math.max(0, all.length - changesMax);
      for (let at = all.length - 1; at >= from; at--) {
        room -= all[at]!.before.length + 1;
        if (room < 0) from = at + 1;
      }
      return { id, changes: all.slice(from) };
    },
    { skipDamaged: true },
  );
}

/**
 * The lowest price of a variant in the 30 days before its present price began, in minor units: the prior price that the European Union's
 * directive 2019/2161 requires beside a reduction. Null if the present price has held as long as prices are known, or there is none.
 */
export function lowestPrice30Days(
  product: Product,
  variant: ProductVariant,
  changes: readonly PriceChange[],
  context: PriceContext,
): number | null {
  const listAt = (variantId: string | undefined, current: readonly Price[], atMs: number) =>
    changes.find((change) => change.variantId === variantId && change.atMs > atMs)?.before ?? current;
  const amountAt = (atMs: number): number | null => {
    const at = { ...context, atMs };
    const own = resolvePrice(listAt(variant.id, variant.prices ?? [], atMs), at);
    return (own ?? resolvePrice(listAt(undefined, product.prices, atMs), at))?.amountMinor ?? null;
  };
  const nowMs = context.atMs;
  const present = amountAt(nowMs);
  if (present === null) return null;
  const moments = momentsOf(product, variant, changes).filter((moment) => moment <= nowMs);
  const beganMs = moments.findLast((moment) => amountAt(moment - 1) !== present);
  if (beganMs === undefined) return null;
  const fromMs = beganMs - windowMs;
  const amounts = [fromMs, ...moments.filter((moment) => moment > fromMs && moment < beganMs)]
    .map(amountAt)
    .filter((amount) => amount !== null);
  return amounts.length === 0 ? null : Math.min(...amounts);
}

/** The moments at which the price of a variant can have changed, ascending. */
function momentsOf(product: Product, variant: ProductVariant, changes: readonly PriceChange[]): number[] {
  const own = changes.filter(({ variantId = variant.id }) => variantId === variant.id);
  const lists = [product.prices, variant.prices ?? [], ...own.map(({ before }) => before)];
  const moments = new Set(own.map(({ atMs }) => atMs));
  for (const { validFromMs, validUntilMs } of lists.flat()) {
    if (validFromMs !== undefined) moments.add(validFromMs);
    if (validUntilMs !== undefined) moments.add(validUntilMs);
  }
  return [...moments].sort((a, b) => a - b);
}
