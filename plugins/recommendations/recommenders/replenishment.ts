import { type Key, keyOf } from '../models/fingerprint.js';
import { type Part, renumbered, type Storable } from '../models/stored.js';
import { addGap, dayMs, type Gaps, gapMinMs, gapsOf } from './gaps.js';
import { createReorderPeople, type Pair, type PeoplePart, type Person } from './reorder-people.js';
import { createResiduals, type StoredResiduals } from './residuals.js';

/** So many gaps of everybody's weigh as much as what is known above them: of a product its category's, of a category the shop's. */
const cohortWeight = 10;
/** So many of a person's gaps at other products weigh as much as that they are like everybody. */
const personWeight = 10;
/** So many of a person's gaps at the product itself weigh as much as all of that. */
const ownWeight = 6;
/** What counts as soon: the chance that a product is bought within so many days orders what a person may buy again. */
const soonDays = 14;
/** The chance of a product whose interval nobody knows. */
const unknownChance = 0.02;
/**
 * How steeply products come due. Intervals are known of those who came back only; who has not yet makes the true distribution wider
 * than what is kept of misses.
 */
const steepness = 1.4;
/** What the chance counts for right after a purchase; it counts fully when the product is due. */
const early = 0.6;
/** A product is due a little before the interval is over: it has to be delivered. */
export const dueFrom = 0.8;

/** What one person bought of one product. */
export interface Purchases {
  readonly item: number;
  /** Newest first, distinct days. */
  readonly timesMs: readonly number[];
}

export interface Due {
  readonly item: number;
  /** How much of the interval has passed; null while no interval is known. */
  readonly ripeness: number | null;
  /** Days between two purchases, the median expected of this person; null while unknown. */
  readonly intervalDays: number | null;
  /** When it will be bought again, if it is: between these two with 80 %, before and after `atMs` equally likely; null while unknown. */
  readonly expected: { readonly atMs: number; readonly fromMs: number; readonly toMs: number } | null;
  /** Positive: the chance that it is bought within two weeks if it has not been until now, times the root of how often it was. */
  readonly score: number;
}

/** How a person's intervals differ from everybody's: logarithms, summed over so many gaps. */
export interface Habit {
  readonly gaps: number;
  readonly deviation: number;
}

const noHabit: Habit = { gaps: 0, deviation: 0 };

/**
 * When a person will buy a product again. The logarithm of the interval is expected to be the shop's mean, and what the category, the product
 * in it, the person, and the person at this product were off from what is above them; each as far as it is known by enough gaps, i.e.
 * shrunk toward what is above it (empirical Bayes with normal effects: Efron, Morris 1975; Gelman, Hill 2006, chapter 12). How far such
 * expectations were off when a next purchase came is kept, and gives the median and the interval their honesty (`residuals.ts`).
 */
export interface Replenishment extends Storable {
  learn(person: Key, item: number, categoryIds: readonly string[], atMs: number): void;
  /** What a person's purchases say about their pace, whatever the product. */
  habitOf(
    purchases: Iterable<readonly [item: number, timesMs: readonly number[]]>,
    categoriesOf: (item: number) => readonly string[],
  ): Habit;
  due(purchases: Purchases, categoryIds: readonly string[], nowMs: number, habit?: Habit): Due;
}

interface GapsPart extends Part {
  readonly name: 'gaps';
  readonly all: Gaps;
  readonly items: readonly (readonly [item: number, gaps: Gaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps])[];
  readonly residuals: readonly StoredResiduals[];
}

export function createReplenishment(): Replenishment {
  const people = createReorderPeople();
  const all: Gaps = { count: 0, sumOfLogs: 0 };
  const ofItems = new Map<number, Gaps>();
  const ofCategories = new Map<string, Gaps>();
  /** For people without a gap at the product, with one or two, with more. */
  const residuals = [createResiduals(), createResiduals(), createResiduals()];
  const residualsOf = (gaps: number) => residuals[gaps === 0 ? 0 : gaps < 3 ? 1 : 2]!;

  /** The logarithm of days that everybody takes; null while nobody has bought anything twice. */
  function cohort(item: number, categoryIds: readonly string[]): number | null {
    if (all.count === 0) return null;
    const mean = all.sumOfLogs / all.count;
    let above = mean;
    for (const id of categoryIds) {
      const gaps = ofCategories.get(id);
      if (!gaps) continue;
      above = (gaps.sumOfLogs + cohortWeight * mean) / (gaps.count + cohortWeight);
      break;
    }
    const own = ofItems.get(item);
    return own ? (own.sumOfLogs + cohortWeight * above) / (own.count + cohortWeight) : above;
  }

  function expect(common: number | null, habit: Habit, own: Gaps): number | null {
    if (common === null) return own.count === 0 ? null : own.sumOfLogs / own.count;
    // The gaps at this product count as such, and not as those of the person again.
    const others = Math.max(0, habit.gaps - own.count);
    const deviation = habit.deviation - (own.sumOfLogs - own.count * common);
    const before = common + (others > 0 ? deviation / (others + personWeight) : 0);
    return (before * ownWeight + own.sumOfLogs) / (ownWeight + own.count);
  }

  function learnGap(person: Person, item: number, categoryIds: readonly string[], pair: Pair, log: number) {
    const common = cohort(item, categoryIds);
    const expected = expect(common, { gaps: person.count, deviation: person.sumOfLogs }, pair);
    if (expected !== null && common !== null) residualsOf(pair.count).learn(log - expected);
    addGap(all, log);
    for (const id of categoryIds) addGap(kept(ofCategories, id), log);
    addGap(kept(ofItems, item), log);
    addGap(pair, log);
    if (common !== null) addGap(person.latest, log - common);
  }

  return {
    learn(who, item, categoryIds, atMs) {
      const person = people.at(keyOf(who), atMs);
      if (person === null) return;
      const pair = person.items.get(item);
      if (pair === undefined) {
        people.begin(person, item, atMs);
        return;
      }
      const gapMs = atMs - pair.lastMs;
      if (gapMs >= gapMinMs) learnGap(person, item, categoryIds, pair, Math.log(gapMs / dayMs));
      pair.lastMs = Math.max(atMs, pair.lastMs);
    },
    habitOf(purchases, categoriesOf) {
      let gaps = 0;
      let deviation = 0;
      for (const [item, timesMs] of purchases) {
        if (timesMs.length < 2) continue;
        const common = cohort(item, categoriesOf(item));
        if (common === null) return noHabit;
        const own = gapsOf(timesMs);
        gaps += own.count;
        deviation += own.sumOfLogs - own.count * common;
      }
      return { gaps, deviation };
    },
    due({ item, timesMs }, categoryIds, nowMs, habit = noHabit) {
      const own = gapsOf(timesMs);
      const lastMs = timesMs[0]!;
      const expected = expect(cohort(item, categoryIds), habit.gaps < own.count ? noHabit : habit, own);
      if (expected === null) {
        const score = unknownChance * Math.sqrt(timesMs.length);
        return { item, ripeness: null, intervalDays: null, expected: null, score };
      }
      const off = residualsOf(own.count);
      const [low, high] = off.interval();
      const intervalDays = Math.exp(expected + off.median());
      const elapsedDays = Math.max(0, nowMs - lastMs) / dayMs;
      const ripeness = elapsedDays / intervalDays;
      const timeAt = (residual: number) => lastMs + dayMs * Math.exp(expected + residual);
      return {
        item,
        ripeness,
        intervalDays,
        expected: {
          atMs: lastMs + dayMs * intervalDays,
          fromMs: timeAt(low),
          toMs: timeAt(high),
        },
        score: Math.sqrt(timesMs.length) * timeliness(ripeness) * chanceSoon(elapsedDays, intervalDays),
      };
    },

    save() {
      const copied = <K>(gaps: ReadonlyMap<K, Gaps>) =>
        Array.from(gaps, ([key, { count, sumOfLogs }]) => [key, { count, sumOfLogs }] as const);
      const gaps: GapsPart = {
        name: 'gaps',
        all: { ...all },
        items: copied(ofItems),
        categories: copied(ofCategories),
        residuals: residuals.map((some) => some.save()),
      };
      const persons = people.save();
      return (function* (): Generator<GapsPart | PeoplePart> {
        yield gaps;
        yield* persons;
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'gaps') {
        const stored = part as GapsPart;
        Object.assign(all, stored.all);
        for (const [was, gaps] of stored.items) {
          const item = renumbered(was, renumbering);
          if (item >= 0) ofItems.set(item, { ...gaps });
        }
        for (const [id, gaps] of stored.categories) ofCategories.set(id, { ...gaps });
        for (const [at, some] of stored.residuals.entries()) residuals[at]!.restore(some);
      } else if (part.name === 'people') people.restore(part as PeoplePart, renumbering);
    },
  };
}

function kept<K>(gaps: Map<K, Gaps>, key: K): Gaps {
  let known = gaps.get(key);
  if (known === undefined) {
    known = { count: 0, sumOfLogs: 0 };
    gaps.set(key, known);
  }
  return known;
}

/** The chance that a purchase comes within two weeks if it has not come in so many days, intervals being log-logistic. */
function chanceSoon(elapsedDays: number, intervalDays: number): number {
  const waiting = (days: number) => 1 / (1 + (days / intervalDays) ** steepness);
  return 1 - waiting(elapsedDays + soonDays) / waiting(elapsedDays);
}

/** Nobody wants to be reminded of what has just arrived, even who might take more of it. */
function timeliness(ripeness: number): number {
  return ripeness >= dueFrom ? 1 : early + ((1 - early) * ripeness) / dueFrom;
}
