import { type Key, keyOf } from '../../../src/kit/fingerprint.js';
import { lazily } from '../../../src/kit/lazily.js';
import { topK } from '../../../src/kit/top-k.js';
import { fusionFromJson } from '../learning-to-rank/fusion-json.js';
import { createFusionNet } from '../learning-to-rank/fusion-net.js';
import type { Step } from '../learning-to-rank/learn-fusion.js';
import type { Comparison } from '../learning-to-rank/paired-comparison.js';
import type { Witness } from '../limits/witnesses.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import type { SessionIndexOptions } from '../session-knn/session-index.js';
import type { Storable } from '../snapshots/stored.js';
import { defaultPeopleFusion } from './default-people-fusion.js';
import { evaluatePeopleWeights, heldOutOf } from './evaluate-people.js';
import { learnPeople } from './learn-people.js';
import { createPeopleIndex } from './people-index.js';
import { createPeopleRanker, type DueRatioOf, peopleNames, rankedMax } from './people-ranker.js';
import type { Basket } from './personal-history.js';

export type { DueRatioOf } from './people-ranker.js';
export type { Basket } from './personal-history.js';

/** Item numbers are dense: a larger one is a mistake, and would cost its size in memory. */
const itemMax = 2 ** 24;
const answersMax = 60;
/** With fewer purchases the weights that ship with the product are the better ones. */
export const purchasesToLearn = 10_000;

interface NextPurchases {
  /** Best first. */
  readonly items: Int32Array;
  /** Comparable within one answer only. */
  readonly scores: Float32Array;
  /**
   * For each item what of the history speaks most for it: itself where the person bought it, else the item whose buyers bought it most.
   */
  readonly causes: Int32Array;
  readonly length: number;
}

/**
 * What a person buys next, new or again: what people with a like history bought, and how often, how lately and at what intervals the
 * person bought each item, weighed by a learned fusion. Learns every order at once and holds what it learns from; who began longest ago
 * is forgotten when it is full. Of people it knows fingerprints only.
 */
export interface PeopleModel extends Storable {
  /** Learns one order. `items` are dense numbers below 2^24; throws RangeError otherwise. */
  add(person: Key, items: readonly number[], atMs: number, witness?: Witness): void;
  /**
   * The best `limit` items (at most 60) for the next order of a person with this history, oldest first, at a time. Give the person's key if
   * the orders were added, so that they are not their own neighbour. Empty without a history.
   */
  predict(history: readonly Basket[], nowMs: number, limit: number, person?: Key): NextPurchases;
  /**
   * Learns vectors and fusion weights from the people in the index, and compares them with those in use on held-out people. The model
   * does not change: call `use`. Each step takes a few milliseconds. Useful from `purchasesToLearn` on.
   */
  learn(): Generator<Step, { readonly learned: Learned; readonly comparison: Comparison }>;
  /** From the next prediction on; null: the weights that ship. Throws RangeError if it was learned for other features. */
  use(learned: Learned | null): void;
  /** Ever begun. */
  readonly people: number;
  readonly baskets: number;
  readonly purchases: number;
  /** Bytes of what is held. */
  bytes(): number;
}

const shipped: Learned = { fusion: defaultPeopleFusion, vectors: null };

/** Of each item the newest 1,024 buyers are looked up; half a million people are held. */
export const peopleIndexOptions: SessionIndexOptions = { sessionsPerItem: 1024, sessionsMax: 2 ** 19 };

export function createPeopleModel(
  dueRatioOf: DueRatioOf,
  options: SessionIndexOptions = peopleIndexOptions,
  peopleMin = 1,
): PeopleModel {
  const people = createPeopleIndex(options);
  let used = shipped;
  let net = createFusionNet(fusionFromJson(used.fusion, peopleNames));
  const rankerOf = ({ vectors }: typeof used) =>
    lazily(() => createPeopleRanker(people, vectors, dueRatioOf, peopleMin));
  let ranker = rankerOf(used);
  const scores = new Float32Array(rankedMax);
  const everyPlace = Int32Array.from(scores.keys());

  return {
    add(person, items, atMs, witness) {
      for (const item of items) {
        if (!Number.isInteger(item) || item < 0 || item >= itemMax) {
          throw new RangeError(`item must be a whole number from 0 to ${itemMax - 1}, not ${item}`);
        }
      }
      if (items.length > 0) people.add(keyOf(person), [...new Set(items)], atMs, witness);
    },

    predict(history, nowMs, limit, person) {
      const except = person === undefined ? -1 : people.find(keyOf(person));
      const { gather, features, context, items, causes } = ranker();
      const count = gather(history, nowMs, except);
      net(features, context, count, scores);
      const length = Math.max(0, Math.min(limit, answersMax, count));
      const places = new Int32Array(length);
      const best = new Float32Array(length);
      topK(everyPlace, scores, count, places, best);
      return {
        items: places.map((place) => items[place]!),
        scores: best,
        causes: causes(places),
        length,
      };
    },

    *learn() {
      const heldOut = heldOutOf(people);
      const learned = yield* learnPeople(people, dueRatioOf, heldOut);
      const compared = { now: learned, before: used };
      return { learned, comparison: yield* evaluatePeopleWeights(people, dueRatioOf, compared, heldOut) };
    },
    use(learned) {
      const next = learned ?? shipped;
      net = createFusionNet(fusionFromJson(next.fusion, peopleNames));
      ranker = rankerOf(next);
      used = next;
    },

    save: people.save,
    restore: people.restore,

    get people() {
      return people.index.sessions;
    },
    get baskets() {
      return people.baskets;
    },
    get purchases() {
      return people.index.interactions;
    },
    bytes: people.bytes,
  };
}
