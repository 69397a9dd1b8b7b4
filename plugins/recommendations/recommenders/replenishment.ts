import { type Key, keyOf } from '../models/fingerprint.js';
import { type Part, type Renumbering, renumbered, type Storable } from '../models/stored.js';
import { createResiduals, type StoredResiduals } from './residuals.js';

const dayMs = 86_400_000;
/** People at products whose last purchase is remembered. */
const pairsMax = 200_000;
const pairsPerPart = 16_384;
const gapMinMs = dayMs / 2;
/** So many gaps of everybody's weigh as much as what is known above them: of a product its category's, of a category the shop's. */
const cohortWeight = 10;
/** So many of a person's gaps at other products weigh as much as that they are like everybody. */
const personWeight = 10;
/** So many of a person's gaps at the product itself weigh as much as all of that. */
const ownWeight = 6;
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

interface Gaps {
  count: number;
  sumOfLogs: number;
}

/** What a person bought of a product: logarithms of the gaps, and when last. */
interface Pair extends Gaps {
  lastMs: number;
}

/**
 * Somebody who is learned from: what their gaps were off, over all products, and each product. What the order at `atMs` says comes to it with
 * the next one: products of one order were all expected before it.
 */
interface Person extends Gaps {
  readonly items: Map<number, Pair>;
  atMs: number;
  readonly latest: Gaps;
}

interface GapsPart extends Part {
  readonly name: 'gaps';
  readonly all: Gaps;
  readonly sparseness: number;
  readonly items: readonly (readonly [item: number, gaps: Gaps])[];
  readonly categories: readonly (readonly [id: string, gaps: Gaps])[];
  readonly residuals: readonly StoredResiduals[];
}

/** Some people, each with so many products one behind the other. */
interface PeoplePart extends Part {
  readonly name: 'people';
  readonly keys: Float64Array;
  readonly counts: Int32Array;
  readonly deviations: Float64Array;
  readonly lengths: Int32Array;
  readonly items: Int32Array;
  readonly lastMs: Float64Array;
  readonly ownCounts: Int32Array;
  readonly ownSums: Float64Array;
}

export function createReplenishment(): Replenishment {
  const people = new Map<number, Person>();
  let pairs = 0;
  /**
   * Everybody is learned from as long as there is room, then every second person, every fourth … To forget the purchases that are
   * longest ago instead would leave the short gaps only.
   */
  let sparseness = 1;
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
    add(all, log);
    for (const id of categoryIds) add(kept(ofCategories, id), log);
    add(kept(ofItems, item), log);
    add(pair, log);
    if (common !== null) add(person.latest, log - common);
  }

  function makeRoom(): void {
    while (pairs > pairsMax) {
      sparseness *= 2;
      for (const [who, { items }] of people) {
        if (isLearnedFrom(who, sparseness)) continue;
        people.delete(who);
        pairs -= items.size;
      }
    }
  }

  return {
    learn(person, item, categoryIds, atMs) {
      const who = keyOf(person);
      if (!isLearnedFrom(who, sparseness)) return;
      let known = people.get(who);
      if (known === undefined) {
        known = personOf(new Map(), 0, 0);
        people.set(who, known);
      }
      if (atMs > known.atMs) settle(known, atMs);
      const pair = known.items.get(item);
      if (pair === undefined) {
        known.items.set(item, { lastMs: atMs, count: 0, sumOfLogs: 0 });
        pairs++;
        makeRoom();
        return;
      }
      const gapMs = atMs - pair.lastMs;
      if (gapMs >= gapMinMs) learnGap(known, item, categoryIds, pair, Math.log(gapMs / dayMs));
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
        return { item, ripeness: null, intervalDays: null, expected: null, score: scoreOf(timesMs, null) };
      }
      const off = residualsOf(own.count);
      const [low, high] = off.interval();
      const intervalDays = Math.exp(expected + off.median());
      const ripeness = Math.max(0, nowMs - lastMs) / dayMs / intervalDays;
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
        score: scoreOf(timesMs, ripeness),
      };
    },

    save() {
      const copied = <K>(gaps: ReadonlyMap<K, Gaps>) =>
        Array.from(gaps, ([key, { count, sumOfLogs }]) => [key, { count, sumOfLogs }] as const);
      const gaps: GapsPart = {
        name: 'gaps',
        all: { ...all },
        sparseness,
        items: copied(ofItems),
        categories: copied(ofCategories),
        residuals: residuals.map((some) => some.save()),
      };
      const persons = Array.from(people, ([key, { count, sumOfLogs, latest, items }]) => ({
        ...{ key, count: count + latest.count, sumOfLogs: sumOfLogs + latest.sumOfLogs },
        items: Array.from(items, ([item, pair]) => ({ item, ...pair })),
      }));
      return (function* (): Generator<GapsPart | PeoplePart> {
        yield gaps;
        for (let from = 0; from < persons.length; ) {
          let to = from;
          for (let held = 0; to < persons.length && held < pairsPerPart; )
            held += persons[to++]!.items.length;
          yield peoplePart(persons.slice(from, to));
          from = to;
        }
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'gaps') {
        const stored = part as GapsPart;
        Object.assign(all, stored.all);
        sparseness = stored.sparseness;
        for (const [was, gaps] of stored.items) {
          const item = renumbered(was, renumbering);
          if (item >= 0) ofItems.set(item, { ...gaps });
        }
        for (const [id, gaps] of stored.categories) ofCategories.set(id, { ...gaps });
        for (const [at, some] of stored.residuals.entries()) residuals[at]!.restore(some);
      } else if (part.name === 'people') restorePeople(part as PeoplePart, renumbering);
    },
  };

  function restorePeople(part: PeoplePart, renumbering: Renumbering): void {
    let at = 0;
    for (let row = 0; row < part.keys.length; row++) {
      const items = new Map<number, Pair>();
      for (const end = at + part.lengths[row]!; at < end; at++) {
        const item = renumbered(part.items[at]!, renumbering);
        if (item < 0) continue;
        items.set(item, {
          lastMs: part.lastMs[at]!,
          count: part.ownCounts[at]!,
          sumOfLogs: part.ownSums[at]!,
        });
      }
      if (items.size === 0) continue;
      people.set(part.keys[row]!, personOf(items, part.counts[row]!, part.deviations[row]!));
      pairs += items.size;
    }
  }
}

function personOf(items: Map<number, Pair>, count: number, sumOfLogs: number): Person {
  const latest = { count: 0, sumOfLogs: 0 };
  return { items, count, sumOfLogs, latest, atMs: Number.NEGATIVE_INFINITY };
}

function settle(person: Person, atMs: number): void {
  person.count += person.latest.count;
  person.sumOfLogs += person.latest.sumOfLogs;
  person.latest.count = 0;
  person.latest.sumOfLogs = 0;
  person.atMs = atMs;
}

interface StoredPerson extends Gaps {
  readonly key: number;
  readonly items: readonly (Pair & { readonly item: number })[];
}

function peoplePart(persons: readonly StoredPerson[]): PeoplePart {
  const items = persons.flatMap((person) => person.items);
  return {
    name: 'people',
    keys: Float64Array.from(persons, ({ key }) => key),
    counts: Int32Array.from(persons, ({ count }) => count),
    deviations: Float64Array.from(persons, ({ sumOfLogs }) => sumOfLogs),
    lengths: Int32Array.from(persons, (person) => person.items.length),
    items: Int32Array.from(items, ({ item }) => item),
    lastMs: Float64Array.from(items, ({ lastMs }) => lastMs),
    ownCounts: Int32Array.from(items, ({ count }) => count),
    ownSums: Float64Array.from(items, ({ sumOfLogs }) => sumOfLogs),
  };
}

/** Chosen by the person and not by lot, so that all processes choose the same people. */
function isLearnedFrom(who: number, sparseness: number): boolean {
  const mixed = Math.imul(who | 0, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & (sparseness - 1)) === 0;
}

function gapsOf(timesMs: readonly number[]): Gaps {
  const gaps = { count: 0, sumOfLogs: 0 };
  for (let at = 1; at < timesMs.length; at++) {
    add(gaps, Math.log(Math.max(gapMinMs, timesMs[at - 1]! - timesMs[at]!) / dayMs));
  }
  return gaps;
}

function kept<K>(gaps: Map<K, Gaps>, key: K): Gaps {
  let known = gaps.get(key);
  if (known === undefined) {
    known = { count: 0, sumOfLogs: 0 };
    gaps.set(key, known);
  }
  return known;
}

function add(gaps: Gaps, log: number): void {
  gaps.count++;
  gaps.sumOfLogs += log;
}

function scoreOf(timesMs: readonly number[], ripeness: number | null): number {
  return Math.log1p(timesMs.length) * dueness(ripeness);
}

/** Rises until the interval is over, stays for another, and then falls: who has not come back has gone elsewhere. */
function dueness(ripeness: number | null): number {
  if (ripeness === null) return 0.2;
  if (ripeness < dueFrom) return 0.05 + 0.45 * ripeness;
  if (ripeness <= 2) return 1;
  return 2 / ripeness;
}
