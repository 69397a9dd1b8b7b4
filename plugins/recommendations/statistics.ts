import { fingerprint } from '../../src/kit/fingerprint.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { noCandidates } from '../../src/ports/recommenders.js';
import { type ContributedModels, createContributedModels } from './contributed-recommenders.js';
import {
  clicksAPersonMax,
  createContributionLimits,
  ordersAPersonMax,
  trialsAPersonMax,
} from './contribution-limits.js';
import { createDecisionIds, type DecisionIds } from './decision-id.js';
import { isFromStorefront } from './event-origin.js';
import { fillerOf, type Lesson, lessonOf } from './lesson.js';
import { createLogClock } from './log-clock.js';
import { createPeopleModel, type PeopleModel, peopleIndexOptions } from './models/people-model.js';
import { createSessionModel, type SessionModel } from './models/session-model.js';
import type { Part, Storable } from './models/stored.js';
import { createPairLimits } from './pair-limits.js';
import { interest } from './profile.js';
import type { Alike } from './recommenders/basket-reading.js';
import { type BoughtTogether, createBoughtTogether } from './recommenders/bought-together.js';
import type { TieOrder } from './recommenders/candidates.js';
import { createPopularity, type Popularity } from './recommenders/popularity.js';
import { createReplenishment, type Replenishment } from './recommenders/replenishment.js';
import { createReversiblePopularity } from './recommenders/reversible-popularity.js';
import { createRepeatGuard } from './repeat-guard.js';
import { createReport, type Report } from './report.js';
import { createSettledSessions } from './settled-sessions.js';
import { createTrials, type Trials } from './trials.js';

const dayMs = 86_400_000;

/** Everything learned from what shoppers did. It knows products by their numbers, and people by fingerprints only. */
export interface Statistics extends Storable {
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
  /** Of all that is stored. */
  readonly names: readonly string[];
  /** Says that a product was saved: it may be among others now. */
  moved(item: number): void;
  /** Learns from events that may teach, as far as they name products that the shelf knows. */
  learn(events: readonly ShopEvent[]): void;
}

/** A part of one of them. */
interface MemberPart extends Part {
  readonly part: Part;
}

/** What decides how much of an event is believed. */
export interface TrustOptions {
  /** A product, or a product because of another, is shown to others once so many independent people stand behind it (`models/witnesses.ts`). */
  readonly peopleMin: number;
  /** How much an order that a storefront wrote counts of one that a server wrote: 0 to 1. */
  readonly storefrontOrders: number;
  /** Whether events teach that were recorded while personalization was not permitted: as far as enough such people agree, or not at all. */
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
  const limits = createContributionLimits(() => shelf.size, peopleMin);
  const pairs = createPairLimits({ printOf: productOf, usualOf: limits.usualOf });
  const settled = createSettledSessions();
  const isPopular = limits.isVouched;
  const clock = createLogClock({
    ...(nowMs ? { nowMs } : {}),
    jumped() {
      for (const each of [popularity, trend]) each.begin();
    },
    decided(hasJumped) {
      for (const each of [popularity, trend]) {
        if (hasJumped) each.confirm();
        else each.undo(clock.newestMs);
      }
    },
    setBack(byMs) {
      for (const each of [limits, pairs, popularity, trend]) each.setBack(byMs);
    },
  });
  const traits = (item: number) => ({ categoryIds: shelf.categories(item), brand: shelf.brand(item) });
  const cohorts = (item: number) => shelf.categories(item).slice(0, categoriesMax);
  const session = createSessionModel({ peopleMin });
  const boughtTogether = createBoughtTogether(tie, { alike, peopleMin, claimedShare: storefrontOrders });
  const popularity = createReversiblePopularity(() =>
    createPopularity({ halfLifeMs: 14 * dayMs, tie, traits, isPopular }),
  );
  const trend = createReversiblePopularity(() => createPopularity({ halfLifeMs: dayMs, tie, isPopular }));
  const replenishment = createReplenishment();
  const people = createPeopleModel(
    (item, timesMs, nowMs) => replenishment.due({ item, timesMs }, cohorts(item), nowMs).ripeness,
    peopleIndexOptions,
    peopleMin,
  );
  const guard = createRepeatGuard();
  const report = createReport(decisions);
  const trials = createTrials(decisions);
  const members = new Map<string, Storable>(
    Object.entries({
      clock,
      limits,
      pairs,
      session,
      people,
      boughtTogether,
      popularity,
      trend,
      replenishment,
      guard,
      report,
      trials,
    }),
  );
  const contributedName = 'contributed';
  /** Fingerprints of products by their numbers; 0: not computed yet. */
  let products = new Int32Array(1024);
  let lastSessionId = '';
  let lastSession = fingerprint('');

  /** Events of one session follow each other. */
  function sessionOf(id: string): number {
    if (id !== lastSessionId) {
      lastSessionId = id;
      lastSession = fingerprint(id);
    }
    return lastSession;
  }

  function productOf(item: number): number {
    if (item >= products.length) {
      const larger = new Int32Array(Math.max(item + 1, products.length * 2));
      larger.set(products);
      products = larger;
    }
    let print = products[item]!;
    if (print === 0) {
      print = fingerprint(shelf.idOf(item)) | 1;
      products[item] = print;
    }
    return print;
  }

  function learnItem(lesson: Lesson, item: number): void {
    const { event, session: who, person, trusted, limitedAtMs, shiftMs, witness, somebody } = lesson;
    const { type, atMs, storeId, receivedAtMs } = event;
    const product = productOf(item);
    if (guard.isNew(who, product, type, limitedAtMs)) {
      const isDoubtful = !trusted && type === 'ORDER_COMPLETED';
      const weight = interest(type) * (isDoubtful ? storefrontOrders : 1);
      const admitted = limits.admit({
        person,
        product,
        item,
        weight,
        atMs: limitedAtMs,
        trusted,
        witness: somebody,
      });
      if (admitted > 0) {
        const popularAtMs = clock.isAhead ? atMs : atMs + shiftMs;
        popularity.learn(item, admitted, popularAtMs, storeId);
        trend.learn(item, admitted, popularAtMs, null);
      }
    }
    const sessionAtMs = trusted ? atMs : receivedAtMs;
    if (type !== 'PRODUCT_VIEWED' && type !== 'PRODUCT_ADDED_TO_CART') return;
    const clicks = product ^ clicksPrint;
    if (!trusted && !limits.spend(person, clicks, clicksAPersonMax, limitedAtMs)) return;
    if (!pairs.admit({ namer: who, item, atMs: limitedAtMs, trusted })) return;
    if (type === 'PRODUCT_ADDED_TO_CART') boughtTogether.cartAdded(who, item, fillerOf(lesson));
    session.add(who, item, sessionAtMs, witness);
  }

  function learnOrder(lesson: Lesson, items: readonly number[]): void {
    const { event, session: who, person, trusted, limitedAtMs, shiftMs } = lesson;
    const together = items.filter((item) => pairs.admit({ namer: person, item, atMs: limitedAtMs, trusted }));
    boughtTogether.order(who, together, fillerOf(lesson));
    // Histories serve those who permit one; of others none is put together.
    if (!event.permitted) return;
    people.add(person, together, event.atMs, lesson.witness);
    for (const item of items)
      replenishment.learn(person, item, cohorts(item), event.atMs, event.atMs + shiftMs);
  }

  function learnLesson(lesson: Lesson): void {
    const { event, session: who, person, trusted, limitedAtMs } = lesson;
    const { type, productIds } = event;
    const mayCount = (id: string) =>
      trusted || limits.spend(person, fingerprint(`trial ${id}`), trialsAPersonMax, limitedAtMs);
    trials.learn(event, mayCount);
    const teaches = interest(type) > 0;
    if (!teaches && type !== 'PRODUCT_REMOVED_FROM_CART') return;
    const isOrder = type === 'ORDER_COMPLETED';
    if (isOrder && !trusted && !limits.spend(person, ordersPrint, ordersAPersonMax, limitedAtMs)) return;
    const ordered: number[] = [];
    for (let at = 0; at < productIds.length; at++) {
      const item = shelf.numberOf(productIds[at]!);
      if (item < 0) continue;
      // A session may come back to a product that it taught. Without returns, the models would learn that nobody returns.
      if (!trusted && !limits.hasRoom(item, productOf(item), limitedAtMs) && !pairs.hasTaught(who, item))
        continue;
      if (teaches) learnItem(lesson, item);
      else boughtTogether.cartRemoved(who, item, fillerOf(lesson));
      if (isOrder) ordered.push(item);
    }
    if (isOrder) learnOrder(lesson, ordered);
  }

  function learn(event: ShopEvent, shiftMs: number): void {
    report.learn(event, clock.newestMs);
    const who = sessionOf(event.sessionId);
    if (!isFromStorefront(event)) learnLesson(lessonOf(event, who, true, shiftMs));
    else for (const each of settled.enter(who, event)) learnLesson(lessonOf(each, who, false, shiftMs));
  }

  return {
    session,
    people,
    boughtTogether,
    popularity,
    trend,
    replenishment,
    report,
    trials,
    contributed,
    names: [...members.keys()],
    moved: popularity.moved,
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
    restore(part, renumbering) {
      const member = part.name === contributedName ? contributed : members.get(part.name);
      member?.restore((part as MemberPart).part, renumbering);
    },
  };
}

const ordersPrint = fingerprint('orders of a day');
const clicksPrint = fingerprint('clicks of a day') | 0;

/** Of a product's categories, so many share its intervals between purchases. */
const categoriesMax = 3;
