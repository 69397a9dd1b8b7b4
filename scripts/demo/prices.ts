import type { ImportedPrice } from '../import/imported-product.js';
import type { Chance } from './chance.js';
import type { Line } from './line.js';

const dayMs = 86_400_000;

/** As prices are written: whole and ninety from 20 up, to five cents below. */
export function rounded(eur: number): number {
  if (eur >= 200) return Math.round(eur / 10) * 10 - 1;
  if (eur >= 20) return Math.round(eur) - 0.1;
  return Math.max(0.95, Math.round(eur * 2) / 2 - 0.05);
}

/**
 * The prices of a product in every currency. About one in seven is reduced: for the time of the line's sale, or for good. One in
 * thirty has a lower price of its own in the store of Lyon.
 */
export function pricesOf(eur: number, line: Line, chance: Chance, nowMs: number): ImportedPrice[] {
  const reduction = chance.happens(0.15) ? chance.pick([0.1, 0.2, 0.3]) : 0;
  const amounts = { EUR: eur, CHF: rounded(eur * 1.08), USD: rounded(eur * 1.16) };
  const prices = Object.entries(amounts).flatMap(([currency, amount]): ImportedPrice[] => {
    const regular = { currency, amount: amount.toFixed(2) };
    if (reduction === 0) return [regular];
    const reduced = {
      currency,
      amount: (amount * (1 - reduction)).toFixed(2),
      listAmount: amount.toFixed(2),
    };
    return line.sale ? [regular, { ...reduced, ...windowOf(line.sale, nowMs) }] : [reduced];
  });
  if (!chance.happens(0.03)) return prices;
  return [
    ...prices,
    { currency: 'EUR', amount: (eur * 0.75).toFixed(2), listAmount: eur.toFixed(2), storeId: 'lyon' },
  ];
}

/** The same prices, higher by a factor: of a variant that costs more than the others. */
export function raisedBy(factor: number, prices: readonly ImportedPrice[]): ImportedPrice[] {
  return prices.map(({ amount, listAmount, ...rest }) => ({
    ...rest,
    amount: (Number(amount) * factor).toFixed(2),
    ...(listAmount === undefined ? {} : { listAmount: (Number(listAmount) * factor).toFixed(2) }),
  }));
}

/** From the beginning of a day to that of another, in UTC. */
function windowOf({ fromDay, untilDay }: NonNullable<Line['sale']>, nowMs: number) {
  const today = Math.floor(nowMs / dayMs);
  const at = (day: number) => new Date((today + day) * dayMs).toISOString();
  return { validFrom: at(fromDay), validUntil: at(untilDay) };
}
