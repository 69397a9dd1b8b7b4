import type { DailyQuotas, Quota } from '../../../src/kit/daily-quotas.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { TrainingExample } from '../learning/training-example.js';
import { interest } from '../serving/profile.js';
import type { ContributionLimits } from './contribution-limits.js';
import type { NetworkShares } from './network-shares.js';
import type { PairLimits } from './pair-limits.js';
import type { RepeatGuard } from './repeat-guard.js';
import { networkIn } from './witnesses.js';

/** Clicks of one person on one product that teach in a day what is looked at together. In a session hardly anybody returns more often. */
export const clicksAPersonMax = 5;
/** Orders of one person that count in a day. Hardly anybody orders more often. */
export const ordersAPersonMax = 3;
/** Removals from the cart of one person that count in a day: each enters the rest of the cart anew. */
export const removalsAPersonMax = 5;
/** Showings of one product in exploration slots that count of one person, and of one network, in a day. */
export const slotShowingsAPersonMax = 3;
export const slotShowingsANetworkMax = 6;
/**
 * The most that one network teaches in a day of what one product goes with: 6 new sessions that each return to it once. A product that is usually
 * looked at a lot has more, as of `ContributionLimits.crowdOf`.
 */
export const networkExamplesMax = 30;
const newSessionExamples = 4;
/** The same where a product has hardly any room left: then each network teaches two new sessions, which may return. */
const crowdedSessionExamples = 12;
/** The most that one network teaches in a day of all products together, in products that its events name. */
export const networkShare = { least: 2_000, share: 0.05 } as const;
/** The same in orders. */
export const networkOrders = { least: 20, share: 0.05 } as const;

const quotas = {
  clicks: { number: 2, max: clicksAPersonMax },
  orders: { number: 3, max: ordersAPersonMax },
  removals: { number: 4, max: removalsAPersonMax },
  personShowings: { number: 5, max: slotShowingsAPersonMax },
  networkShowings: { number: 6, max: slotShowingsANetworkMax },
  networkExamples: { number: 7, max: networkExamplesMax },
} as const satisfies Readonly<Record<string, Quota>>;

/** The part of an event that may teach, for one product. */
export interface Admitted {
  /** Views that it counts for popularity; 0: nothing. */
  views: number;
  /** True if it may teach what concerns the product alone, as when it is bought again. */
  alone: boolean;
  /** True if it may also teach what goes with what. */
  together: boolean;
}

export interface AdmissionParts {
  readonly limits: ContributionLimits;
  readonly pairs: PairLimits;
  readonly guard: RepeatGuard;
  readonly daily: DailyQuotas;
  /** The shares of networks in all products that events name, and in orders. */
  readonly networks: NetworkShares;
  readonly orders: NetworkShares;
  /** The weight of an order that a storefront wrote, of one that a server wrote: 0 to 1. */
  readonly storefrontOrders: number;
}

/**
 * Decides how much an event may teach, once for all that learns from it: by the key that wrote it, its person, its network and the product.
 * Nothing is learned from an event that was not admitted. Events of the shop's server have no limits.
 */
export interface Admission {
  /** True if an order counts at all. Call it before `of`. */
  admitsOrder(example: TrainingExample): boolean;
  /** Decides about one product of the event. The result is valid until the next call. `product` is its fingerprint. */
  of(example: TrainingExample, item: number, product: number): Admitted;
  /** True if one more showing of a product in an exploration slot may teach. */
  admitsShowing(example: TrainingExample, product: number): boolean;
}

const associating: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_VIEWED',
  'PRODUCT_ADDED_TO_CART',
  'PRODUCT_REMOVED_FROM_CART',
  'ORDER_COMPLETED',
]);

export function createAdmission(parts: AdmissionParts): Admission {
  const { limits, pairs, guard, daily, networks, orders, storefrontOrders } = parts;
  const admitted: Admitted = { views: 0, alone: false, together: false };
  // Limits are asked for every event, so there is one object for all of them.
  const contribution = { person: 0, product: 0, item: 0, weight: 0, atMs: 0, trusted: false, witness: 0 };
  const named = { namer: 0, item: 0, atMs: 0, trusted: false };

  function viewsOf(example: TrainingExample, item: number, product: number): number {
    const { event, session, person, trusted, limitedAtMs, somebody } = example;
    const { type } = event;
    if (interest(type) <= 0 || !guard.isNew(session, product, type, limitedAtMs)) return 0;
    const isClaimed = !trusted && type === 'ORDER_COMPLETED';
    const weight = interest(type) * (isClaimed ? storefrontOrders : 1);
    contribution.person = person;
    contribution.product = product;
    contribution.item = item;
    contribution.weight = weight;
    contribution.atMs = limitedAtMs;
    contribution.trusted = trusted;
    contribution.witness = somebody;
    return limits.admit(contribution);
  }

  /** True if the person and the network of a storefront's event may teach one thing more of the product. */
  function mayTeach(example: TrainingExample, item: number, product: number, examples: number): boolean {
    const { event, person, somebody, limitedAtMs: atMs } = example;
    const { type } = event;
    if (type === 'PRODUCT_REMOVED_FROM_CART') {
      if (!daily.spend(person, 0, quotas.removals, atMs)) return false;
    } else if (type !== 'ORDER_COMPLETED' && !daily.spend(person, product, quotas.clicks, atMs)) return false;
    const network = networkIn(somebody);
    if (network === 0) return true;
    const wanted = examples / limits.crowdOf(item);
    return daily.take(network, product, quotas.networkExamples, wanted, atMs) >= wanted;
  }

  return {
    admitsOrder({ person, somebody, trusted, limitedAtMs: atMs }) {
      if (trusted) return true;
      return daily.spend(person, 0, quotas.orders, atMs) && orders.take(networkIn(somebody), 1, atMs) === 1;
    },
    of(example, item, product) {
      const { event, session, person, somebody, trusted, limitedAtMs: atMs } = example;
      admitted.views = 0;
      admitted.alone = false;
      admitted.together = false;
      // A session may come back to a product that it taught. Without returns, the models would learn that nobody returns.
      const isReturn = !trusted && pairs.hasTaught(session, item);
      const room = trusted || isReturn ? 'enough' : limits.roomOf(item, atMs);
      if (room === 'none') return admitted;
      if (!trusted && networks.take(networkIn(somebody), 1, atMs) < 1) return admitted;
      admitted.views = viewsOf(example, item, product);
      if (!associating.has(event.type)) return admitted;
      const examples = isReturn ? 1 : room === 'scarce' ? crowdedSessionExamples : newSessionExamples;
      admitted.alone = trusted || mayTeach(example, item, product, examples);
      if (!admitted.alone) return admitted;
      named.namer = event.type === 'ORDER_COMPLETED' ? person : session;
      named.item = item;
      named.atMs = atMs;
      named.trusted = trusted;
      admitted.together = event.type === 'PRODUCT_REMOVED_FROM_CART' || pairs.admit(named);
      return admitted;
    },
    admitsShowing({ person, somebody, trusted, limitedAtMs: atMs }, product) {
      if (trusted) return true;
      const network = networkIn(somebody);
      if (networks.take(network, 1, atMs) < 1) return false;
      if (!daily.spend(person, product, quotas.personShowings, atMs)) return false;
      return network === 0 || daily.spend(network, product, quotas.networkShowings, atMs);
    },
  };
}
