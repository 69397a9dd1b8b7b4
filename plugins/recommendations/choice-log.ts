import type { Clock } from '../../src/plugin.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { type Alternatives, alternativesOf, type Choice, choiceOf } from './choices.js';
import { placementOf } from './decision-id.js';
import { blankEvidence, type Evidence, evidenceOf } from './evidence.js';
import { type Family, families } from './fusion-weights.js';
import { type Placement, placements } from './placements.js';
import type { Ranker } from './ranking.js';
import { situationOf } from './situation.js';
import { featuresOf } from './situation-features.js';

/** Of each family the newest are learned from. */
const choicesMax = 768;
/**
 * After so many questions of a family only every second of the people watched is still watched for it, and so on. Questions and
 * not choices are counted: each costs a prediction, also where what is taken is not among the proposals.
 */
const questionsALevel = 1024;
/** At least one of so many, as a power of two, is always watched. */
const levelMax = 10;
const crowdLevelMax = 16;
/** When more than these come within ten minutes, only every second of them is watched, and so on. */
const peopleMax = 2048;
const rememberedMs = 10 * 60_000;
const eventsAPersonMax = 40;
/** Who has been given answers that no choice has been made from yet; each takes some kilobytes. */
const answeredMax = 512;
const storesMax = 32;
/** One question at a time, beside serving: at most some sixteen a second. */
const questionEveryMs = 60;
const waitingMax = 64;
/** Orders that nobody was seen to fill a cart for can only be asked about when they arrive. */
const ordersASecondMax = 2;
/** Beyond it nobody is still on the page. */
const pageLeftMs = 30 * 60_000;

/**
 * Watches a part of the shoppers for each family of placements: after what one of them did, it asks what would be recommended now, and
 * what they choose next is held against that. So nothing that the models learn later leaks into it, and an event that arrives costs
 * no prediction. Who is watched follows from a hash, and their part is halved as the log grows, so that
 * the choices reach from the newest far back.
 */
export interface ChoiceLog {
  /** Before the models learn from the event. */
  observe(event: ShopEvent): void;
  /** Of each family oldest first. */
  choices(): Choice[];
  /** How many there were since the last new start, those included that are forgotten. */
  readonly seen: number;
  /** Forgets all choices, since a recommender has changed, and watches everybody again. */
  startAnew(): void;
  stop(): void;
}

/** What would have been recommended. */
interface Answer {
  readonly alternatives: Alternatives;
  readonly features: readonly number[];
  readonly evidence: Evidence;
  readonly atMs: number;
}

interface Watched {
  /** When something was heard of them last. */
  lastMs: number;
  /** Newest first. */
  events: ShopEvent[];
  /** To what was asked after the newest event. */
  readonly answers: Map<Family, Answer>;
  /** The newest list that was shown, and what it was chosen from. */
  shown: ShopEvent | null;
  shownFrom: { readonly family: Family; readonly answer: Answer } | null;
}

/** Answered unless the person has done something else meanwhile. */
interface Question {
  readonly placement: Placement;
  readonly family: Family;
  /** null: on behalf of the next newcomer. */
  readonly of: Watched | null;
  readonly after: ShopEvent;
}

interface Kept {
  readonly choices: Choice[];
  seen: number;
  level: number;
  questionsOfLevel: number;
}

export function createChoiceLog(ranker: Pick<Ranker, 'gather'>, shelf: Shelf, clock: Clock): ChoiceLog {
  const people = new Map<string, Watched>();
  /** Oldest first. */
  const answered = new Set<Watched>();
  /** By store what somebody is shown of whom nothing is known. */
  const newcomers = new Map<string | null, Answer>();
  const waiting: Question[] = [];
  let kept = emptied();
  let crowdLevel = 0;
  let cancel: (() => void) | null = null;
  let second = Number.NaN;
  let ordersInSecond = 0;

  function watched(person: string): Watched {
    let one = people.get(person);
    if (one) people.delete(person);
    else one = { events: [], answers: new Map(), shown: null, shownFrom: null, lastMs: 0 };
    one.lastMs = clock.nowMs();
    people.set(person, one);
    if (people.size > peopleMax) makeRoom(clock.nowMs());
    return one;
  }

  function makeRoom(nowMs: number): void {
    const [oldest] = people.keys();
    const { lastMs } = people.get(oldest!)!;
    people.delete(oldest!);
    if (nowMs - lastMs > rememberedMs || crowdLevel === crowdLevelMax) return;
    crowdLevel++;
    forgetUnwatched();
  }

  const lowestLevel = () =>
    Math.max(crowdLevel, Math.min(kept.home.level, kept.product.level, kept.cart.level));
  const personOf = ({ customerId, sessionId }: ShopEvent) => customerId ?? sessionId;

  function keep(choice: Choice | null): void {
    if (choice === null) return;
    const own = kept[choice.family];
    own.choices[own.seen % choicesMax] = choice;
    own.seen++;
  }

  function count(family: Family): void {
    const own = kept[family];
    if (++own.questionsOfLevel < questionsALevel || own.level === levelMax) return;
    own.questionsOfLevel = 0;
    own.level++;
    forgetUnwatched();
  }

  function forgetUnwatched(): void {
    const widest = lowestLevel();
    for (const person of people.keys()) if (!isWatched(person, widest)) people.delete(person);
  }

  function ask(question: Question): void {
    if (waiting.length >= waitingMax) return;
    waiting.push(question);
    cancel ??= clock.after(questionEveryMs, answerNext);
  }

  /** Of those that wait, the first that is still of use. */
  function answerNext(): void {
    cancel = null;
    let question = waiting.shift();
    while (question !== undefined && isStale(question)) question = waiting.shift();
    if (question) answer(question);
    if (waiting.length > 0) cancel = clock.after(questionEveryMs, answerNext);
  }

  function answer({ placement, family, of, after }: Question): void {
    const evidence = of === null ? blankEvidence : evidenceOf(of.events, shelf, after.atMs);
    const pageItem = placement.needsPage ? (evidence.session.at(-1) ?? -1) : -1;
    const isShown = after.type === 'RECOMMENDATION_SHOWN';
    if (placement.needsPage && pageItem < 0) return;
    const shown = isShown ? after.productIds.map((id) => shelf.numberOf(id)) : null;
    const cart = placement.name === 'cart' ? evidence.cart.toReversed() : [];
    const found = answerTo(placement, family, after, evidence, { pageItem, cart, shown });
    if (of === null) {
      newcomers.set(after.storeId, found);
      if (newcomers.size > storesMax) newcomers.delete(newcomers.keys().next().value!);
      return;
    }
    if (isShown) of.shownFrom = { family, answer: found };
    else of.answers.set(family, found);
    answered.delete(of);
    answered.add(of);
    if (answered.size > answeredMax) forget(answered.values().next().value!);
  }

  /** What lay beside the cart is looked at until the cart changes: between, the product that joins it next is looked at, which proves nothing. */
  function leavePage({ answers }: Watched, { type }: ShopEvent): void {
    answers.delete('home');
    answers.delete('product');
    if (changesCart.has(type)) answers.delete('cart');
  }

  function forget(one: Watched): void {
    one.answers.clear();
    one.shownFrom = null;
    answered.delete(one);
  }

  function answerTo(
    placement: Placement,
    family: Family,
    { storeId, sessionId, customerId, atMs }: ShopEvent,
    evidence: Evidence,
    asked: {
      readonly pageItem: number;
      readonly cart: readonly number[];
      readonly shown: readonly number[] | null;
    },
  ): Answer {
    count(family);
    const inThatMoment = situationOf({
      placement,
      evidence,
      pageItem: asked.pageItem,
      cart: asked.cart,
      storeId: storeId !== null && shelf.knowsStore(storeId) ? storeId : null,
      sessionKey: sessionId,
      known: customerId !== null,
      nowMs: atMs,
      shelf,
    });
    const pool = ranker.gather({ placement, ...inThatMoment });
    const features = featuresOf(inThatMoment.situation, shelf);
    return { alternatives: alternativesOf(pool, asked.shown), features, evidence, atMs };
  }

  function take(family: Family, item: number, answer: Answer | undefined): void {
    if (answer) keep(choiceOf(answer.alternatives, family, answer.features, item));
  }

  /** What is chosen from what had been answered before. */
  function settle(event: ShopEvent, one: Watched): void {
    const item = shelf.numberOf(event.productIds[0] ?? '');
    if (item < 0) return;
    if (event.type === 'RECOMMENDATION_CLICKED') {
      const { shown, shownFrom } = one;
      if (shownFrom && shown?.decisionId === event.decisionId) take(shownFrom.family, item, shownFrom.answer);
      return;
    }
    if (one.events.length === 0) {
      take('home', item, newcomers.get(event.storeId));
      newcomers.delete(event.storeId);
      return;
    }
    const { answers } = one;
    const isNew = ({ evidence }: Answer) =>
      !evidence.viewed.includes(item) && !evidence.session.includes(item);
    const home = answers.get('home');
    if (event.type === 'ORDER_COMPLETED') {
      if (home && isNew(home) && home.evidence.cart.length === 0) take('home', item, home);
      return;
    }
    if (home && isNew(home)) take('home', item, home);
    const product = answers.get('product');
    if (product && isNew(product) && event.atMs - product.atMs < pageLeftMs) take('product', item, product);
    const cart = answers.get('cart');
    if (event.type !== 'PRODUCT_ADDED_TO_CART' || !cart) return;
    if (!cart.evidence.cart.includes(item) && event.atMs - cart.atMs < pageLeftMs) take('cart', item, cart);
  }

  /** An order that nobody was seen to fill a cart for, from a till, a telephone, an import: what goes with the rest of it. */
  function considerOrder(event: ShopEvent, one: Watched, person: string): void {
    const now = Math.floor(event.receivedAtMs / 1000);
    if (now !== second) {
      second = now;
      ordersInSecond = 0;
    }
    if (event.productIds.length < 2 || ordersInSecond >= ordersASecondMax) return;
    if (!isWatched(person, kept.cart.level)) return;
    const items = [...new Set(event.productIds.map((id) => shelf.numberOf(id)))].filter((item) => item >= 0);
    if (items.length < 2) return;
    ordersInSecond++;
    const evidence = evidenceOf(one.events, shelf, event.atMs);
    if (evidence.cart.length > 0) return;
    const asked = { pageItem: -1, cart: items.slice(0, -1), shown: null };
    const { alternatives, features } = answerTo(placements.get('cart')!, 'cart', event, evidence, asked);
    keep(choiceOf(alternatives, 'cart', features, items.at(-1)!));
  }

  function observeShown(event: ShopEvent, one: Watched, person: string): void {
    const placement =
      event.decisionId === null ? undefined : placements.get(placementOf(event.decisionId) ?? '');
    one.shown = event;
    one.shownFrom = null;
    const family = placement?.family ?? null;
    if (!placement || family === null || !isWatched(person, kept[family].level)) return;
    ask({ placement, family, of: one, after: event });
  }

  function askAll(event: ShopEvent, one: Watched, person: string): void {
    for (const family of families) {
      if (!isWatched(person, kept[family].level)) continue;
      if (family === 'cart' && event.type !== 'PRODUCT_ADDED_TO_CART') continue;
      ask({ placement: placements.get(family)!, family, of: one, after: event });
    }
  }

  return {
    observe(event) {
      if (!event.learn) return;
      const person = personOf(event);
      if (!isWatched(person, lowestLevel())) return;
      const one = watched(person);
      if (event.type === 'RECOMMENDATION_SHOWN') return observeShown(event, one, person);
      if (choosing.has(event.type)) {
        if (event.type === 'ORDER_COMPLETED') considerOrder(event, one, person);
        settle(event, one);
      }
      if (one.events.length === 0 && isWatched(person, kept.home.level))
        ask({ placement: placements.get('home')!, family: 'home', of: null, after: event });
      one.events.unshift(event);
      if (one.events.length > eventsAPersonMax) one.events.pop();
      if (one.answers.size > 0) leavePage(one, event);
      if (choosing.has(event.type)) askAll(event, one, person);
    },
    choices: () =>
      families.flatMap((family) => {
        const { choices, seen } = kept[family];
        const oldest = seen % choices.length;
        return [...choices.slice(oldest), ...choices.slice(0, oldest)];
      }),
    startAnew() {
      kept = emptied();
      crowdLevel = 0;
      newcomers.clear();
      for (const one of [...answered]) forget(one);
    },
    get seen() {
      return families.reduce((sum, family) => sum + kept[family].seen, 0);
    },
    stop() {
      cancel?.();
      cancel = null;
      waiting.length = 0;
    },
  };
}

/** The person has done something else since, or has been shown something else. */
function isStale({ of, after }: Question): boolean {
  return of !== null && of.events[0] !== after && of.shown !== after;
}

/** What somebody does with a product that they could have found in a list. */
const choosing: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_VIEWED',
  'PRODUCT_ADDED_TO_CART',
  'ORDER_COMPLETED',
  'RECOMMENDATION_CLICKED',
]);

function emptied(): Record<Family, Kept> {
  const empty = (): Kept => ({ choices: [], seen: 0, level: 0, questionsOfLevel: 0 });
  return { home: empty(), product: empty(), cart: empty() };
}

const changesCart: ReadonlySet<ShopEvent['type']> = new Set([
  'PRODUCT_ADDED_TO_CART',
  'PRODUCT_REMOVED_FROM_CART',
  'ORDER_COMPLETED',
]);

/** One of 2^level people: who is watched at a level was so at all before. */
function isWatched(person: string, level: number): boolean {
  if (level === 0) return true;
  let hash = 0x811c9dc5;
  for (let i = 0; i < person.length; i++) hash = Math.imul(hash ^ person.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash & (2 ** Math.min(level, 30) - 1)) === 0;
}
