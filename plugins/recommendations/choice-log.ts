import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { type Ask, asksOf } from './asks.js';
import { type Choice, choiceOf } from './choices.js';
import { placementOf } from './decision-id.js';
import { type Evidence, evidenceOf } from './evidence.js';
import { type Family, families } from './fusion-weights.js';
import { type Placement, placements } from './placements.js';
import type { Ranker } from './ranking.js';
import { situationOf } from './situation.js';
import { featuresOf } from './situation-features.js';

/** Of each family the newest are learned from. */
const choicesMax = 768;
/**
 * After so many questions of a family only every second of the people watched is still watched for it, and so on. Questions and
 * not choices are counted: each costs a prediction, also where what was taken is not among the proposals.
 */
const questionsALevel = 768;
/** Of events received in one second; a crowd of events is not to wait for predictions. */
const questionsASecondMax = 16;
/** At least one of so many, as a power of two, is always watched. */
const levelMax = 10;
const peopleMax = 2048;
const eventsAPersonMax = 40;

/**
 * Watches a part of the shoppers for each family of placements, and keeps what they chose beside what the recommenders proposed just before: of the log as it was
 * then. Who is watched follows from a hash, and their part is halved as the log grows, so that
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
}

interface Watched {
  /** Newest first. */
  events: ShopEvent[];
  shown: { readonly decisionId: string; readonly productIds: readonly string[] } | null;
}

interface Kept {
  readonly choices: Choice[];
  seen: number;
  level: number;
  questionsOfLevel: number;
}

export function createChoiceLog(ranker: Pick<Ranker, 'gather'>, shelf: Shelf): ChoiceLog {
  const people = new Map<string, Watched>();
  let kept = emptied();
  let second = Number.NaN;
  let questionsInSecond = 0;

  function hasTimeFor({ receivedAtMs }: ShopEvent): boolean {
    const now = Math.floor(receivedAtMs / 1000);
    if (now !== second) {
      second = now;
      questionsInSecond = 0;
    }
    return questionsInSecond < questionsASecondMax;
  }

  function watched(person: string): Watched {
    let one = people.get(person);
    if (one) people.delete(person);
    else one = { events: [], shown: null };
    people.set(person, one);
    if (people.size > peopleMax) people.delete(people.keys().next().value!);
    return one;
  }

  function keep(choice: Choice): void {
    const own = kept[choice.family];
    own.choices[own.seen % choicesMax] = choice;
    own.seen++;
  }

  function asked(family: Family): void {
    const own = kept[family];
    questionsInSecond++;
    if (++own.questionsOfLevel < questionsALevel || own.level === levelMax) return;
    own.questionsOfLevel = 0;
    own.level++;
    const widest = lowestLevel();
    for (const person of people.keys()) if (!isWatched(person, widest)) people.delete(person);
  }

  const lowestLevel = () => Math.min(...families.map((family) => kept[family].level));

  function consider(
    event: ShopEvent,
    evidence: Evidence,
    placement: Placement,
    { pageItem, cart, taken }: Pick<Ask, 'pageItem' | 'cart' | 'taken'>,
    shown: readonly number[] | null,
  ): void {
    const { family } = placement;
    if (family === null || !isWatched(event.customerId ?? event.sessionId, kept[family].level)) return;
    asked(family);
    const inThatMoment = situationOf({
      placement,
      evidence,
      pageItem,
      cart,
      storeId: event.storeId !== null && shelf.knowsStore(event.storeId) ? event.storeId : null,
      sessionKey: event.sessionId,
      known: event.customerId !== null,
      nowMs: event.atMs,
      shelf,
    });
    const pool = ranker.gather({ placement, ...inThatMoment });
    const choice = choiceOf(pool, family, featuresOf(inThatMoment.situation, shelf), taken, shown);
    if (choice) keep(choice);
  }

  function considerClick(event: ShopEvent, evidence: Evidence, { shown }: Watched): void {
    const name = event.decisionId === null ? null : placementOf(event.decisionId);
    const placement = name === null ? undefined : placements.get(name);
    const taken = shelf.numberOf(event.productIds[0] ?? '');
    if (!placement || taken < 0 || shown?.decisionId !== event.decisionId) return;
    const ask = { pageItem: placement.needsPage ? (evidence.session.at(-1) ?? -1) : -1, cart: [], taken };
    if (placement.needsPage && ask.pageItem < 0) return;
    consider(
      event,
      evidence,
      placement,
      ask,
      shown.productIds.map((id) => shelf.numberOf(id)),
    );
  }

  function considerAll(event: ShopEvent, one: Watched): void {
    const evidence = evidenceOf(one.events, shelf, event.atMs);
    if (event.type === 'RECOMMENDATION_CLICKED') {
      considerClick(event, evidence, one);
      return;
    }
    const lastMs = one.events[0]?.atMs ?? Number.NEGATIVE_INFINITY;
    for (const ask of asksOf(event, evidence, lastMs, shelf)) {
      consider(event, evidence, placements.get(ask.placement)!, ask, null);
    }
  }

  return {
    observe(event) {
      if (!event.learn) return;
      const person = event.customerId ?? event.sessionId;
      if (!isWatched(person, lowestLevel())) return;
      const one = watched(person);
      if (event.type === 'RECOMMENDATION_SHOWN') {
        if (event.decisionId !== null)
          one.shown = { decisionId: event.decisionId, productIds: event.productIds };
        return;
      }
      if (hasTimeFor(event)) considerAll(event, one);
      one.events.unshift(event);
      if (one.events.length > eventsAPersonMax) one.events.pop();
    },
    choices: () =>
      families.flatMap((family) => {
        const { choices, seen } = kept[family];
        const oldest = seen % choices.length;
        return [...choices.slice(oldest), ...choices.slice(0, oldest)];
      }),
    startAnew() {
      kept = emptied();
    },
    get seen() {
      return families.reduce((sum, family) => sum + kept[family].seen, 0);
    },
  };
}

function emptied(): Record<Family, Kept> {
  const empty = (): Kept => ({ choices: [], seen: 0, level: 0, questionsOfLevel: 0 });
  return { home: empty(), product: empty(), cart: empty() };
}

/** One of 2^level people: who is watched at a level was so at all before. */
function isWatched(person: string, level: number): boolean {
  if (level === 0) return true;
  let hash = 0x811c9dc5;
  for (let i = 0; i < person.length; i++) hash = Math.imul(hash ^ person.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash & (2 ** Math.min(level, 30) - 1)) === 0;
}
