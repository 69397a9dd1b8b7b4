import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { interest } from './evidence.js';
import { fingerprint } from './models/fingerprint.js';
import { createPeopleModel, type PeopleModel } from './models/people-model.js';
import { createSessionModel, type SessionModel } from './models/session-model.js';
import type { Part, Storable } from './models/stored.js';
import type { Alike } from './recommenders/basket-reading.js';
import { type BoughtTogether, createBoughtTogether } from './recommenders/bought-together.js';
import { noCandidates, type TieOrder } from './recommenders/candidates.js';
import { createMoments, type Moments } from './recommenders/moments.js';
import { createPopularity, type Popularity } from './recommenders/popularity.js';
import { createReplenishment, type Replenishment } from './recommenders/replenishment.js';
import { createRepeatGuard } from './repeat-guard.js';
import { createReport, type Report } from './report.js';
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
  /** What is more popular at certain times. */
  readonly moments: Moments;
  readonly report: Report;
  /** How what was tried out did. */
  readonly trials: Trials;
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

/** `alike` says which products lend their baskets to one that has few; by default none does. */
export function createStatistics(shelf: Shelf, tie: TieOrder, alike: Alike = () => noCandidates): Statistics {
  const traits = (item: number) => ({ categoryIds: shelf.categories(item), brand: shelf.brand(item) });
  const cohorts = (item: number) => shelf.categories(item).slice(0, categoriesMax);
  const session = createSessionModel();
  const boughtTogether = createBoughtTogether(tie, { alike });
  const popularity = createPopularity({ halfLifeMs: 14 * dayMs, tie, traits });
  const trend = createPopularity({ halfLifeMs: dayMs, tie });
  const replenishment = createReplenishment();
  const people = createPeopleModel(
    (item, timesMs, nowMs) => replenishment.due({ item, timesMs }, cohorts(item), nowMs).ripeness,
  );
  const guard = createRepeatGuard();
  const report = createReport();
  const moments = createMoments(tie);
  const trials = createTrials();
  const members = new Map<string, Storable>(
    Object.entries({
      session,
      people,
      boughtTogether,
      popularity,
      trend,
      replenishment,
      guard,
      moments,
      report,
      trials,
    }),
  );
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

  function learnItem(event: ShopEvent, who: number, item: number, weight: number): void {
    const { type, atMs, storeId } = event;
    if (guard.isNew(who, productOf(item), type, atMs)) {
      popularity.learn(item, weight, atMs, storeId);
      trend.learn(item, weight, atMs, null);
      moments.learn(item, weight, atMs);
    }
    if (type === 'PRODUCT_VIEWED') session.add(who, item, atMs);
    else if (type === 'PRODUCT_ADDED_TO_CART') {
      boughtTogether.cartAdded(who, item);
      session.add(who, item, atMs);
    }
  }

  function learnOrder({ customerId, atMs }: ShopEvent, who: number, items: readonly number[]): void {
    boughtTogether.order(who, items);
    const person = customerId === null ? who : fingerprint(customerId);
    people.add(person, items, atMs);
    for (const item of items) replenishment.learn(person, item, cohorts(item), atMs);
  }

  function learn(event: ShopEvent): void {
    report.learn(event);
    trials.learn(event);
    const { type, productIds } = event;
    const weight = interest(type);
    if (weight === 0 && type !== 'PRODUCT_REMOVED_FROM_CART') return;
    const who = sessionOf(event.sessionId);
    const ordered: number[] | null = type === 'ORDER_COMPLETED' ? [] : null;
    for (let at = 0; at < productIds.length; at++) {
      const item = shelf.numberOf(productIds[at]!);
      if (item < 0) continue;
      if (weight > 0) learnItem(event, who, item, weight);
      else boughtTogether.cartRemoved(who, item);
      ordered?.push(item);
    }
    if (ordered !== null) learnOrder(event, who, ordered);
  }

  return {
    session,
    people,
    boughtTogether,
    popularity,
    trend,
    replenishment,
    moments,
    report,
    trials,
    names: [...members.keys()],
    moved: popularity.moved,
    learn(events) {
      for (let at = 0; at < events.length; at++) {
        const event = events[at]!;
        if (event.learn) learn(event);
      }
    },
    save() {
      const saved = Array.from(members, ([name, member]) => [name, member.save()] as const);
      return (function* (): Generator<MemberPart> {
        for (const [name, parts] of saved) for (const part of parts) yield { name, part };
      })();
    },
    restore(part, renumbering) {
      const member = members.get(part.name);
      if (!member) throw new Error(`nobody here is called ${part.name}`);
      member.restore((part as MemberPart).part, renumbering);
    },
  };
}

/** Of a product's categories, so many share its intervals between purchases. */
const categoriesMax = 3;
