import type { Channel } from '../../../src/context.js';
import type { Product } from '../../../src/ports/catalog.js';
import { type PriceContext, priceOf } from '../../../src/ports/prices.js';
import type { Omission, OmissionReason } from '../../../src/ports/recommendations.js';

/** What a channel can use of a ranking. */
interface ChannelPolicy {
  readonly itemsMax: number;
  /** Why this channel cannot show a product that has a price; null: it can. If omitted, it can show all. */
  objection?(product: Product): OmissionReason | null;
}

const everything: ChannelPolicy = { itemsMax: Number.POSITIVE_INFINITY };

/** A screen that is scrolled, a message or a till can use every ranking as it is. */
const policies: Readonly<Partial<Record<Channel, ChannelPolicy>>> = {
  VOICE: {
    itemsMax: 5,
    objection: (product) => (product.speakable ? null : 'NOT_SPEAKABLE'),
  },
  KIOSK: { itemsMax: 12 },
};

/**
 * Takes out of a ranking the products without a price for the shopper at the moment, if prices matter, and those that a channel cannot
 * use. It only takes away: the kept products stay in order, and all others are in `omitted`, in order, with their reasons. The best
 * product is kept if nothing would be left.
 */
export function applyChannelPolicy<T extends { readonly product: Product }>(
  ranked: readonly T[],
  place: PriceContext & { readonly channel: Channel },
  pricesMatter: boolean,
): { readonly kept: readonly T[]; readonly omitted: readonly Omission[] } {
  const policy = policies[place.channel] ?? everything;
  const kept: T[] = [];
  const omitted: Omission[] = [];
  for (const item of ranked) {
    const reason =
      (pricesMatter && priceOf(item.product, place) === null
        ? 'NO_PRICE'
        : policy.objection?.(item.product)) ?? (kept.length < policy.itemsMax ? null : 'CHANNEL_LIMIT');
    if (reason === null) kept.push(item);
    else omitted.push({ product: item.product, reason });
  }
  return kept.length > 0 ? { kept, omitted } : { kept: ranked.slice(0, 1), omitted: omitted.slice(1) };
}
