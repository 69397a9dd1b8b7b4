import type { DailyQuotas, Quota } from '../../../src/kit/daily-quotas.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { TrainingExample } from '../learning/training-example.js';
import { interest } from '../serving/profile.js';
import type { ContributionLimits } from './contribution-limits.js';
import type { NetworkShares } from './network-shares.js';
import type { PairLimits } from './pair-limits.js';
import type { RepeatGuard } from './repeat-guard.js';
import { networkIn } from './witnesses.js';

/** The most clicks of one person on one product that teach associations in a day. Few sessions return to a product more often. */
export const clicksAPersonMax = 5;
/** The most orders of one person that count in a day. Few people order more often. */
export const ordersAPersonMax = 3;
/** The most removals from the cart of one person that count in a day. Each enters the rest of the cart again. */
const removalsAPersonMax = 5;
/** The most showings of one product in exploration slots that count in a day, of one person and of one network. */
export const slotShowingsAPersonMax = 3;
const slotShowingsANetworkMax = 6;
/**
 * The most examples by which one network teaches the associations of one product in a day: 6 new sessions that each return to it once. A
 * product with much usual interest has more (`ContributionLimits.crowdOf`). A new session takes `newSessionExamples`, a return one.
 */
const networkExamplesMax = 30;
const newSessionExamples = 4;
/** Taken instead if a product has hardly any room left: then each network teaches by two new sessions, which may return. */
const crowdedSessionExamples = 12;
/** The most products in events of one network that teach in a day, of all products together. */
export const networkShare = { least: 2_000, share: 0.05 } as const;
/** The most orders of one network that count in a day. */
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
  readonly views: number;
  /** True if it may teach about the product alone, such as its interval between purchases. */
  readonly alone: boolean;
  /** True if it may also teach associations with other products. */
  readonly together: boolean;
}

interface AdmissionParts {
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

const nothing: Admitted = { views: 0, alone: false, together: false };

const associating: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_VIEWED',
  'PRODUCT_ADDED_TO_CART',
  'PRODUCT_REMOVED_FROM_CART',
  'ORDER_COMPLETED',
]);

/**
 * Decides once for all models how much an event may teach, by the key that wrote it, its person, its network and the product. Models learn
 * nothing from an event that was not admitted. Events of the shop's server have no limits.
 */
export function createAdmission(parts: AdmissionParts) {
  const { limits, pairs, guard, daily, networks, orders, storefrontOrders } = parts;

  function viewsOf(example: TrainingExample, item: number, product: number): number {
    const { event, session, person, trusted, limitedAtMs: atMs, productWitness: witness } = example;
    const { type } = event;
    if (interest(type) <= 0 || !guard.isNew(session, product, type, atMs)) return 0;
    const isClaimed = !trusted && type === 'ORDER_COMPLETED';
    const weight = interest(type) * (isClaimed ? storefrontOrders : 1);
    return limits.admit({ person, product, item, weight, atMs, trusted, witness });
  }

  /** True if the person and the network of a storefront's event may teach one thing more of the product. */
  function mayTeach(example: TrainingExample, item: number, product: number, examples: number): boolean {
    const { event, person, productWitness, limitedAtMs: atMs } = example;
    const { type } = event;
    if (type === 'PRODUCT_REMOVED_FROM_CART') {
      if (!daily.spend(person, 0, quotas.removals, atMs)) return false;
    } else if (type !== 'ORDER_COMPLETED' && !daily.spend(person, product, quotas.clicks, atMs)) return false;
    const network = networkIn(productWitness);
    if (network === 0) return true;
    const wanted = examples / limits.crowdOf(item);
    return daily.take(network, product, quotas.networkExamples, wanted, atMs) >= wanted;
  }

  return {
    /** True if an order counts at all. Call it before `of`. */
    admitsOrder({ person, productWitness, trusted, limitedAtMs: atMs }: TrainingExample): boolean {
      if (trusted) return true;
      return (
        daily.spend(person, 0, quotas.orders, atMs) && orders.take(networkIn(productWitness), 1, atMs) === 1
      );
    },
    /** Decides about one product of the event. `product` is its fingerprint. */
    of(example: TrainingExample, item: number, product: number): Admitted {
      const { event, session, person, productWitness, trusted, limitedAtMs: atMs } = example;
      // A session may return to a product that it taught. Otherwise the models would learn that sessions never return.
      const isReturn = !trusted && pairs.hasTaught(session, item);
      const room = trusted || isReturn ? 'enough' : limits.roomOf(item, atMs);
      if (room === 'none') return nothing;
      if (!trusted && networks.take(networkIn(productWitness), 1, atMs) < 1) return nothing;
      const views = viewsOf(example, item, product);
      if (!associating.has(event.type)) return { views, alone: false, together: false };
      const examples = isReturn ? 1 : room === 'scarce' ? crowdedSessionExamples : newSessionExamples;
      const alone = trusted || mayTeach(example, item, product, examples);
      const namer = event.type === 'ORDER_COMPLETED' ? person : session;
      const isRemoval = event.type === 'PRODUCT_REMOVED_FROM_CART';
      const together = alone && (isRemoval || pairs.admit({ namer, item, atMs, trusted }));
      return { views, alone, together };
    },
    /** True if one more showing of a product in an exploration slot may teach. */
    admitsShowing(
      { person, productWitness, trusted, limitedAtMs: atMs }: TrainingExample,
      product: number,
    ): boolean {
      if (trusted) return true;
      const network = networkIn(productWitness);
      if (networks.take(network, 1, atMs) < 1) return false;
      if (!daily.spend(person, product, quotas.personShowings, atMs)) return false;
      return network === 0 || daily.spend(network, product, quotas.networkShowings, atMs);
    },
  };
}
