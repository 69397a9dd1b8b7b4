import { seeded, shuffle } from '../../../src/kit/random.js';
import { createExampleCollector, type ExampleCollector, learnFusion, type Step } from './learn-fusion.js';
import type { Learned } from './learn-sessions.js';
import type { PeopleIndex } from './people-index.js';
import {
  createPeopleRanker,
  type DueRatioOf,
  type PeopleRanker,
  peopleNames,
  rankedMax,
} from './people-ranker.js';
import type { Basket } from './personal-history.js';
import type { SessionLog } from './session-log.js';
import { fusionTraining, type TrainingExamples } from './train-fusion.js';
import { createVectorTrainer, finishVectors, vectorTraining } from './train-vectors.js';

/** People that are learned from, at most: the newest. */
const peopleLearnedMax = 100_000;
/** People between two yields. */
const slice = 5_000;
/** The vectors learn from pieces of a history of so many purchases, so that no batch takes long. */
const pieceMax = 16;
/** The fusion learns from the purchases of this share of the people; the vectors learn from the others first. */
const askedShare = 0.3;
const examplesMax = 15_000;
/** Examples from one basket, at most. */
const targetsMax = 5;
const vectorEpochs = 6;

/**
 * Learns vectors and fusion from the people of an index who are not held out. The index predicts baskets of some people from their baskets
 * before and from everybody else's, and the fusion learns from these predictions. Each step takes a few milliseconds.
 */
export function* learnPeople(
  people: PeopleIndex,
  dueRatioOf: DueRatioOf,
  heldOut: ReadonlySet<number>,
): Generator<Step, Learned> {
  const some = peopleOf(people, peopleLearnedMax).filter((person) => !heldOut.has(person));
  yield { stage: 'people', done: 1 };
  shuffle(some, seeded(7));
  const asked = some.subarray(0, Math.ceil(some.length * askedShare));
  const trainer = createVectorTrainer(people.index.items, vectorTraining);
  const others = yield* logOf(people, some.subarray(asked.length));
  for (const done of trainer.train(others, vectorEpochs, vectorTraining.learningRate))
    yield { stage: 'vectors', done };
  const vectors = yield* finishVectors(trainer);
  const ranker = createPeopleRanker(people, vectors, dueRatioOf);
  const examples = yield* collectPeopleExamples(ranker, people, asked);
  const fusion = yield* learnFusion(examples, peopleNames, fusionTraining);
  const all = yield* logOf(people, some);
  for (const done of trainer.train(all, 1, vectorTraining.learningRate * 0.3))
    yield { stage: 'vectors again', done };
  return { fusion, vectors: yield* finishVectors(trainer) };
}

/** Those with two purchases or more, oldest first. */
export function peopleOf({ index }: PeopleIndex, max: number): Int32Array {
  const { sessions, options } = index;
  const alive = Math.min(sessions, options.sessionsMax, max);
  return Int32Array.from({ length: alive }, (_, at) => sessions - alive + at).filter(
    (person) => index.lengthOf(person) > 1,
  );
}

/** Histories as sessions, in slices. */
function* logOf({ index }: PeopleIndex, people: Int32Array): Generator<Step, SessionLog> {
  const lengths = people.map((person) => index.lengthOf(person));
  const items = new Int32Array(lengths.reduce((sum, each) => sum + each, 0));
  const starts = [0];
  let length = 0;
  for (const [at, person] of people.entries()) {
    if (at % slice === 0) yield { stage: 'log', done: at / people.length };
    const from = index.sessionStart[person % index.options.sessionsMax]!;
    // Purchases made meanwhile are left out; a person who was forgotten meanwhile may have made room for a shorter history.
    const until = length + Math.min(lengths[at]!, index.lengthOf(person));
    items.set(index.sessionCells.subarray(from, from + until - length), length);
    while (length < until) {
      length = Math.min(until, length + pieceMax);
      starts.push(length);
    }
  }
  return {
    items: items.subarray(0, length),
    starts: Int32Array.from(starts),
    count: starts.length - 1,
    itemCount: index.items,
  };
}

/** An example for each item of each basket of these people but their first. A person is not their own neighbour. */
export function* collectPeopleExamples(
  ranker: PeopleRanker,
  people: PeopleIndex,
  asked: Int32Array,
): Generator<Step, TrainingExamples> {
  let purchases = 0;
  for (const person of asked) purchases += people.index.lengthOf(person);
  const collector = createExampleCollector(Math.min(examplesMax, purchases), rankedMax, peopleNames);
  for (const [at, person] of asked.entries()) {
    if (collector.isFull) break;
    const history = people.historyOf(person);
    for (let basket = history.length - 1; basket > 0; basket--) {
      addExamples(collector, ranker, history, basket, person);
      yield { stage: 'examples', done: at / asked.length };
    }
  }
  return collector.examples;
}

function addExamples(
  collector: ExampleCollector,
  ranker: PeopleRanker,
  history: readonly Basket[],
  at: number,
  person: number,
): void {
  const { items, atMs } = history[at]!;
  const count = ranker.gather(history.slice(0, at), atMs, person);
  const ranked = ranker.items.subarray(0, count);
  let taken = 0;
  for (const item of items) {
    // An item that is no candidate is no example.
    const target = ranked.indexOf(item);
    if (target < 0 || taken++ === targetsMax || collector.isFull) continue;
    collector.add(ranker.features, ranker.context, count, target);
  }
}
