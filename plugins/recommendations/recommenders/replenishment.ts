import { type Key, keyOf } from '../models/fingerprint.js';
import { type Part, renumbered, type Storable } from '../models/stored.js';
import { addGap, dayMs, type Gaps, gapMinMs, gapsOf, meanLog, noGaps, ordersOf } from './gaps.js';
import { createMeanOverTime, type StoredMeans } from './mean-over-time.js';
import { type ExpectedTimes, outlookOf } from './outlook.js';
import { createQuantileModel, type StoredQuantiles } from './quantiles.js';
import { createReorderPeople, type PeoplePart, type Person } from './reorder-people.js';
import { chanceSoon, timeliness } from './soon.js';

/** So many gaps of everybody's weigh as much as what is known above them: of a product its category's, of a category the shop's. */
const cohortWeight = 10;
/** So many of a person's gaps at other products weigh as much as that they are like everybody. */
const personWeight = 10;
/** So many of a person's gaps at the product itself weigh as much as all of that. */
const ownWeight = 6;
/** So many times between a person's orders weigh as much as that they come as often as everybody. */
const paceWeight = 2;
const month = Math.log(30);
/** The chance of a product whose interval nobody knows. */
const unknownChance = 0.02;
/** How many days ago a purchase of somebody else's counts 1/e, and how many such every product has from the start. */
const demandFadingDays = 14;
const demandPrior = 0.5;
/** A gap that the log is hardly long enough for stands for at most so many. */
const unseenMax = 2;

/**
 * Before anything was learned: the median is the sum of what is known, and the longer a product and a person have been known, the less
 * it is off. In the order of `featuresOf`.
 */
const prior = [
  [month - 1.28, 1, 1, 1, 1, 0.2, 0.1, 0],
  [month, 1, 1, 1, 1, 0, 0, 0],
  [month + 1.28, 1, 1, 1, 1, -0.2, -0.1, 0],
];

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
  /** Days between two purchases, the median expected of this person right after one; null while unknown. */
  readonly intervalDays: number | null;
  /**
   * When it will be bought again, if it is: given that it has not been until now, so none of it is past. Null while unknown, and when
   * hardly anybody takes so long.
   */
  readonly expected: ExpectedTimes | null;
  /**
   * Positive: the chance that it is bought within two weeks if it has not been until now, times the root of how often it was, times the
   * root of how often others buy it again at present.
   */
  readonly score: number;
}

/** How a person's pace differs from everybody's. */
export interface Habit {
  /** The gaps at all products, and what their logarithms were off, summed. */
  readonly gaps: number;
  readonly deviation: number;
  /** The mean logarithm of the times between orders, whatever was ordered, less everybody's; 0 while they are unknown. */
  readonly pace: number;
}

const noHabit: Habit = { gaps: 0, deviation: 0, pace: 0 };

/**
 * When a person will buy a product again. What is known of the logarithm of the interval: the shop's mean, and what the category, the product
 * in it, the person, and the person at this product were off from what is above them; each as far as it is known by enough gaps, i.e.
 * shrunk toward what is above it (empirical Bayes with normal effects: Efron, Morris 1975; Gelman, Hill 2006, chapter 12). What follows
 * from it – how much each counts, how far apart the ends of the interval are – is learned from each next purchase (`quantiles.ts`), as
 * it was to be expected right after the one before.
 *
 * A log shows short gaps first: a gap of g days can only end in the part of the log that is older than g. So it stands for as many as
 * would have been seen had there always been a log (inverse probability weighting: Horvitz, Thompson 1952), but for at most two.
 */
export interface Replenishment extends Storable {
  learn(person: Key, item: number, categoryIds: readonly string[], atMs: number): void;
  /** What a person's purchases say about their pace, whatever the product. Times newest first. */
  habitOf(
    purchases: Iterable<readonly [item: number, timesMs: readonly number[]]>,
    categoriesOf: (item: number) => readonly string[],
  ): Habit;
  due(purchases: Purchases, categoryIds: readonly string[], nowMs: number, habit?: Habit): Due;
}

/** Of one product: its gaps, and how many of them ended, faded until `atMs`. */
interface ItemGaps extends Gaps {
  demand: number;
  atMs: number;
}

interface GapsPart extends Part {
  readonly name: 'gaps';
  readonly sinceMs: number;
  readonly all: Gaps;
  readonly means: StoredMeans;
  readonly items: readonly (readonly [item: number, gaps: ItemGaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps])[];
  readonly quantiles: StoredQuantiles;
}

export function createReplenishment(): Replenishment {
  const people = createReorderPeople();
  const quantiles = createQuantileModel(prior);
  const all = noGaps();
  const means = createMeanOverTime();
  const ofItems = new Map<number, ItemGaps>();
  const ofCategories = new Map<string, Gaps>();
  let sinceMs = Number.POSITIVE_INFINITY;

  /** The mean logarithm of days that everybody takes; null while nobody has bought anything twice. */
  function cohort(item: number, categoryIds: readonly string[]): number | null {
    if (all.count === 0) return null;
    let above = all.sumOfLogs / all.count;
    for (const id of categoryIds) {
      const gaps = ofCategories.get(id);
      if (!gaps) continue;
      above = meanLog(gaps, above, cohortWeight);
      break;
    }
    const own = ofItems.get(item);
    return own ? meanLog(own, above, cohortWeight) : above;
  }

  /** What is known of a gap when it begins. */
  function featuresOf(common: number, habit: Habit, own: Gaps): number[] {
    const mean = all.count === 0 ? common : all.sumOfLogs / all.count;
    // The gaps at this product count as such, and not as those of the person again.
    const others = Math.max(0, habit.gaps - own.count);
    const deviation = habit.deviation - (own.sumOfLogs - own.count * common);
    const person = others > 0 ? deviation / (others + personWeight) : 0;
    const atProduct = (own.sumOfLogs - own.count * (common + person)) / (own.count + ownWeight);
    return [
      1,
      mean - month,
      common - mean,
      person,
      atProduct,
      Math.log(1 + own.count) - 1,
      Math.log(1 + others / 5) / 2 - 1,
      habit.pace,
    ];
  }

  function paceOf(orders: Gaps): number {
    const { count, sumOfLogs } = people.orders;
    if (count === 0) return 0;
    return meanLog(orders, sumOfLogs / count, paceWeight) - sumOfLogs / count;
  }

  function learnGap(
    person: Person,
    item: number,
    categoryIds: readonly string[],
    place: number,
    atMs: number,
  ) {
    const { pairs } = people;
    const days = (atMs - pairs.lastMs[place]!) / dayMs;
    const log = Math.log(days);
    const common = cohort(item, categoryIds);
    if (common !== null) {
      const then = {
        gaps: pairs.thenGaps[place]!,
        deviation: pairs.thenDeviations[place]!,
        pace: pairs.thenPaces[place]!,
      };
      const own = { count: pairs.counts[place]!, sumOfLogs: pairs.sums[place]! };
      const spanDays = (atMs - sinceMs) / dayMs;
      const weight = days < spanDays ? Math.min(unseenMax, spanDays / (spanDays - days)) : unseenMax;
      quantiles.learn(featuresOf(common, then, own), log, weight, atMs);
      addGap(person.latest, log - common);
    }
    addGap(all, log);
    means.learn(atMs, all.sumOfLogs / all.count);
    for (const id of categoryIds) addGap(kept(ofCategories, id, noGaps), log);
    const ofItem = kept(ofItems, item, () => ({ ...noGaps(), demand: 0, atMs }));
    addGap(ofItem, log);
    const sinceDays = (atMs - ofItem.atMs) / dayMs;
    // What is learned late has faded, too.
    if (sinceDays >= 0) ofItem.demand = 1 + ofItem.demand * Math.exp(-sinceDays / demandFadingDays);
    else ofItem.demand += Math.exp(sinceDays / demandFadingDays);
    ofItem.atMs = Math.max(atMs, ofItem.atMs);
    pairs.counts[place]!++;
    pairs.sums[place]! += log;
  }

  function demandAt(item: number, nowMs: number): number {
    const gaps = ofItems.get(item);
    if (gaps === undefined) return demandPrior;
    const days = Math.max(0, nowMs - gaps.atMs) / dayMs;
    return demandPrior + gaps.demand * Math.exp(-days / demandFadingDays);
  }

  return {
    learn(who, item, categoryIds, atMs) {
      sinceMs = Math.min(sinceMs, atMs);
      const person = people.at(keyOf(who), atMs);
      if (person === null) return;
      const { pairs } = people;
      let place = pairs.find(person.number, item);
      const isNew = place < 0;
      if (isNew) place = pairs.add(person.number, item);
      else {
        if (atMs - pairs.lastMs[place]! >= gapMinMs) learnGap(person, item, categoryIds, place, atMs);
        if (atMs < pairs.lastMs[place]!) return;
      }
      pairs.lastMs[place] = atMs;
      pairs.thenGaps[place] = person.count + person.latest.count;
      pairs.thenDeviations[place] = person.sumOfLogs + person.latest.sumOfLogs;
      pairs.thenPaces[place] = paceOf(person.orders);
      if (isNew) people.makeRoom();
    },
    habitOf(purchases, categoriesOf) {
      let gaps = 0;
      let deviation = 0;
      const ordersMs = new Set<number>();
      for (const [item, timesMs] of purchases) {
        for (const timeMs of timesMs) ordersMs.add(timeMs);
        if (timesMs.length < 2) continue;
        const common = cohort(item, categoriesOf(item));
        if (common === null) return noHabit;
        const own = gapsOf(timesMs);
        gaps += own.count;
        deviation += own.sumOfLogs - own.count * (common - all.sumOfLogs / all.count);
        for (let at = 0; at < own.count; at++) deviation -= means.at(timesMs[at]!) ?? common;
      }
      return { gaps, deviation, pace: paceOf(ordersOf(ordersMs)) };
    },
    due({ item, timesMs }, categoryIds, nowMs, habit = noHabit) {
      const own = gapsOf(timesMs);
      const often = Math.sqrt(timesMs.length * demandAt(item, nowMs));
      const common = cohort(item, categoryIds) ?? (own.count > 0 ? own.sumOfLogs / own.count : null);
      if (common === null) {
        return {
          item,
          ripeness: null,
          intervalDays: null,
          expected: null,
          score: unknownChance * often,
        };
      }
      const known = habit.gaps < own.count ? noHabit : habit;
      const lastMs = timesMs[0]!;
      const outlook = outlookOf(quantiles.tell(featuresOf(common, known, own)), lastMs, nowMs);
      const elapsedDays = Math.max(0, nowMs - lastMs) / dayMs;
      const ripeness = elapsedDays / outlook.intervalDays;
      return {
        item,
        ripeness,
        intervalDays: outlook.intervalDays,
        // Many are put in order, and few are told when.
        get expected() {
          return outlook.expected();
        },
        score: often * timeliness(ripeness) * chanceSoon(elapsedDays, outlook.intervalDays),
      };
    },

    save() {
      const copied = <K, G extends Gaps>(gaps: ReadonlyMap<K, G>) =>
        Array.from(gaps, ([key, some]) => [key, { ...some }] as const);
      const gaps: GapsPart = {
        name: 'gaps',
        sinceMs,
        all: { ...all },
        means: means.save(),
        items: copied(ofItems),
        categories: copied(ofCategories),
        quantiles: quantiles.save(),
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
        sinceMs = stored.sinceMs;
        Object.assign(all, stored.all);
        means.restore(stored.means);
        for (const [was, gaps] of stored.items) {
          const item = renumbered(was, renumbering);
          if (item >= 0) ofItems.set(item, { ...gaps });
        }
        for (const [id, gaps] of stored.categories) ofCategories.set(id, { ...gaps });
        quantiles.restore(stored.quantiles);
      } else if (part.name === 'people') people.restore(part as PeoplePart, renumbering);
    },
  };
}

function kept<K, G extends Gaps>(gaps: Map<K, G>, key: K, create: () => G): G {
  let known = gaps.get(key);
  if (known === undefined) {
    known = create();
    gaps.set(key, known);
  }
  return known;
}
