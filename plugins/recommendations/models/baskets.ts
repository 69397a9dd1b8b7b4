import {
  type BasketRanker,
  basketNames,
  contextWidth,
  createBasketRanker,
  rankedMax,
  width,
} from './basket-ranker.js';
import { bestFirst } from './best-first.js';
import { grownFloat32 } from './block-arena.js';
import { featureCount } from './features.js';
import { type FusionJson, fusionFromJson, fusionToJson } from './fusion-json.js';
import { createFusionNet, type ScoreCandidates } from './fusion-net.js';
import { type Basket, personalNames } from './personal-history.js';
import { fusionTraining, type Lessons, trainFusion } from './train-fusion.js';

export type { Basket } from './personal-history.js';

export interface BasketPrediction {
  /** Best first. */
  readonly items: Int32Array;
  /** Comparable within one answer only. */
  readonly scores: Float32Array;
  /** How much of the expected interval has passed since the person bought it last; NaN for what they never bought. */
  readonly ripeness: Float32Array;
  readonly length: number;
}

/**
 * What a person buys next, and again: how often, how lately and at what intervals they bought each item, what people
 * with a like history buy, and what everybody does, weighed by a learned fusion.
 */
export interface BasketModel {
  /** Learns one purchase. Baskets of one person come in the order of time. */
  add(personKey: string, basket: Basket): void;
  /**
   * The best `limit` items (at most 160) for the next basket of a person with this history (oldest first), at a
   * time. Give the person's key if the baskets were added. The popular ones where the history is empty or unknown.
   */
  predict(history: readonly Basket[], nowMs: number, limit: number, personKey?: string): BasketPrediction;
  /**
   * Learns the fusion from whole histories; `use` takes the result. Each step takes a few milliseconds. Until then
   * the order is that of faded personal frequency, then popularity.
   */
  learn(
    histories: readonly (readonly Basket[])[],
  ): Generator<{ readonly stage: string; readonly done: number }, FusionJson>;
  use(fusion: FusionJson): void;
  readonly people: number;
  readonly baskets: number;
}

/** People are learned about in turns: the others' index answers for each part of them. */
const folds = 5;
const lessonsMax = 15_000;
/** A basket teaches with so many of its items at most. */
const targetsMax = 5;
const fadedAt = featureCount + personalNames.indexOf('faded');
const boughtAt = featureCount + personalNames.indexOf('bought');

export function createBasketModel(): BasketModel {
  const ranker = createBasketRanker();
  const scores = new Float32Array(rankedMax);
  let net: ScoreCandidates | null = null;

  const score = (count: number): void => {
    if (net !== null) {
      net(ranker.features, ranker.context, count, scores);
      return;
    }
    for (let at = 0; at < count; at++) {
      const row = at * width;
      scores[at] =
        Math.exp(ranker.features[row + fadedAt]!) + 1e-3 * Math.exp(ranker.features[row + boughtAt]!);
    }
  };

  return {
    add: ranker.add,
    predict(history, nowMs, limit, personKey) {
      const count = ranker.gather(history, nowMs, personKey === undefined ? -1 : ranker.sessionOf(personKey));
      score(count);
      const length = Math.max(0, Math.min(limit, count));
      const places = Int32Array.from({ length: count }, (_, place) => place);
      const chosen = new Int32Array(length);
      const best = new Float32Array(length);
      bestFirst(places, scores, count, chosen, best);
      return {
        items: chosen.map((place) => ranker.ranked[place]!),
        scores: best,
        ripeness: Float32Array.from(chosen, (place) => ranker.ripeness[place]!),
        length,
      };
    },
    *learn(histories) {
      const lessons = emptyLessons();
      for (let fold = 0; fold < folds; fold++) {
        for (const done of learnFold(histories, fold, lessons)) {
          yield { stage: 'lessons', done: (fold + done) / folds };
        }
      }
      const training = trainFusion(lessons, width, contextWidth, fusionTraining);
      let step = training.next();
      for (; !step.done; step = training.next()) yield { stage: 'fusion', done: step.value };
      return fusionToJson(step.value, basketNames);
    },
    use(fusion) {
      net = createFusionNet(fusionFromJson(fusion, basketNames));
    },
    get people() {
      return ranker.people;
    },
    get baskets() {
      return ranker.baskets;
    },
  };
}

interface GrowingLessons extends Omit<Lessons, 'features'> {
  features: Float32Array;
  count: number;
}

function emptyLessons(): GrowingLessons {
  return {
    features: new Float32Array(0),
    contexts: new Float32Array(lessonsMax * contextWidth),
    starts: new Int32Array(lessonsMax + 1),
    targets: new Int32Array(lessonsMax),
    count: 0,
  };
}

/** Every basket but a person's first is a question to those who are not in the fold. */
function* learnFold(
  histories: readonly (readonly Basket[])[],
  fold: number,
  lessons: GrowingLessons,
): Generator<number> {
  const ranker = createBasketRanker();
  for (const [person, history] of histories.entries()) {
    if (person % folds !== fold) for (const basket of history) ranker.add(String(person), basket);
    if (person % 100 === 0) yield 0;
  }
  const foldEnd = Math.floor((lessonsMax * (fold + 1)) / folds);
  for (let person = fold; person < histories.length && lessons.count < foldEnd; person += folds) {
    const history = histories[person]!;
    // The newest basket is the most like what will be asked; older ones for as long as there is room.
    for (let at = history.length - 1; at > 0; at--) addLessons(ranker, history, at, lessons, foldEnd);
    yield person / histories.length;
  }
}

function addLessons(
  ranker: BasketRanker,
  history: readonly Basket[],
  at: number,
  lessons: GrowingLessons,
  lessonsEnd: number,
): void {
  const count = ranker.gather(history.slice(0, at), history[at]!.atMs, -1);
  const ranked = ranker.ranked.subarray(0, count);
  let taken = 0;
  for (const item of new Set(history[at]!.items)) {
    const target = ranked.indexOf(item);
    if (target < 0 || taken++ === targetsMax || lessons.count === lessonsEnd) continue;
    const start = lessons.starts[lessons.count]!;
    if ((start + count) * width > lessons.features.length) {
      lessons.features = grownFloat32(lessons.features, (start + count) * width * 2);
    }
    lessons.features.set(ranker.features.subarray(0, count * width), start * width);
    lessons.contexts.set(ranker.context, lessons.count * contextWidth);
    lessons.targets[lessons.count] = target;
    lessons.starts[++lessons.count] = start + count;
  }
}
