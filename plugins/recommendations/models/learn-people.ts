import { seeded, shuffle } from '../../../src/kit/random.js';
import { type FusionJson, fusionToJson } from './fusion-json.js';
import type { ItemVectors } from './item-vectors.js';
import type { Learned } from './learn-sessions.js';
import type { PeopleIndex } from './people-index.js';
import {
  contextWidth,
  createPeopleRanker,
  type PeopleRanker,
  peopleNames,
  type RipenessOf,
  rankedMax,
  width,
} from './people-ranker.js';
import type { Basket } from './personal-history.js';
import type { SessionLog } from './session-log.js';
import { fusionTraining, type Lessons, trainFusion } from './train-fusion.js';
import { createVectorTrainer, type VectorTrainer, vectorTraining } from './train-vectors.js';

export type Step = { readonly stage: string; readonly done: number };

/** So many people are learned from, the newest. */
const peopleLearnedMax = 100_000;
/** People between two yields. */
const slice = 5_000;
/** A history is cut into pieces of so many purchases for the vectors, so that no batch takes long. */
const pieceMax = 16;
/** The fusion learns from what this share of them bought next; the vectors at first from the others. */
const askedShare = 0.3;
const lessonsMax = 15_000;
/** A basket teaches with so many of its items at most. */
const targetsMax = 5;
const vectorEpochs = 6;

/**
 * Learns vectors and fusion from the people that an index holds, but those who are kept out: what some of them bought is asked for, given
 * what they had bought before and everybody else, and the fusion learns from the answers. Every step takes a few milliseconds.
 */
export function* learnPeople(
  people: PeopleIndex,
  ripenessOf: RipenessOf,
  keptOut: ReadonlySet<number>,
): Generator<Step, Learned> {
  const some = peopleOf(people, peopleLearnedMax).filter((person) => !keptOut.has(person));
  yield { stage: 'people', done: 1 };
  shuffle(some, seeded(7));
  const asked = some.subarray(0, Math.ceil(some.length * askedShare));
  const trainer = createVectorTrainer(people.index.items, vectorTraining);
  const others = yield* logOf(people, some.subarray(asked.length));
  for (const done of trainer.train(others, vectorEpochs, vectorTraining.learningRate))
    yield { stage: 'vectors', done };
  const vectors = yield* finished(trainer);
  const lessons = yield* collectPeopleLessons(createPeopleRanker(people, vectors, ripenessOf), people, asked);
  const fusion = yield* learnPeopleFusion(lessons);
  const all = yield* logOf(people, some);
  for (const done of trainer.train(all, 1, vectorTraining.learningRate * 0.3))
    yield { stage: 'vectors again', done };
  return { fusion, vectors: yield* finished(trainer) };
}

/** Those with two purchases or more, oldest first. */
export function peopleOf({ index }: PeopleIndex, max: number): Int32Array {
  const { sessions, options } = index;
  const alive = Math.min(sessions, options.sessionsMax, max);
  return Int32Array.from({ length: alive }, (_, at) => sessions - alive + at).filter(
    (person) => index.lengthOf(person) > 1,
  );
}

function* finished(trainer: VectorTrainer): Generator<Step, ItemVectors> {
  const vectors = trainer.vectors();
  let step = vectors.next();
  for (; !step.done; step = vectors.next()) yield { stage: 'vectors', done: 1 };
  return step.value;
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

interface GrowingLessons extends Lessons {
  count: number;
}

/** Every basket of these people but their first, as a question about each of its items; a person is not their own neighbour. */
export function* collectPeopleLessons(
  ranker: PeopleRanker,
  people: PeopleIndex,
  asked: Int32Array,
): Generator<Step, Lessons> {
  let purchases = 0;
  for (const person of asked) purchases += people.index.lengthOf(person);
  const room = Math.min(lessonsMax, purchases);
  const lessons: GrowingLessons = {
    features: new Float32Array(room * rankedMax * width),
    contexts: new Float32Array(room * contextWidth),
    starts: new Int32Array(room + 1),
    targets: new Int32Array(room),
    count: 0,
  };
  for (const [at, person] of asked.entries()) {
    if (lessons.count === room) break;
    const history = people.historyOf(person);
    for (let basket = history.length - 1; basket > 0; basket--) {
      addLessons(lessons, ranker, history, basket, person);
      yield { stage: 'lessons', done: at / asked.length };
    }
  }
  return lessons;
}

function addLessons(
  lessons: GrowingLessons,
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
    // A question whose answer is no candidate teaches nothing.
    const target = ranked.indexOf(item);
    if (target < 0 || taken++ === targetsMax || lessons.count === lessons.targets.length) continue;
    const start = lessons.starts[lessons.count]!;
    lessons.features.set(ranker.features.subarray(0, count * width), start * width);
    lessons.contexts.set(ranker.context, lessons.count * contextWidth);
    lessons.targets[lessons.count] = target;
    lessons.starts[++lessons.count] = start + count;
  }
}

export function* learnPeopleFusion(lessons: Lessons): Generator<Step, FusionJson> {
  const training = trainFusion(lessons, width, contextWidth, fusionTraining);
  let step = training.next();
  for (; !step.done; step = training.next()) yield { stage: 'fusion', done: step.value };
  return fusionToJson(step.value, peopleNames);
}
