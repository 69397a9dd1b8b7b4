import type { ItemVectors } from '../learning-to-rank/item-vectors.js';
import { contextCount, contextNames, featureCount, featureNames } from '../session-knn/features.js';
import { clicksPerSessionMax } from '../session-knn/session-index.js';
import { createSessionRanker, type RankerOptions, sessionRanking } from '../session-knn/session-ranker.js';
import type { PeopleIndex } from './people-index.js';
import {
  type Basket,
  basketsMax,
  fillPersonal,
  type ItemHistory,
  personalCount,
  personalNames,
  readHistory,
} from './personal-history.js';

export const peopleNames = {
  features: [...featureNames, ...personalNames],
  contexts: [...contextNames, 'baskets', 'variety'],
};
export const width = featureCount + personalCount;
export const contextWidth = contextCount + 2;
/** What a person bought is ranked besides what people like them bought, the newest. */
const ownMax = 60;
/** Of what people like them bought. */
const candidatesMax = 60;
export const rankedMax = candidatesMax + ownMax;
/** Of an item of which nothing is known, so many people bought it, and bought it again as often as the usual one. */
const usualWeight = 10;

/** Histories are longer than sessions, and each says more: fewer are as good, and cost less. */
const neighboursKept = 200;

/** A taste lasts longer than an errand: purchases count for more steps back, and how long ago somebody came for nothing. */
const peopleRanking: RankerOptions = {
  candidates: candidatesMax,
  neighbours: { ...sessionRanking.neighbours, kept: neighboursKept, itemFading: 10, ageFading: 1e6 },
  votes: sessionRanking.votes,
  windowRadius: clicksPerSessionMax,
};

/** How much of the time until a person buys an item again has passed, of which they bought it at `timesMs`, newest first; null while nothing is known of it. */
export type DueRatioOf = (item: number, timesMs: readonly number[], nowMs: number) => number | null;

/**
 * From what a person bought to what they may buy next, and what is known about it: the votes of people with a like history, and the
 * person's own habits.
 */
export function createPeopleRanker(
  people: PeopleIndex,
  vectors: ItemVectors | null,
  dueRatioOf: DueRatioOf,
  peopleMin = 1,
) {
  const { index } = people;
  const ranker = createSessionRanker(index, peopleRanking, vectors, peopleMin);
  const features = new Float32Array(rankedMax * width);
  const context = new Float32Array(contextWidth);
  const items = new Int32Array(rankedMax);
  const known = new Set<number>();
  /** How many of them were proposed by people with a like history. */
  let near = 0;

  function fillItem(item: number, own: ItemHistory | undefined, baskets: number, nowMs: number): void {
    const row = (known.size - 1) * width + featureCount;
    const isKnown = item < index.items;
    const buyers = isKnown ? index.itemSessions[item]! : 0;
    const again = isKnown ? index.itemRepeats[item]! : 0;
    const usual = (usualWeight * (index.repeats + 1)) / (index.interactions + usualWeight);
    fillPersonal(features, row, own, baskets, {
      dueRatio: own === undefined ? null : dueRatioOf(item, own.timesMs, nowMs),
      again: (again + usual) / (buyers + usualWeight),
      bought: ((isKnown ? index.itemClicks[item]! : 0) + 0.5) / (people.baskets + 1),
    });
  }

  return {
    features,
    context,
    items,

    /** Fills the candidates and what is known about them; how many. What the person `except` bought counts for nothing (-1: nobody). */
    gather(history: readonly Basket[], nowMs: number, except: number): number {
      const recent = history.slice(-basketsMax);
      const own = readHistory(recent);
      const flat = recent.flatMap((basket) => basket.items);
      near = ranker.gather(flat, except);
      known.clear();
      const put = (item: number): void => {
        items[known.size] = item;
        known.add(item);
        fillItem(item, own.get(item), recent.length, nowMs);
      };
      for (let place = 0; place < near; place++) {
        features.set(
          ranker.features.subarray(place * featureCount, (place + 1) * featureCount),
          place * width,
        );
        put(ranker.candidates.items[place]!);
      }
      const newest = [...own].sort(([, a], [, b]) => b.last - a.last || b.timesMs.length - a.timesMs.length);
      for (const [item] of newest.slice(0, ownMax)) {
        if (known.has(item)) continue;
        features.fill(0, known.size * width, known.size * width + featureCount);
        put(item);
      }

      if (near > 0) context.set(ranker.context);
      else context.fill(0);
      context[contextCount] = Math.log(1 + recent.length);
      context[contextCount + 1] = Math.log((1 + own.size) / (1 + flat.length));
      return known.size;
    },

    /**
     * For each of the candidates at some places, at most 60, what of the person's purchases speaks most for it: itself where they bought it,
     * else the item whose buyers bought it most; -1 where not enough of them did.
     */
    causes(places: Int32Array): Int32Array {
      const chosen = places.map((place) => items[place]!);
      const causes = new Int32Array(places.length);
      const vouched = new Uint8Array(places.length);
      ranker.causes(chosen, chosen.length, causes, vouched);
      for (let at = 0; at < places.length; at++) {
        const place = places[at]!;
        const isOwn = features[place * width + featureCount]! > 0;
        const query = vouched[at] === 1 ? causes[at]! : -1;
        causes[at] = isOwn ? chosen[at]! : place < near && query >= 0 ? ranker.query.items[query]! : -1;
      }
      return causes;
    },
  };
}

export type PeopleRanker = ReturnType<typeof createPeopleRanker>;
