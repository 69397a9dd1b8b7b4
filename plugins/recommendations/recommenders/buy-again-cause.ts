import type { Cause, ShopperProfile } from '../../../src/ports/recommenders.js';

const dayMs = 86_400_000;

/** The reason for a product that the shopper bought before; it names their mean interval in days if there are two of them. */
export function buyAgainCause(item: number, { purchases }: ShopperProfile): Cause {
  const timesMs = purchases.get(item) ?? [];
  const days = (timesMs[0]! - timesMs.at(-1)!) / (timesMs.length - 1) / dayMs;
  const subject = timesMs.length < 3 ? null : { text: String(Math.max(1, Math.round(days))) };
  return { code: 'BUY_AGAIN', source: 'BUY_AGAIN', because: -1, subject };
}
