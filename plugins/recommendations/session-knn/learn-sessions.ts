import type { FusionJson } from '../learning-to-rank/fusion-json.js';
import type { ItemVectors } from '../learning-to-rank/item-vectors.js';
import { createExampleCollector, inStage, learnFusion, type Step } from '../learning-to-rank/learn-fusion.js';
import { fusionTraining, type TrainingExamples } from '../learning-to-rank/train-fusion.js';
import {
  createVectorTrainer,
  type VectorTrainer,
  vectorTraining,
} from '../learning-to-rank/train-vectors.js';
import { sessionNames } from './features.js';
import {
  clicksPerSessionMax,
  createSessionIndex,
  type SessionIndex,
  type SessionIndexOptions,
} from './session-index.js';
import { copySessions, newestSessions, type SessionLog, selectSessions } from './session-log.js';
import { createSessionRanker, type SessionRanker, sessionRanking } from './session-ranker.js';

/** The weights that a model learns from a shop's log, in addition to its index. */
export interface Learned {
  readonly fusion: FusionJson;
  /** Null if the fusion was learned without vectors. */
  readonly vectors: ItemVectors | null;
}

interface LearningOptions {
  readonly vectors: boolean;
  /** Passes of the vectors over the log. */
  readonly vectorEpochs: number;
  readonly index: SessionIndexOptions;
  /** This session and those that began after it are not learned from. If omitted, all are. */
  readonly before?: number;
}

/** The share of the sessions, the newest, that the fusion learns from. */
const tailShare = 0.08;

export const sessionLearning: LearningOptions = {
  vectors: true,
  vectorEpochs: 4,
  index: { sessionsPerItem: 1024, sessionsMax: 2 ** 22 },
};

/** Examples for the fusion, at most: more improve little, and each takes up to 8 KB while learning. */
const examplesMax = 40_000;
/** Clicks of the newest sessions that are learned from, at most: about nine minutes of one processor. */
const clicksLearnedMax = 2_500_000;

/** Vectors of the log without its tail, and the examples that they and an index of the log without its tail yield for the tail. */
interface SessionExamples {
  readonly log: SessionLog;
  readonly examples: TrainingExamples;
  /** Null if nothing is learned about vectors. */
  readonly trainer: VectorTrainer | null;
}

/**
 * Learns vectors and fusion from a log of sessions. An index of the log without its tail predicts the clicks of the tail, as it would
 * have done then, and the fusion learns from these predictions. Afterwards the vectors learn from the tail, too. Each step takes a few
 * milliseconds.
 */
export function* learnSessions(source: SessionIndex, options: LearningOptions): Generator<Step, Learned> {
  const prepared = yield* prepareExamples(source, options);
  const fusion = yield* learnFusion(prepared.examples, sessionNames, { ...fusionTraining, nets: 2 });
  return { fusion, vectors: yield* finishSessionVectors(prepared) };
}

export function* prepareExamples(
  source: SessionIndex,
  options: LearningOptions,
): Generator<Step, SessionExamples> {
  const { before = source.sessions } = options;
  const sessions = newestSessions(source, { before, clicksMax: clicksLearnedMax });
  const log = yield* inStage('log', copySessions(source, sessions));
  const { head, tail } = split(log);
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
  const vectors = trainer === null ? null : yield* inStage('vectors', trainer.vectors());
  const examples = yield* collectExamples(createSessionRanker(index, sessionRanking, vectors), tail);
  return { log, examples, trainer };
}

/** Trains the vectors on the whole log, after the fusion was learned for them. */
export function* finishSessionVectors({
  log,
  trainer,
}: SessionExamples): Generator<Step, ItemVectors | null> {
  if (trainer === null) return null;
  for (const done of trainer.train(log, 1, vectorTraining.learningRate * 0.3))
    yield { stage: 'vectors again', done };
  return yield* inStage('vectors', trainer.vectors());
}

function split(log: SessionLog) {
  const order = Int32Array.from({ length: log.count }, (_, at) => at);
  const cut = Math.floor(log.count * (1 - tailShare));
  return {
    head: selectSessions(log, order.subarray(0, cut)),
    tail: selectSessions(log, order.subarray(cut)),
  };
}

function* collectExamples(ranker: SessionRanker, tail: SessionLog): Generator<Step, TrainingExamples> {
  const prefixes = tail.items.length - tail.count;
  const wanted = Math.min(examplesMax, prefixes);
  const collector = createExampleCollector(wanted, ranker.candidatesMax, sessionNames);
  // Evenly spread over the tail. A prefix whose next click is no candidate is no example.
  let due = 0;
  for (let session = 0; session < tail.count; session++) {
    const clicks = Array.from(tail.items.subarray(tail.starts[session]!, tail.starts[session + 1]!));
    for (let at = 1; at < clicks.length; at++) {
      due += wanted;
      if (due < prefixes || collector.isFull) continue;
      due -= prefixes;
      yield { stage: 'examples', done: session / tail.count };
      const count = ranker.gather(clicks.slice(0, at), -1);
      const target = ranker.candidates.items.subarray(0, count).indexOf(clicks[at]!);
      if (target >= 0) collector.add(ranker.features, ranker.context, count, target);
    }
  }
  return collector.examples;
}
