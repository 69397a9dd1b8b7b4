import { type FusionJson, type FusionNames, fusionToJson } from './fusion-json.js';
import { type FusionTraining, type TrainingExamples, trainFusion } from './train-fusion.js';

/** Progress of learning: each step takes a few milliseconds. `done` goes from 0 to 1 within a stage. */
export interface Step {
  readonly stage: string;
  readonly done: number;
}

/** Room for `max` examples of `candidatesMax` candidates each. */
export function createExampleCollector(
  max: number,
  candidatesMax: number,
  { features: { length: width }, contexts: { length: contextWidth } }: FusionNames,
) {
  const features = new Float32Array(max * candidatesMax * width);
  const contexts = new Float32Array(max * contextWidth);
  const starts = new Int32Array(max + 1);
  const targets = new Int32Array(max);
  const examples = { features, contexts, starts, targets, count: 0 };
  return {
    examples,
    get isFull() {
      return examples.count === max;
    },
    /** Copies the features of `count` candidates, row by row, and the context. `target` is the candidate that came next. */
    add(candidates: Float32Array, context: Float32Array, count: number, target: number): void {
      const start = starts[examples.count]!;
      features.set(candidates.subarray(0, count * width), start * width);
      contexts.set(context, examples.count * contextWidth);
      targets[examples.count] = target;
      starts[++examples.count] = start + count;
    },
  };
}

export type ExampleCollector = ReturnType<typeof createExampleCollector>;

/** Trains a fusion of the named inputs. The examples are changed: see `trainFusion`. */
export function* learnFusion(
  examples: TrainingExamples,
  names: FusionNames,
  options: FusionTraining,
): Generator<Step, FusionJson> {
  const training = trainFusion(examples, names.features.length, names.contexts.length, options);
  let step = training.next();
  for (; !step.done; step = training.next()) yield { stage: 'fusion', done: step.value };
  return fusionToJson(step.value, names);
}

/** Steps that report no progress, as steps of a stage. */
export function* inStage<T>(stage: string, steps: Generator<undefined, T>): Generator<Step, T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield { stage, done: 0 };
  }
}
