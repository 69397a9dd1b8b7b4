import { currencyDigits } from '../../src/money.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { targetOf } from '../../src/ports/ranking.js';
import type { EventCondition } from './conditions.js';

export const dayMs = 86_400_000;

/** A result of a condition at a moment. */
export interface Outcome {
  readonly holds: boolean;
  /** The next moment at which it can become another one if nothing happens; null: it stays. */
  readonly untilMs: number | null;
  readonly observed: unknown;
}

/** Counts or sums the events of one condition. */
export interface EventMeasure {
  add(event: ShopEvent): void;
  outcome(nowMs: number): Outcome;
}

/** The length of a condition's window; null: all events count. */
export function windowMs({ within }: EventCondition): number | null {
  if (within === undefined) return null;
  return (within.days ?? 0) * dayMs + (within.hours ?? 0) * 3_600_000 + (within.minutes ?? 0) * 60_000;
}

/** The earliest moment whose events a condition counts. An event in a window counts until its end, exclusively. */
export function windowStartMs(condition: EventCondition, nowMs: number): number {
  const lengthMs = windowMs(condition);
  if (lengthMs !== null) return nowMs - lengthMs;
  return condition.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(condition.from);
}

export function createEventMeasure(
  condition: EventCondition,
  catalog: Parameters<typeof targetOf>[1] & Pick<Catalog, 'resolve'>,
): EventMeasure {
  const { name, measure = 'EVENTS', currency } = condition;
  const types = new Set([condition.event].flat());
  const channels = condition.channels && new Set(condition.channels);
  const storeIds = condition.storeIds && new Set(condition.storeIds);
  const untilMs = condition.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(condition.until);
  const isOfProduct = productFilter(condition, catalog);
  const lengthMs = windowMs(condition);
  /** Moments and amounts of events; with `newest`, of each product or day the newest event. */
  const timesMs: number[] = [];
  const amounts: number[] = [];
  const newest = measure === 'PRODUCTS' || measure === 'DAYS' ? new Map<string, number>() : null;

  function addAmount(atMs: number, amount: number): void {
    timesMs.push(atMs);
    amounts.push(amount);
  }

  function addKey(key: string, atMs: number): void {
    if ((newest!.get(key) ?? Number.NEGATIVE_INFINITY) < atMs) newest!.set(key, atMs);
  }

  return {
    add(event) {
      const { type, atMs, channel, storeId, productIds, quantities, prices } = event;
      if (!types.has(type) || atMs >= untilMs) return;
      if (channels && !channels.has(channel)) return;
      if (storeIds && (storeId === null || !storeIds.has(storeId))) return;
      if (name !== undefined && event.properties?.event !== name) return;
      const matching: number[] = [];
      for (let at = 0; at < productIds.length; at++)
        if (isOfProduct === null || isOfProduct(productIds[at]!)) matching.push(at);
      if (isOfProduct !== null && matching.length === 0) return;
      if (measure === 'EVENTS') addAmount(atMs, 1);
      else if (measure === 'DAYS') addKey(String(Math.floor(atMs / dayMs)), atMs);
      else if (measure === 'PRODUCTS')
        for (const at of matching)
          addKey(catalog.resolve(productIds[at]!)?.productId ?? productIds[at]!, atMs);
      else if (measure === 'QUANTITY')
        addAmount(
          atMs,
          matching.reduce((sum, at) => sum + (quantities?.[at] ?? 1), 0),
        );
      else if (event.currency === currency && isOfProduct === null) addAmount(atMs, event.value ?? 0);
      else if (event.currency === currency)
        addAmount(
          atMs,
          matching.reduce((sum, at) => sum + (prices?.[at] ?? 0) * (quantities?.[at] ?? 1), 0),
        );
    },

    outcome(nowMs) {
      const moments = newest === null ? timesMs : [...newest.values()];
      const amountOf = (at: number) => (newest === null ? amounts[at]! : 1);
      const fromMs = windowStartMs(condition, nowMs);
      // An event of exactly a window's length ago has just left it.
      const counted = [...moments.keys()].filter((at) =>
        lengthMs === null ? moments[at]! >= fromMs : moments[at]! > fromMs,
      );
      counted.sort((a, b) => moments[b]! - moments[a]!);
      const unit = currency === undefined ? 1 : 10 ** currencyDigits(currency);
      const { atLeast, atMost } = boundsOf(condition, unit);
      let sum = 0;
      let belowMs: number | null = null;
      let withinMs: number | null = null;
      for (const at of counted) {
        sum += amountOf(at);
        // When this event leaves the window, the sum falls below a bound.
        if (belowMs === null && sum >= atLeast) belowMs = moments[at]!;
        if (withinMs === null && sum > atMost) withinMs = moments[at]!;
      }
      const holds = sum >= atLeast && sum <= atMost;
      const crossingMs = holds ? belowMs : sum > atMost ? withinMs : null;
      return {
        holds,
        untilMs:
          lengthMs === null || crossingMs === null || (atLeast === 0 && holds) ? null : crossingMs + lengthMs,
        observed: sum / unit,
      };
    },
  };
}

function boundsOf({ atLeast, atMost }: EventCondition, unit: number): { atLeast: number; atMost: number } {
  return {
    atLeast: Math.round((atLeast ?? (atMost === undefined ? 1 : 0)) * unit),
    atMost: atMost === undefined ? Number.POSITIVE_INFINITY : Math.round(atMost * unit),
  };
}

function productFilter(
  { productIds, categoryId, brands }: EventCondition,
  catalog: Parameters<typeof targetOf>[1],
): ((code: string) => boolean) | null {
  if (productIds === undefined && categoryId === undefined && brands === undefined) return null;
  return targetOf(
    {
      ...(productIds && { ids: productIds }),
      ...(brands && { brands }),
      ...(categoryId === undefined ? {} : { categoryId }),
    },
    catalog,
  );
}
