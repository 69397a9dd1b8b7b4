import { seeded, shuffle } from '../../../src/kit/random.js';
import {
  createExampleCollector,
  type ExampleCollector,
  inStage,
  learnFusion,
  type Step,
} from '../learning-to-rank/learn-fusion.js';
import { fusionTraining, type TrainingExamples } from '../learning-to-rank/train-fusion.js';
import { createVectorTrainer, vectorTraining } from '../learning-to-rank/train-vectors.js';
import type { Learned } from '../session-knn/learn-sessions.js';
import { copySessions, newestSessions } from '../session-knn/session-log.js';
import type { PeopleIndex } from './people-index.js';
import {
  createPeopleRanker,
  type DueRatioOf,
  type PeopleRanker,
  peopleNames,
  rankedMax,
} from './people-ranker.js';
import type { Basket } from './personal-history.js';

/** People that are learned from, at most: the newest. */
const peopleLearnedMax = 100_000;
/** The vectors learn from pieces of a history of so many purchases, so that no batch takes long. */
const pieceMax = 16;
/** The fusion learns from the purchases of this share of the people; the vectors learn from the others first. */
const fusionShare = 0.3;
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
  const { index } = people;
  const some = newestSessions(index, { sessionsMax: peopleLearnedMax }).filter(
    (person) => !heldOut.has(person),
  );
  yield { stage: 'people', done: 1 };
  shuffle(some, seeded(7));
  const chosen = some.subarray(0, Math.ceil(some.length * fusionShare));
  const trainer = createVectorTrainer(index.items, vectorTraining);
  const others = yield* inStage('log', copySessions(index, some.subarray(chosen.length), pieceMax));
  for (const done of trainer.train(others, vectorEpochs, vectorTraining.learningRate))
    yield { stage: 'vectors', done };
  const vectors = yield* inStage('vectors', trainer.vectors());
  const ranker = createPeopleRanker(people, vectors, dueRatioOf);
  const examples = yield* collectPeopleExamples(ranker, people, chosen);
  const fusion = yield* learnFusion(examples, peopleNames, fusionTraining);
  const all = yield* inStage('log', copySessions(index, some, pieceMax));
  for (const done of trainer.train(all, 1, vectorTraining.learningRate * 0.3))
    yield { stage: 'vectors again', done };
  return { fusion, vectors: yield* inStage('vectors', trainer.vectors()) };
}

/** An example for each item of each basket of these people but their first. A person is not their own neighbour. */
export function* collectPeopleExamples(
  ranker: PeopleRanker,
  people: PeopleIndex,
  chosen: Int32Array,
): Generator<Step, TrainingExamples> {
  let purchases = 0;
  for (const person of chosen) purchases += people.index.lengthOf(person);
  const collector = createExampleCollector(Math.min(examplesMax, purchases), rankedMax, peopleNames);
  for (const [at, person] of chosen.entries()) {
    if (collector.isFull) break;
    const history = people.historyOf(person);
    for (let basket = history.length - 1; basket > 0; basket--) {
      addExamples(collector, ranker, history, basket, person);
      yield { stage: 'examples', done: at / chosen.length };
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
