import { grownInt32 } from './block-arena.js';
import { contextCount, contextNames, featureCount, featureNames } from './features.js';
import {
  type Basket,
  basketsMax,
  fillPersonal,
  type ItemHistory,
  personalCount,
  personalNames,
  readHistory,
  ripenessOf,
} from './personal-history.js';
import { createReorderIntervals } from './reorder-intervals.js';
import { clicksPerSessionMax, createSessionIndex } from './session-index.js';
import { candidatesMax, createSessionRanker, type RankerOptions } from './session-ranker.js';

export const basketNames = {
  features: [...featureNames, ...personalNames],
  contexts: [...contextNames, 'baskets', 'variety'],
};
export const width = featureCount + personalCount;
export const contextWidth = contextCount + 2;
/** A person's own items that are ranked besides the neighbours', the newest. */
const ownMax = 100;
export const rankedMax = candidatesMax + ownMax;
const peopleMax = 2 ** 21;
const popularMax = 40;

/** People are compared over their whole history, not its last moment. */
const peopleRanking: RankerOptions = {
  neighbours: { sessionsRead: 1000, kept: 500, itemFading: 10, ageFading: 1e6 },
  votes: { stepFading: 10, backward: 1, self: 1 },
};

/** What is known of people's baskets, and from a history to candidates with their features. */
export function createBasketRanker() {
  const index = createSessionIndex({ sessionsPerItem: 1024, sessionsMax: peopleMax });
  const ranker = createSessionRanker(index, peopleRanking, null);
  const intervals = createReorderIntervals();
  const people = new Map<string, { session: number; lastOf: Map<number, number> }>();
  let itemBaskets: Int32Array = new Int32Array(1024);
  let itemReorders: Int32Array = new Int32Array(1024);
  let baskets = 0;
  let bought = 0;
  let reorders = 0;

  const features = new Float32Array(rankedMax * width);
  const context = new Float32Array(contextWidth);
  const ranked = new Int32Array(rankedMax);
  const ripeness = new Float32Array(rankedMax);

  /** Fills the candidates and their features; how many. */
  const gather = (history: readonly Basket[], nowMs: number, except: number): number => {
    const recent = history.slice(-basketsMax);
    const own = readHistory(recent);
    const flat = recent.flatMap(({ items }) => items);
    const count = ranker.gather(flat, except);
    const known = new Set<number>();
    const put = (item: number, place: number): void => {
      known.add(item);
      const row = (known.size - 1) * width;
      ranked[known.size - 1] = item;
      if (place >= 0) {
        features.set(ranker.features.subarray(place * featureCount, (place + 1) * featureCount), row);
      } else features.fill(0, row, row + featureCount);
      fill(item, row + featureCount, own.get(item));
    };
    const fill = (item: number, at: number, mine: ItemHistory | undefined): void => {
      const times = item < itemBaskets.length ? itemBaskets[item]! : 0;
      const again = item < itemReorders.length ? itemReorders[item]! : 0;
      const rate = (again + (10 * (reorders + 1)) / (bought + 10)) / (times + 10);
      const ripe = mine === undefined ? null : ripenessOf(item, mine, intervals, nowMs);
      ripeness[known.size - 1] = ripe ?? Number.NaN;
      fillPersonal(features, at, mine, recent.length, ripe, rate, (times + 0.5) / (baskets + 1));
    };
    for (let place = 0; place < count; place++) put(ranker.candidates.items[place]!, place);
    const mine = [...own].sort(([, a], [, b]) => b.last - a.last || b.count - a.count);
    for (const [item] of mine)
      if (!known.has(item) && known.size < candidatesMax + ownMax - popularMax) put(item, -1);
    for (const item of popular()) if (!known.has(item) && known.size < rankedMax) put(item, -1);
    context.set(ranker.context);
    if (count === 0) context.fill(0);
    context[contextCount] = Math.log(1 + recent.length);
    context[contextCount + 1] = Math.log((1 + own.size) / (1 + flat.length));
    return known.size;
  };

  let popularItems: number[] = [];
  let popularAt = -1;
  /** Bought most, as of the last time the number of baskets had grown by a hundredth. */
  const popular = (): readonly number[] => {
    if (popularAt >= 0 && baskets <= popularAt * 1.01) return popularItems;
    popularAt = baskets;
    popularItems = Array.from(itemBaskets.keys())
      .filter((item) => itemBaskets[item]! > 0)
      .sort((a, b) => itemBaskets[b]! - itemBaskets[a]! || a - b)
      .slice(0, popularMax);
    return popularItems;
  };

  const count = (item: number, gapMs: number | null): void => {
    if (item >= itemBaskets.length) {
      itemBaskets = grownInt32(itemBaskets, item + 1);
      itemReorders = grownInt32(itemReorders, item + 1);
    }
    itemBaskets[item]!++;
    bought++;
    if (gapMs === null) return;
    itemReorders[item]!++;
    reorders++;
    intervals.learn(item, gapMs);
  };

  return {
    features,
    context,
    ranked,
    ripeness,
    gather,
    sessionOf: (personKey: string): number => people.get(personKey)?.session ?? -1,
    add(personKey: string, basket: Basket): void {
      let person = people.get(personKey);
      if (person === undefined) {
        person = { session: index.begin(), lastOf: new Map() };
        people.set(personKey, person);
        if (people.size > peopleMax) people.delete(people.keys().next().value ?? '');
      }
      baskets++;
      for (const item of new Set(basket.items)) {
        const before = person.lastOf.get(item);
        count(item, before === undefined ? null : basket.atMs - before);
        person.lastOf.set(item, basket.atMs);
        if (index.lengthOf(person.session) >= clicksPerSessionMax) person.session = index.begin();
        index.append(person.session, item);
      }
    },
    get people() {
      return people.size;
    },
    get baskets() {
      return baskets;
    },
  };
}

export type BasketRanker = ReturnType<typeof createBasketRanker>;
