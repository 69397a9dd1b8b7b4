import { bestFirst } from '../../../../src/kit/best-first.js';
import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';
import { type Key, keyOf } from '../../../../src/kit/fingerprint.js';
import { type Candidates, noCandidates } from '../../../../src/ports/recommenders.js';
import { witnessOfKey } from '../../limits/witnesses.js';
import type { Part, Storable } from '../../snapshots/stored.js';
import type { TieOrder } from '../candidates.js';
import { type ExpectedTimes, expectedTimes } from './expected-times.js';
import { featureCount, fillFeatures, type Habit, noHabit, prior } from './gap-features.js';
import { addGap, dayMs, gapMinMs, noGaps, readGaps } from './gaps.js';
import { createPurchaseHazard } from './purchase-hazard.js';
import { createQuantileModel, type StoredQuantiles } from './quantiles.js';
import {
  countAt,
  createReorderPeople,
  deviationAt,
  gapsAt,
  lastAt,
  type PeoplePart,
  type Person,
  sumAt,
} from './reorder-people.js';
import { anyBuyer, type Buyer, createShopGaps, type StoredShopGaps } from './shop-gaps.js';

/** The chance of a product whose interval nobody knows. */
const unknownChance = 0.02;

/** What one person bought of one product. */
export interface Purchases {
  readonly item: number;
  /** Newest first, distinct days. */
  readonly timesMs: readonly number[];
}

export interface Due {
  readonly item: number;
  /** How much of the interval has passed; null while no interval is known. */
  readonly dueRatio: number | null;
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

/**
 * When a person will buy a product again. What is known of the logarithm of the interval: the shop's mean, and what the category, the product
 * in it, the person, and the person at this product were off from what is above them; each as far as it is known by enough gaps, i.e.
 * shrunk toward what is above it (empirical Bayes with normal effects: Efron, Morris 1975; Gelman, Hill 2006, chapter 12). What follows
 * from it – how much each counts, how far apart the ends of the interval are – is learned from each next purchase (`quantiles.ts`), as
 * it was to be expected right after the one before.
 */
export interface Replenishment extends Storable {
  learn(person: Key, bought: LearnedPurchase): void;
  /** The intervals of a person's purchases, of all products together. Times newest first. */
  habitOf(purchases: Iterable<Bought>, categoriesOf: CategoriesOf): Habit;
  due(purchases: Purchases, categoryIds: readonly string[], nowMs: number, habit?: Habit): Due;
  /** What comes first by its score of all that a person bought, at most `limit`: as `due` has it, at a fraction of the cost. */
  first(
    purchases: Iterable<Bought>,
    categoriesOf: CategoriesOf,
    asked: { readonly nowMs: number; readonly habit: Habit; readonly limit: number; readonly tie: TieOrder },
  ): Candidates;
}

/** One product of an order. */
interface LearnedPurchase {
  readonly item: number;
  readonly categoryIds: readonly string[];
  readonly atMs: number;
  /** Dates what the shop learns from it, if a wrong clock may have written `atMs`. If omitted, `atMs`. */
  readonly shopAtMs?: number;
  /** If omitted, somebody who counts fully. */
  readonly buyer?: Buyer;
}

/** A product and when it was bought, newest first, distinct days. */
type Bought = readonly [item: number, timesMs: readonly number[]];
type CategoriesOf = (item: number) => readonly string[];

interface GapsPart extends Part, StoredShopGaps {
  readonly name: 'gaps';
  readonly quantiles: StoredQuantiles;
}

/** `peopleMin`: as of `createShopGaps`. */
export function createReplenishment(peopleMin = 1): Replenishment {
  const people = createReorderPeople();
  const quantiles = createQuantileModel(prior);
  const shop = createShopGaps(peopleMin);
  const hazard = createPurchaseHazard();
  // What is known of one gap, and what follows from it: written anew for each.
  const features = new Float64Array(featureCount);
  const own = noGaps();
  const then = { gaps: 0, deviation: 0 };
  const told = { low: 0.5, median: 0.5, high: 0.5 };
  const estimated = { dueRatio: 0.5, score: 0.5 };
  let scores = new Float64Array(256);
  let dueRatios = new Float64Array(256);

  function learnGap(
    person: Person,
    row: number,
    { item, categoryIds, atMs, shopAtMs = atMs }: LearnedPurchase,
    buyer: Buyer,
  ) {
    const { rows } = person;
    const days = (atMs - rows[row + lastAt]!) / dayMs;
    const log = Math.log(days);
    if (shop.count > 0) {
      const common = shop.meanOf(item, categoryIds);
      then.gaps = rows[row + gapsAt]!;
      then.deviation = rows[row + deviationAt]!;
      own.count = rows[row + countAt]!;
      own.sumOfLogs = rows[row + sumAt]!;
      fillFeatures(features, shop.mean(), common, then, own);
      quantiles.learn(features, log, buyer.weight, shopAtMs);
      addGap(person.latest, log - common);
    }
    shop.learn(item, categoryIds, log, shopAtMs, buyer);
    rows[row + countAt]!++;
    rows[row + sumAt]! += log;
  }

  /** Fills `own` and `told`; whether anything is known of when it comes. */
  function tell(
    item: number,
    timesMs: readonly number[],
    categoryIds: readonly string[],
    habit: Habit,
  ): boolean {
    readGaps(own, timesMs);
    const isKnown = shop.count > 0;
    if (!isKnown && own.count === 0) return false;
    const common = isKnown ? shop.meanOf(item, categoryIds) : own.sumOfLogs / own.count;
    const known = habit.gaps < own.count ? noHabit : habit;
    fillFeatures(features, isKnown ? shop.mean() : common, common, known, own);
    quantiles.tell(features, told);
    return true;
  }

  /** Fills `estimated`, and returns as `tell` does. */
  function estimate(
    item: number,
    timesMs: readonly number[],
    categoryIds: readonly string[],
    nowMs: number,
    habit: Habit,
  ): boolean {
    const frequency = Math.sqrt(timesMs.length * shop.demandAt(item, nowMs));
    const isKnown = tell(item, timesMs, categoryIds, habit);
    estimated.dueRatio = 0;
    estimated.score = unknownChance * frequency;
    if (!isKnown) return false;
    hazard.since(timesMs[0]!, nowMs);
    estimated.dueRatio = hazard.days / Math.exp(told.median);
    estimated.score = frequency * hazard.chance(told.median, estimated.dueRatio);
    return true;
  }

  return {
    learn(who, bought) {
      const { item, atMs } = bought;
      const buyer = bought.buyer ?? { ...anyBuyer, witness: witnessOfKey(keyOf(who)) };
      const person = people.at(keyOf(who), atMs);
      if (person === null) return;
      const known = person.places.get(item);
      if (known !== undefined) {
        const lastMs = person.rows[known + lastAt]!;
        if (atMs - lastMs >= gapMinMs) learnGap(person, known, bought, buyer);
        if (atMs < lastMs) return;
      }
      const row = known ?? people.enter(person, item);
      const { rows, latest } = person;
      rows[row + lastAt] = atMs;
      rows[row + gapsAt] = person.count + latest.count;
      rows[row + deviationAt] = person.sumOfLogs + latest.sumOfLogs;
    },
    habitOf(purchases, categoriesOf) {
      let gaps = 0;
      let deviation = 0;
      for (const [item, timesMs] of purchases) {
        if (timesMs.length < 2) continue;
        if (shop.count === 0) return noHabit;
        const common = shop.meanOf(item, categoriesOf(item));
        readGaps(own, timesMs);
        gaps += own.count;
        deviation += own.sumOfLogs - own.count * (common - shop.mean());
        for (let at = 0; at < own.count; at++) deviation -= shop.meanAt(timesMs[at]!) ?? common;
      }
      return { gaps, deviation };
    },
    due({ item, timesMs }, categoryIds, nowMs, habit = noHabit) {
      const isKnown = estimate(item, timesMs, categoryIds, nowMs, habit);
      const { dueRatio, score } = estimated;
      if (!isKnown) return { item, dueRatio: null, intervalDays: null, expected: null, score };
      const expected = expectedTimes(told, timesMs[0]!, nowMs);
      return { item, dueRatio, intervalDays: Math.exp(told.median), expected, score };
    },
    first(purchases, categoriesOf, { nowMs, habit, limit, tie }) {
      const all: number[] = [];
      for (const [item, timesMs] of purchases) {
        const place = all.length;
        scores = ensureCapacity(Float64Array, scores, place + 1);
        dueRatios = ensureCapacity(Float64Array, dueRatios, place + 1);
        all.push(item);
        estimate(item, timesMs, categoriesOf(item), nowMs, habit);
        dueRatios[place] = estimated.dueRatio;
        scores[place] = estimated.score;
      }
      if (all.length === 0) return noCandidates;
      const next = bestFirst(
        scores,
        all.length,
        (a, b) => dueRatios[b]! - dueRatios[a]! || tie(all[a]!, all[b]!),
      );
      const found = { items: [] as number[], scores: [] as number[], causes: [] as number[] };
      for (let place = next(); place !== undefined && found.items.length < limit; place = next()) {
        found.items.push(all[place]!);
        found.scores.push(scores[place]!);
        found.causes.push(-1);
      }
      return { ...found, length: found.items.length };
    },

    save() {
      const gaps: GapsPart = { name: 'gaps', ...shop.save(), quantiles: quantiles.save() };
      const persons = people.save();
      return (function* (): Generator<GapsPart | PeoplePart> {
        yield gaps;
        yield* persons;
      })();
    },
    restore(part, remap) {
      if (part.name === 'gaps') {
        const stored = part as GapsPart;
        shop.restore(stored, remap);
        quantiles.restore(stored.quantiles);
      } else if (part.name === 'people') people.restore(part as PeoplePart, remap);
    },
  };
}
