import { createDailyQuotas } from '../../../src/kit/daily-quotas.js';
import { ensureCapacity } from '../../../src/kit/ensure-capacity.js';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import { rememberingLast } from '../../../src/kit/remembering-last.js';
import type { Shelf } from '../../../src/ports/catalog.js';
import { isFromStorefront, type ShopEvent } from '../../../src/ports/events.js';
import { noCandidates } from '../../../src/ports/recommenders.js';
import { createTrials, type Trials } from '../exploration/trials.js';
import { type Admitted, createAdmission, networkOrders, networkShare } from '../limits/admission.js';
import { createContributionLimits } from '../limits/contribution-limits.js';
import { createNetworkShares } from '../limits/network-shares.js';
import { createPairLimits } from '../limits/pair-limits.js';
import { createRepeatGuard } from '../limits/repeat-guard.js';
import { createSettledSessions } from '../limits/settled-sessions.js';
import { createStoredUsage } from '../limits/stored-usage.js';
import { createPeopleModel, type PeopleModel, peopleIndexOptions } from '../next-basket/people-model.js';
import type { Alike } from '../recommenders/bought-together/basket-reading.js';
import {
  type BoughtTogether,
  createBoughtTogether,
} from '../recommenders/bought-together/bought-together.js';
import type { TieOrder } from '../recommenders/candidates.js';
import { type ContributedModels, createContributedModels } from '../recommenders/contributed-models.js';
import { createPopularity, type Popularity } from '../recommenders/popularity/popularity.js';
import { createReplenishment, type Replenishment } from '../recommenders/replenishment/replenishment.js';
import { createDecisionIds, type DecisionIds } from '../serving/decision-id.js';
import { interest } from '../serving/profile.js';
import { createSessionModel, type SessionModel } from '../session-knn/session-model.js';
import type { Part, Storable } from '../snapshots/stored.js';
import { createLogClock } from './log-clock.js';
import { createReport, type Report } from './report.js';
import { createExamples, fillerOf, type TrainingExample } from './training-example.js';

const dayMs = 86_400_000;

/** The models that learn from events. */
export interface LearnedModels {
  readonly session: SessionModel;
  /** What people buy next. */
  readonly people: PeopleModel;
  readonly boughtTogether: BoughtTogether;
  readonly popularity: Popularity;
  /** The same with a short memory. */
  readonly trend: Popularity;
  readonly replenishment: Replenishment;
  readonly report: Report;
  /** How what was tried out did. */
  readonly trials: Trials;
  /** Models of recommenders that other plugins contribute. */
  readonly contributed: ContributedModels;
}

/** Everything learned from what shoppers did. It knows products by their numbers, and people by fingerprints only. */
export interface Statistics extends LearnedModels, Storable {
  /** Of all that is stored. */
  readonly names: readonly string[];
  /** Learns from events that may teach, as far as they name known products. */
  learn(events: readonly ShopEvent[]): void;
}

/** A part of one of them. */
interface MemberPart extends Part {
  readonly part: Part;
}

/** What decides how much of an event is believed. */
export interface TrustOptions {
  /** A product, or a product because of another, is shown to others once so many independent people stand behind it (`limits/witnesses.ts`). */
  readonly peopleMin: number;
  /** How much an order that a storefront wrote counts of one that a server wrote: 0 to 1. */
  readonly storefrontOrders: number;
  /** True if events teach that were recorded while personalization was not permitted, as far as enough such people agree. */
  readonly unpermitted: 'anonymous' | 'no';
}

/**
 * Three people: two who look at a product can be one person with two devices. A storefront key is public, and an order that it writes
 * needs no payment: ten of them count as one.
 */
export const defaultTrust: TrustOptions = { peopleMin: 3, storefrontOrders: 0.1, unpermitted: 'anonymous' };

/** `alike`: the products that are similar to one; by default none. `nowMs`: as of the log clock. */
export function createStatistics(
  shelf: Shelf,
  tie: TieOrder,
  alike: Alike = () => noCandidates,
  { peopleMin, storefrontOrders, unpermitted }: TrustOptions = defaultTrust,
  nowMs?: () => number,
  decisions: DecisionIds = createDecisionIds(),
  contributed: ContributedModels = createContributedModels([], shelf),
): Statistics {
  const numberOf = (id: string) => shelf.numberOf(id);
  const { hashKey } = decisions;
  const daily = createDailyQuotas(hashKey);
  const networks = createNetworkShares(networkShare);
  const orders = createNetworkShares(networkOrders);
  const limits = createContributionLimits(() => shelf.size, peopleMin, daily);
  const pairs = createPairLimits({ printOf: (item) => productOf(item) ^ hashKey, usualOf: limits.usualOf });
  const usage = createStoredUsage(daily, { networks, orders });
  const settled = createSettledSessions();
  const isPopular = limits.isVouched;
  const clock = createLogClock({
    ...(nowMs ? { nowMs } : {}),
    setBack(byMs) {
      for (const each of [usage, limits, pairs, popularity, trend]) each.setBack(byMs);
    },
  });
  const cohorts = (item: number) => shelf.categories(item).slice(0, categoriesMax);
  const session = createSessionModel({ peopleMin });
  const boughtTogether = createBoughtTogether(tie, { alike, peopleMin, claimedShare: storefrontOrders });
  const popularity = createPopularity({ halfLifeMs: 14 * dayMs, tie, products: shelf, isPopular });
  const trend = createPopularity({ halfLifeMs: dayMs, tie, isPopular });
  const replenishment = createReplenishment(peopleMin);
  const people = createPeopleModel(
    (item, timesMs, nowMs) => replenishment.due({ item, timesMs }, cohorts(item), nowMs).dueRatio,
    peopleIndexOptions,
    peopleMin,
  );
  const guard = createRepeatGuard();
  const report = createReport(decisions, daily);
  const trials = createTrials(decisions);
  const admission = createAdmission({ limits, pairs, guard, daily, networks, orders, storefrontOrders });
  const models = { session, people, boughtTogether, popularity, trend, replenishment, report, trials };
  const members = new Map<string, Storable>(
    Object.entries({ clock, usage, limits, pairs, guard, ...models }),
  );
  const exampleOf = createExamples();
  const contributedName = 'contributed';
  /** Fingerprints of products by their numbers; 0: not computed yet. */
  let products = new Int32Array(1024);
  const sessionOf = rememberingLast(fingerprint);

  function productOf(item: number): number {
    products = ensureCapacity(Int32Array, products, item + 1);
    let print = products[item]!;
    if (print === 0) {
      print = fingerprint(shelf.idOf(item)) | 1;
      products[item] = print;
    }
    return print;
  }

  function learnViews(example: TrainingExample, item: number, views: number): void {
    const { event, trusted, shiftMs } = example;
    const { storeId } = event;
    const atMs = event.atMs + shiftMs;
    const isKnown = storeId !== null && (trusted || shelf.knowsStore(storeId));
    popularity.learn(item, views, atMs, isKnown ? storeId : null);
    trend.learn(item, views, atMs, null);
  }

  function learnTogether(example: TrainingExample, item: number): void {
    const { event, session: who, trusted, witness } = example;
    const { type, atMs, receivedAtMs } = event;
    if (type === 'PRODUCT_REMOVED_FROM_CART') boughtTogether.cartRemoved(who, item, fillerOf(example));
    if (type === 'PRODUCT_ADDED_TO_CART') boughtTogether.cartAdded(who, item, fillerOf(example));
    if (type === 'PRODUCT_VIEWED' || type === 'PRODUCT_ADDED_TO_CART')
      session.add(who, item, trusted ? atMs : receivedAtMs, witness);
  }

  /** Learns the views of a product, and returns what else the event may teach. */
  function admitted(example: TrainingExample, item: number): Admitted {
    const found = admission.of(example, item, productOf(item));
    if (found.views > 0) learnViews(example, item, found.views);
    return found;
  }

  function learnOrder(example: TrainingExample): void {
    if (!admission.admitsOrder(example)) return;
    const alone: number[] = [];
    const together: number[] = [];
    for (const id of example.event.productIds) {
      const item = numberOf(id);
      if (item < 0) continue;
      const found = admitted(example, item);
      if (found.alone) alone.push(item);
      if (found.together) together.push(item);
    }
    const { event, session: who, person, trusted, witness, shiftMs } = example;
    // A storefront could write a whole past at once, so its orders are as old as their receipt.
    const atMs = trusted ? event.atMs : event.receivedAtMs;
    const buyer = { witness, weight: trusted ? 1 : storefrontOrders };
    boughtTogether.order(who, together, fillerOf(example));
    // Histories serve those who permit one; of others none is put together.
    if (!event.permitted) return;
    people.add(person, together, atMs, witness);
    for (const item of alone)
      replenishment.learn(person, {
        item,
        categoryIds: cohorts(item),
        atMs,
        shopAtMs: atMs + shiftMs,
        buyer,
      });
  }

  function learnTrial(example: TrainingExample): void {
    trials.learn(example.event, (id) => {
      const item = numberOf(id);
      return item >= 0 && admission.admitsShowing(example, productOf(item));
    });
  }

  function learnExample(example: TrainingExample): void {
    const { type, productIds, decisionId } = example.event;
    if (decisionId !== null || type === 'ORDER_COMPLETED') learnTrial(example);
    if (interest(type) <= 0 && type !== 'PRODUCT_REMOVED_FROM_CART') return;
    if (type === 'ORDER_COMPLETED') {
      learnOrder(example);
      return;
    }
    for (let at = 0; at < productIds.length; at++) {
      const item = numberOf(productIds[at]!);
      if (item >= 0 && admitted(example, item).together) learnTogether(example, item);
    }
  }

  function learn(event: ShopEvent, shiftMs: number): void {
    report.learn(event, clock.newestMs);
    const who = sessionOf(event.sessionId);
    const trusted = !isFromStorefront(event);
    if (trusted || settled.has(who)) learnExample(exampleOf(event, who, trusted, shiftMs));
    else for (const each of settled.enter(who, event)) learnExample(exampleOf(each, who, false, shiftMs));
  }

  return {
    ...models,
    contributed,
    names: [...members.keys()],
    learn(events) {
      for (let at = 0; at < events.length; at++) {
        const event = events[at]!;
        const shiftMs = clock.enter(event.receivedAtMs);
        if (event.learn && (event.permitted !== false || unpermitted === 'anonymous')) learn(event, shiftMs);
      }
      contributed.learn(events);
    },
    save() {
      const saved = Array.from(
        [...members, [contributedName, contributed] as const],
        ([name, member]) => [name, member.save()] as const,
      );
      return (function* (): Generator<MemberPart> {
        for (const [name, parts] of saved) for (const part of parts) yield { name, part };
      })();
    },
    restore(part, remap) {
      const member = part.name === contributedName ? contributed : members.get(part.name);
      member?.restore((part as MemberPart).part, remap);
    },
  };
}

/** Of a product's categories, so many share its intervals between purchases. */
const categoriesMax = 3;
