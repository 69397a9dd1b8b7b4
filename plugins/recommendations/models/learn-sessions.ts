import { seeded, shuffle } from '../../../src/kit/random.js';
import { contextCount, featureCount, sessionNames } from './features.js';
import { type FusionJson, fusionToJson } from './fusion-json.js';
import type { ItemVectors } from './item-vectors.js';
import {
  clicksPerSessionMax,
  createSessionIndex,
  type SessionIndex,
  type SessionIndexOptions,
} from './session-index.js';
import { logOf, type SessionLog, selectSessions } from './session-log.js';
import { createSessionRanker, type RankerOptions, sessionRanking } from './session-ranker.js';
import { type FusionTraining, fusionTraining, type Lessons, trainFusion } from './train-fusion.js';
import { createVectorTrainer, type VectorTrainer, vectorTraining } from './train-vectors.js';

/** What a model learns about a shop beyond its index. */
export interface Learned {
  readonly fusion: FusionJson;
  /** Null if learned without. */
  readonly vectors: ItemVectors | null;
}

export interface LearningOptions {
  /** Which sessions the fusion is learned on: the newest, or any, where sessions have no order in time. */
  readonly tail: 'newest' | 'any';
  readonly tailShare: number;
  readonly vectors: boolean;
  /** How often the vectors go through the log. */
  readonly vectorEpochs: number;
  readonly ranker: RankerOptions;
  readonly index: SessionIndexOptions;
  /** Nothing is learned from this session and those that began after it. Absent: from all. */
  readonly before?: number;
}

/** For sessions in the order of time. */
export const sessionLearning: LearningOptions = {
  tail: 'newest',
  tailShare: 0.08,
  vectors: true,
  vectorEpochs: 4,
  ranker: sessionRanking,
  index: { sessionsPerItem: 1024, sessionsMax: 2 ** 22 },
};

/** Prefixes the fusion is learned from, at most: more teach little, and each takes up to 8 KB while learning. */
const lessonsMax = 40_000;
/** Learning looks at sessions with so many clicks together, the newest: about nine minutes of one processor. */
const clicksLearnedMax = 2_500_000;

type Step = { readonly stage: string; readonly done: number };

/**
 * Learns vectors and fusion from a log of sessions: an index of all but the tail is asked about the tail, exactly as
 * it would have been asked then, and the fusion learns from its answers. Then the vectors learn the tail too.
 * A generator: every step takes a few milliseconds and says what is going on and how far it is, from 0 to 1.
 */
export function* learnSessions(source: SessionIndex, options: LearningOptions): Generator<Step, Learned> {
  const { log, lessons, trainer } = yield* prepare(source, options);
  const fusion = yield* learnFusion(lessons, { ...fusionTraining, nets: 2 });
  return { fusion, vectors: yield* finish(log, trainer) };
}

/** Inputs that the fusion is to do without. */
export interface FusionWithout {
  readonly features: readonly string[];
  readonly contexts: readonly string[];
  /** Hidden units; 0 leaves a weighted sum. Absent: as always. */
  readonly hidden?: number;
}

/**
 * What the fusion's parts are worth: on the same vectors and the same lessons it is learned once for each element of
 * `without`. One net each, as a mean of several would hide small differences behind its cost.
 */
export function* learnSessionsWithout(
  source: SessionIndex,
  options: LearningOptions,
  without: readonly FusionWithout[],
): Generator<Step, { readonly fusions: readonly FusionJson[]; readonly vectors: ItemVectors | null }> {
  const { log, lessons, trainer } = yield* prepare(source, options);
  const fusions: FusionJson[] = [];
  for (const { features, contexts, hidden } of without) {
    const left: Lessons = {
      ...lessons,
      features: blanked(lessons.features, featureCount, columnsNamed(features, sessionNames.features)),
      contexts: blanked(lessons.contexts, contextCount, columnsNamed(contexts, sessionNames.contexts)),
    };
    const training = { ...fusionTraining, nets: 1, hidden: hidden ?? fusionTraining.hidden };
    fusions.push(yield* learnFusion(left, training));
  }
  return { fusions, vectors: yield* finish(log, trainer) };
}

/** Throws RangeError for a name that is none of the inputs. */
function columnsNamed(names: readonly string[], all: readonly string[]): number[] {
  return names.map((name) => {
    const column = all.indexOf(name);
    if (column < 0) throw new RangeError(`the fusion has no input ${name}; it has ${all.join(', ')}`);
    return column;
  });
}

/** A copy in which some columns are 0: an input that never changes gets no weight. */
function blanked(values: Float32Array, width: number, columns: readonly number[]): Float32Array {
  const copy = values.slice();
  for (const column of columns) for (let at = column; at < copy.length; at += width) copy[at] = 0;
  return copy;
}

function* learnFusion(lessons: Lessons, options: FusionTraining): Generator<Step, FusionJson> {
  const training = trainFusion(lessons, featureCount, contextCount, options);
  let step = training.next();
  for (; !step.done; step = training.next()) yield { stage: 'fusion', done: step.value };
  return fusionToJson(step.value, sessionNames);
}

/** Vectors of all but the tail, and the lessons that they and the index of all but the tail give about the tail. */
function* prepare(source: SessionIndex, options: LearningOptions) {
  const copying = logOf(source, clicksLearnedMax, options.before);
  let copied = copying.next();
  for (; !copied.done; copied = copying.next()) yield { stage: 'log', done: 0 };
  const log = copied.value;
  const { head, tail } = split(log, options);
  yield { stage: 'log', done: 1 };
  const index = createSessionIndex(options.index);
  for (let session = 0; session < head.count; session++) {
    const number = index.begin();
    const end = Math.min(head.starts[session + 1]!, head.starts[session]! + clicksPerSessionMax);
    for (let at = head.starts[session]!; at < end; at++) index.append(number, head.items[at]!);
    if (session % 200 === 0) yield { stage: 'index', done: session / head.count };
  }
  let trainer: VectorTrainer | null = null;
  if (options.vectors) {
    trainer = createVectorTrainer(log.itemCount, vectorTraining);
    for (const done of trainer.train(head, options.vectorEpochs, vectorTraining.learningRate))
      yield { stage: 'vectors', done };
  }
  const vectors = trainer === null ? null : yield* finished(trainer);
  const lessons = yield* collectLessons(createSessionRanker(index, options.ranker, vectors), tail);
  return { log, lessons, trainer };
}

/** Lets the vectors learn the tail too. */
function* finish(log: SessionLog, trainer: VectorTrainer | null): Generator<Step, ItemVectors | null> {
  if (trainer === null) return null;
  for (const done of trainer.train(log, 1, vectorTraining.learningRate * 0.3))
    yield { stage: 'vectors again', done };
  return yield* finished(trainer);
}

function* finished(trainer: VectorTrainer): Generator<{ stage: string; done: number }, ItemVectors> {
  const vectors = trainer.vectors();
  let step = vectors.next();
  for (; !step.done; step = vectors.next()) yield { stage: 'vectors', done: 1 };
  return step.value;
}

function split(log: SessionLog, options: LearningOptions) {
  const order = Int32Array.from({ length: log.count }, (_, at) => at);
  if (options.tail === 'any') shuffle(order, seeded(7));
  const cut = Math.floor(log.count * (1 - options.tailShare));
  return {
    head: selectSessions(log, order.subarray(0, cut)),
    tail: selectSessions(log, order.subarray(cut)),
  };
}

function* collectLessons(ranker: ReturnType<typeof createSessionRanker>, tail: SessionLog) {
  const prefixes = tail.items.length - tail.count;
  const wanted = Math.min(lessonsMax, prefixes);
  const lessons = {
    features: new Float32Array(wanted * ranker.candidatesMax * featureCount),
    contexts: new Float32Array(wanted * contextCount),
    starts: new Int32Array(wanted + 1),
    targets: new Int32Array(wanted),
    count: 0,
  } satisfies Lessons;
  // Evenly spread over the tail; a question whose answer is no candidate teaches nothing.
  let due = 0;
  for (let session = 0; session < tail.count; session++) {
    const clicks = Array.from(tail.items.subarray(tail.starts[session]!, tail.starts[session + 1]!));
    for (let at = 1; at < clicks.length; at++) {
      due += wanted;
      if (due < prefixes || lessons.count === wanted) continue;
      due -= prefixes;
      yield { stage: 'lessons', done: session / tail.count };
      const count = ranker.gather(clicks.slice(0, at), -1);
      const target = ranker.candidates.items.subarray(0, count).indexOf(clicks[at]!);
      if (target < 0) continue;
      const start = lessons.starts[lessons.count]!;
      lessons.features.set(ranker.features.subarray(0, count * featureCount), start * featureCount);
      lessons.contexts.set(ranker.context, lessons.count * contextCount);
      lessons.targets[lessons.count] = target;
      lessons.starts[++lessons.count] = start + count;
    }
  }
  return lessons;
}
