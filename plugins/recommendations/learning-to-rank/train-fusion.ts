import { multiplyTransposed } from '../../../src/kit/matrix.js';
import { gauss, seeded, shuffle } from '../../../src/kit/random.js';
import { type FusionWeights, negativeSlope } from './fusion-net.js';

/** Questions and their answers, in the order of time: each candidate's features, the context, and which candidate came next. */
export interface TrainingExamples {
  readonly features: Float32Array;
  readonly contexts: Float32Array;
  /** Where each question's candidates begin, counted in candidates; one more than there are questions. */
  readonly starts: Int32Array;
  /** Which of the question's candidates came next. */
  readonly targets: Int32Array;
  readonly count: number;
}

export interface FusionTraining {
  /** Hidden units of each net. */
  readonly hidden: number;
  readonly nets: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly seed: number;
  /** The weights in use are an exponential moving average over about 1 / (1 - averaging) steps. */
  readonly averaging: number;
  /** The share of the last questions that decides which epoch is kept. */
  readonly heldOut: number;
}

export const fusionTraining: FusionTraining = {
  hidden: 15,
  nets: 1,
  epochs: 8,
  learningRate: 0.01,
  batch: 32,
  seed: 1,
  averaging: 0.998,
  heldOut: 0.15,
};

/** Candidates as unlikely as this teach next to nothing. */
const gradientMin = 5e-4;
/** Questions between two yields outside of batches. */
const slice = 100;

/**
 * Learns the fusion by listwise softmax cross-entropy with Adam: among its question's candidates, the one that came
 * next should score highest. Several nets, which differ by chance only, are averaged into one. Yields every few
 * milliseconds, so that a caller that serves can take turns; says how far it is, from 0 to 1. Standardises the
 * examples in place.
 */
export function* trainFusion(
  examples: TrainingExamples,
  featureCount: number,
  contextCount: number,
  options: FusionTraining,
): Generator<number, FusionWeights> {
  const feature = yield* standardize(examples.features, examples.starts[examples.count]!, featureCount);
  const context = yield* standardize(examples.contexts, examples.count, contextCount);
  const nets: NetWeights[] = [];
  for (let net = 0; net < options.nets; net++) {
    const training = trainNet(examples, featureCount, contextCount, { ...options, seed: options.seed + net });
    let step = training.next();
    for (; !step.done; step = training.next()) yield (net + step.value) / options.nets;
    nets.push(step.value);
  }
  return {
    features: featureCount,
    contexts: contextCount,
    hidden: options.hidden * options.nets,
    featureMean: feature.mean,
    featureScale: feature.scale,
    contextMean: context.mean,
    contextScale: context.scale,
    ...average(nets),
  };
}

type NetWeights = Pick<FusionWeights, 'skip' | 'candidate' | 'context' | 'bias' | 'output'>;

/** One net with the hidden units of all, whose score is the mean of theirs. */
function average(nets: readonly NetWeights[]): NetWeights {
  const joined = (name: keyof NetWeights) => Float32Array.from(nets.flatMap((net) => Array.from(net[name])));
  return {
    skip: nets[0]!.skip.map((_, at) => nets.reduce((sum, net) => sum + net.skip[at]!, 0) / nets.length),
    candidate: joined('candidate'),
    context: joined('context'),
    bias: joined('bias'),
    output: joined('output').map((weight) => weight / nets.length),
  };
}

function* trainNet(
  examples: TrainingExamples,
  F: number,
  C: number,
  options: FusionTraining,
): Generator<number, NetWeights> {
  const { hidden, epochs, batch } = options;
  const random = seeded(options.seed);

  // All weights in one vector: skip | candidate | context | bias | output. The first two are one matrix.
  const rows = hidden + 1;
  const candidateAt = F;
  const contextAt = candidateAt + hidden * F;
  const biasAt = contextAt + hidden * C;
  const outputAt = biasAt + hidden;
  const size = outputAt + hidden;
  const weights = new Float32Array(size);
  for (let at = candidateAt; at < biasAt; at++) weights[at] = gauss(random) / Math.sqrt(F + C);
  for (let at = outputAt; at < size; at++) weights[at] = gauss(random) * 0.3;
  const gradients = new Float64Array(size);
  const firstMoments = new Float64Array(size);
  const secondMoments = new Float64Array(size);

  let longest = 0;
  for (let question = 0; question < examples.count; question++) {
    longest = Math.max(longest, examples.starts[question + 1]! - examples.starts[question]!);
  }
  const scores = new Float64Array(longest);
  /** For each candidate the skip connection, then the hidden units before their bias. */
  const sums = new Float32Array(longest * rows);
  const biases = new Float32Array(hidden);
  const biasGradients = new Float64Array(hidden);

  const forward = (question: number): number => {
    const first = examples.starts[question]!;
    const count = examples.starts[question + 1]! - first;
    for (let unit = 0; unit < hidden; unit++) {
      let sum = weights[biasAt + unit]!;
      for (let column = 0; column < C; column++) {
        sum += weights[contextAt + unit * C + column]! * examples.contexts[question * C + column]!;
      }
      biases[unit] = sum;
    }
    const features = examples.features.subarray(first * F, (first + count) * F);
    multiplyTransposed(features, count, weights, rows, F, sums);
    for (let at = 0; at < count; at++) {
      const row = at * rows;
      let score = sums[row]!;
      for (let unit = 0; unit < hidden; unit++) {
        const sum = sums[row + 1 + unit]! + biases[unit]!;
        score += weights[outputAt + unit]! * (sum > 0 ? sum : negativeSlope * sum);
      }
      scores[at] = score;
    }
    return count;
  };

  const learn = (question: number): void => {
    const count = forward(question);
    const target = examples.targets[question]!;
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) largest = Math.max(largest, scores[at]!);
    let total = 0;
    for (let at = 0; at < count; at++) total += Math.exp(scores[at]! - largest);
    biasGradients.fill(0);
    for (let at = 0; at < count; at++) {
      const gradient = Math.exp(scores[at]! - largest) / total - (at === target ? 1 : 0);
      if (Math.abs(gradient) < gradientMin) continue;
      const row = (examples.starts[question]! + at) * F;
      for (let column = 0; column < F; column++)
        gradients[column]! += gradient * examples.features[row + column]!;
      for (let unit = 0; unit < hidden; unit++) {
        const sum = sums[at * rows + 1 + unit]! + biases[unit]!;
        gradients[outputAt + unit]! += gradient * (sum > 0 ? sum : negativeSlope * sum);
        const inner = gradient * weights[outputAt + unit]! * (sum > 0 ? 1 : negativeSlope);
        biasGradients[unit]! += inner;
        const from = candidateAt + unit * F;
        for (let column = 0; column < F; column++)
          gradients[from + column]! += inner * examples.features[row + column]!;
      }
    }
    for (let unit = 0; unit < hidden; unit++) {
      gradients[biasAt + unit]! += biasGradients[unit]!;
      for (let column = 0; column < C; column++) {
        gradients[contextAt + unit * C + column]! +=
          biasGradients[unit]! * examples.contexts[question * C + column]!;
      }
    }
  };

  /** Adam (Kingma and Ba, 2015) with the usual constants. */
  const step = (learningRate: number, number: number, questions: number): void => {
    const firstFix = 1 - 0.9 ** number;
    const secondFix = 1 - 0.999 ** number;
    for (let at = 0; at < size; at++) {
      const gradient = gradients[at]! / questions;
      firstMoments[at] = 0.9 * firstMoments[at]! + 0.1 * gradient;
      secondMoments[at] = 0.999 * secondMoments[at]! + 0.001 * gradient * gradient;
      weights[at]! -=
        (learningRate * (firstMoments[at]! / firstFix)) / (Math.sqrt(secondMoments[at]! / secondFix) + 1e-8);
      gradients[at] = 0;
    }
  };

  const training = examples.count - Math.floor(examples.count * options.heldOut);
  const order = Int32Array.from({ length: training }, (_, at) => at);
  const steps = epochs * Math.ceil(training / batch);
  let done = 0;
  const latest = new Float32Array(size);
  const averaged = weights.slice();
  let best = weights.slice();
  let bestValue = -1;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let from = 0; from < training; from += batch) {
      const to = Math.min(training, from + batch);
      for (let at = from; at < to; at++) learn(order[at]!);
      done++;
      step(options.learningRate * (1 - (0.9 * done) / steps), done, to - from);
      // The first steps count less, as they start from chance.
      const share = Math.max(1 - options.averaging, 10 / (done + 10));
      for (let at = 0; at < size; at++) averaged[at] = averaged[at]! + share * (weights[at]! - averaged[at]!);
      yield done / steps;
    }
    latest.set(weights);
    weights.set(averaged);
    // How well the last questions are ranked: hits among 20 and their reciprocal ranks.
    let value = 0;
    for (let question = training; question < examples.count; question++) {
      const rank = rankOf(scores, forward(question), examples.targets[question]!);
      if (rank <= 20) value += 1 + 1 / rank;
      if (question % slice === 0) yield done / steps;
    }
    if (value > bestValue) {
      bestValue = value;
      best = weights.slice();
    }
    weights.set(latest);
  }
  return {
    skip: best.slice(0, candidateAt),
    candidate: best.slice(candidateAt, contextAt),
    context: best.slice(contextAt, biasAt),
    bias: best.slice(biasAt, outputAt),
    output: best.slice(outputAt),
  };
}

/** From 1; equal scores count against it. */
function rankOf(scores: Float64Array, count: number, target: number): number {
  let rank = 0;
  for (let at = 0; at < count; at++) if (scores[at]! >= scores[target]!) rank++;
  return rank;
}

/** Brings every column to mean 0 and deviation 1, in place; a column that never changes becomes 0. */
function* standardize(values: Float32Array, rows: number, width: number) {
  const mean = new Float32Array(width);
  const scale = new Float32Array(width);
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column]!;
      sums[column]! += value;
      squares[column]! += value * value;
    }
    if (row % 20_000 === 0) yield 0;
  }
  for (let column = 0; column < width; column++) {
    mean[column] = sums[column]! / Math.max(1, rows);
    const variance = squares[column]! / Math.max(1, rows) - mean[column]! ** 2;
    scale[column] = variance > 1e-9 ? 1 / Math.sqrt(variance) : 0;
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      values[at] = (values[at]! - mean[column]!) * scale[column]!;
    }
    if (row % 20_000 === 0) yield 0;
  }
  return { mean, scale };
}
