import type { Clock } from '../../../src/plugin.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Family } from '../fusion-weights.js';
import type { Answer } from './answers.js';

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
/** Who has been given answers that no choice has been made from yet; each takes some kilobytes. */
const answeredMax = 512;

export interface Watched {
  /** When something was heard of them last. */
  lastMs: number;
  /** Newest first. */
  events: ShopEvent[];
  /** To what was asked after the newest event. */
  readonly answers: Map<Family, Answer>;
  /** The newest list that was shown, and what it was chosen from. */
  shown: ShopEvent | null;
  shownFrom: FamilyAnswer | null;
}

export interface FamilyAnswer {
  readonly family: Family;
  readonly answer: Answer;
}

/** Who is watched follows from a hash: everybody at first, and fewer the more was asked or the more people there are. */
export interface WatchedShoppers {
  /** For the family; without one, for any. */
  watches(person: string, family?: Family): boolean;
  /** What is remembered of somebody who is watched, of whom something was heard just now. */
  heardOf(person: string): Watched;
  /** One question more of the family. */
  countQuestion(family: Family): void;
  /** They were given an answer: of those who were so longest ago, the answers are forgotten. */
  wasAnswered(one: Watched): void;
  /** Forgets all answers, and watches everybody again. */
  startAnew(): void;
}

export function createWatchedShoppers(clock: Clock): WatchedShoppers {
  const people = new Map<string, Watched>();
  /** Oldest first. */
  const answered = new Set<Watched>();
  let levels = startLevels();
  let crowdLevel = 0;

  const lowestLevel = () =>
    Math.max(crowdLevel, Math.min(levels.home.level, levels.product.level, levels.cart.level));

  function makeRoom(nowMs: number): void {
    const [oldest] = people.keys();
    const { lastMs } = people.get(oldest!)!;
    people.delete(oldest!);
    if (nowMs - lastMs > rememberedMs || crowdLevel === crowdLevelMax) return;
    crowdLevel++;
    forgetUnwatched();
  }

  function forgetUnwatched(): void {
    const widest = lowestLevel();
    for (const person of people.keys()) if (!isAmong(person, widest)) people.delete(person);
  }

  function forgetAnswers(one: Watched): void {
    one.answers.clear();
    one.shownFrom = null;
    answered.delete(one);
  }

  return {
    watches: (person, family) => isAmong(person, family === undefined ? lowestLevel() : levels[family].level),
    heardOf(person) {
      let one = people.get(person);
      if (one) people.delete(person);
      else one = { events: [], answers: new Map(), shown: null, shownFrom: null, lastMs: 0 };
      one.lastMs = clock.nowMs();
      people.set(person, one);
      if (people.size > peopleMax) makeRoom(clock.nowMs());
      return one;
    },
    countQuestion(family) {
      const own = levels[family];
      if (++own.questions < questionsALevel || own.level === levelMax) return;
      own.questions = 0;
      own.level++;
      forgetUnwatched();
    },
    wasAnswered(one) {
      answered.delete(one);
      answered.add(one);
      if (answered.size > answeredMax) forgetAnswers(answered.values().next().value!);
    },
    startAnew() {
      levels = startLevels();
      crowdLevel = 0;
      for (const one of [...answered]) forgetAnswers(one);
    },
  };
}

/** By family: the level, and how many questions there were of it. */
function startLevels(): Record<Family, { level: number; questions: number }> {
  return {
    home: { level: 0, questions: 0 },
    product: { level: 0, questions: 0 },
    cart: { level: 0, questions: 0 },
  };
}

/** One of 2^level people: who is watched at a level was so at all before. */
function isAmong(person: string, level: number): boolean {
  if (level === 0) return true;
  let hash = 0x811c9dc5;
  for (let i = 0; i < person.length; i++) hash = Math.imul(hash ^ person.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash & (2 ** Math.min(level, 30) - 1)) === 0;
}
