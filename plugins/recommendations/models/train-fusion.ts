import { type FusionWeights, leak } from './fusion-net.js';
import { gauss, seeded, shuffle } from './random.js';
import { createVectorKernels } from './vector-kernels.js';

/** Questions to learn from, in time order: the candidates' features, which candidate came next, and the context. */
export interface Lessons {
  readonly features: Float32Array;
  readonly contexts: Float32Array;
  /** Where each question's candidates begin, counted in candidates; one more than there are questions. */
  readonly starts: Int32Array;
  /** Which of the question's candidates came next. */
  readonly targets: Int32Array;
  readonly count: number;
}

export interface FusionTraining {
  /** Of each net. */
  readonly hidden: number;
  readonly nets: number;
  readonly epochs: number;
  readonly rate: number;
  readonly batch: number;
  readonly seed: number;
  /** The weights in use are a running mean over about 1 / (1 - averaging) steps: calmer than those of any step. */
  readonly averaging: number;
  /** The share of the last questions that decides which epoch is kept. */
  readonly heldOut: number;
}

export const fusionTraining: FusionTraining = {
  hidden: 15,
  nets: 1,
  epochs: 8,
  rate: 0.01,
  batch: 32,
  seed: 1,
  averaging: 0.998,
  heldOut: 0.15,
};

/** Candidates as unlikely as this teach next to nothing. */
const slopeMin = 5e-4;
/** Questions between two yields outside of batches. */
const slice = 100;

/**
 * Learns the fusion by listwise softmax cross-entropy with Adam: among its question's candidates, the one that came
 * next should score highest. Several nets, which differ by chance only, are averaged into one. Yields every few
 * milliseconds, so that a caller that serves can take turns; says how far it is, from 0 to 1. Standardises the
 * lessons in place.
 */
export function* trainFusion(
  lessons: Lessons,
  featureCount: number,
  contextCount: number,
  options: FusionTraining,
): Generator<number, FusionWeights> {
  const feature = yield* standardize(lessons.features, lessons.starts[lessons.count]!, featureCount);
  const context = yield* standardize(lessons.contexts, lessons.count, contextCount);
  const nets: NetWeights[] = [];
  for (let net = 0; net < options.nets; net++) {
    const training = trainNet(lessons, featureCount, contextCount, { ...options, seed: options.seed + net });
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

type NetWeights = Pick<FusionWeights, 'straight' | 'candidate' | 'context' | 'bias' | 'output'>;

/** One net with the hidden units of all, whose score is the mean of theirs. */
function average(nets: readonly NetWeights[]): NetWeights {
  const joined = (name: keyof NetWeights) => Float32Array.from(nets.flatMap((net) => Array.from(net[name])));
  return {
    straight: nets[0]!.straight.map(
      (_, at) => nets.reduce((sum, net) => sum + net.straight[at]!, 0) / nets.length,
    ),
    candidate: joined('candidate'),
    context: joined('context'),
    bias: joined('bias'),
    output: joined('output').map((weight) => weight / nets.length),
  };
}

function* trainNet(
  lessons: Lessons,
  F: number,
  C: number,
  options: FusionTraining,
): Generator<number, NetWeights> {
  const { hidden, epochs, batch } = options;
  const random = seeded(options.seed);

  // All weights in one vector: straight | candidate | context | bias | output.
  const candidateAt = F;
  const contextAt = candidateAt + hidden * F;
  const biasAt = contextAt + hidden * C;
  const outputAt = biasAt + hidden;
  const size = outputAt + hidden;
  const weights = new Float32Array(size);
  for (let at = candidateAt; at < biasAt; at++) weights[at] = gauss(random) / Math.sqrt(F + C);
  for (let at = outputAt; at < size; at++) weights[at] = gauss(random) * 0.3;
  const slopes = new Float64Array(size);
  const firstMoments = new Float64Array(size);
  const secondMoments = new Float64Array(size);

  let longest = 0;
  for (let question = 0; question < lessons.count; question++) {
    longest = Math.max(longest, lessons.starts[question + 1]! - lessons.starts[question]!);
  }
  const scores = new Float64Array(longest);
  const units = new Float32Array(longest * hidden);
  const bases = new Float32Array(hidden);
  const baseSlopes = new Float64Array(hidden);

  // The hidden units and the straight way as rows of one matrix, for the kernel; loaded after every step.
  const rowWidth = 4 * Math.ceil(F / 4);
  const rows = 4 * Math.ceil((hidden + 1) / 4);
  const kernels = createVectorKernels(4 * (rowWidth + rows * rowWidth + rows));
  const input = new Float32Array(kernels.memory, 0, rowWidth);
  const matrix = new Float32Array(kernels.memory, 4 * rowWidth, rows * rowWidth);
  const sums = new Float32Array(kernels.memory, matrix.byteOffset + matrix.byteLength, rows);
  const load = (): void => {
    for (let unit = 0; unit < hidden; unit++) {
      matrix.set(weights.subarray(candidateAt + unit * F, candidateAt + (unit + 1) * F), unit * rowWidth);
    }
    matrix.set(weights.subarray(0, F), hidden * rowWidth);
  };

  const forward = (question: number): number => {
    const first = lessons.starts[question]!;
    const count = lessons.starts[question + 1]! - first;
    for (let unit = 0; unit < hidden; unit++) {
      let sum = weights[biasAt + unit]!;
      for (let column = 0; column < C; column++) {
        sum += weights[contextAt + unit * C + column]! * lessons.contexts[question * C + column]!;
      }
      bases[unit] = sum;
    }
    for (let at = 0; at < count; at++) {
      const row = (first + at) * F;
      for (let column = 0; column < F; column++) input[column] = lessons.features[row + column]!;
      kernels.dots(0, matrix.byteOffset, sums.byteOffset, 4 * rowWidth, sums.byteOffset);
      let score = sums[hidden]!;
      for (let unit = 0; unit < hidden; unit++) {
        const sum = sums[unit]! + bases[unit]!;
        units[at * hidden + unit] = sum;
        score += weights[outputAt + unit]! * (sum > 0 ? sum : leak * sum);
      }
      scores[at] = score;
    }
    return count;
  };

  const learn = (question: number): void => {
    const count = forward(question);
    const target = lessons.targets[question]!;
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) largest = Math.max(largest, scores[at]!);
    let total = 0;
    for (let at = 0; at < count; at++) total += Math.exp(scores[at]! - largest);
    baseSlopes.fill(0);
    for (let at = 0; at < count; at++) {
      const slope = Math.exp(scores[at]! - largest) / total - (at === target ? 1 : 0);
      if (Math.abs(slope) < slopeMin) continue;
      const row = (lessons.starts[question]! + at) * F;
      for (let column = 0; column < F; column++) slopes[column]! += slope * lessons.features[row + column]!;
      for (let unit = 0; unit < hidden; unit++) {
        const sum = units[at * hidden + unit]!;
        slopes[outputAt + unit]! += slope * (sum > 0 ? sum : leak * sum);
        const inner = slope * weights[outputAt + unit]! * (sum > 0 ? 1 : leak);
        baseSlopes[unit]! += inner;
        const from = candidateAt + unit * F;
        for (let column = 0; column < F; column++)
          slopes[from + column]! += inner * lessons.features[row + column]!;
      }
    }
    for (let unit = 0; unit < hidden; unit++) {
      slopes[biasAt + unit]! += baseSlopes[unit]!;
      for (let column = 0; column < C; column++) {
        slopes[contextAt + unit * C + column]! +=
          baseSlopes[unit]! * lessons.contexts[question * C + column]!;
      }
    }
  };

  /** Adam (Kingma and Ba, 2015) with the usual constants. */
  const step = (rate: number, number: number, questions: number): void => {
    const firstFix = 1 - 0.9 ** number;
    const secondFix = 1 - 0.999 ** number;
    for (let at = 0; at < size; at++) {
      const slope = slopes[at]! / questions;
      firstMoments[at] = 0.9 * firstMoments[at]! + 0.1 * slope;
      secondMoments[at] = 0.999 * secondMoments[at]! + 0.001 * slope * slope;
      weights[at]! -=
        (rate * (firstMoments[at]! / firstFix)) / (Math.sqrt(secondMoments[at]! / secondFix) + 1e-8);
      slopes[at] = 0;
    }
    load();
  };

  load();
  const training = lessons.count - Math.floor(lessons.count * options.heldOut);
  const order = Int32Array.from({ length: training }, (_, at) => at);
  const steps = epochs * Math.ceil(training / batch);
  let done = 0;
  const latest = new Float32Array(size);
  const calm = weights.slice();
  let best = weights.slice();
  let bestValue = -1;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, random);
    for (let from = 0; from < training; from += batch) {
      const to = Math.min(training, from + batch);
      for (let at = from; at < to; at++) learn(order[at]!);
      done++;
      step(options.rate * (1 - (0.9 * done) / steps), done, to - from);
      // The first steps count less, as they start from chance.
      const share = Math.max(1 - options.averaging, 10 / (done + 10));
      for (let at = 0; at < size; at++) calm[at] = calm[at]! + share * (weights[at]! - calm[at]!);
      yield done / steps;
    }
    latest.set(weights);
    weights.set(calm);
    load();
    // How well the last questions are ranked: hits among 20 and their reciprocal ranks.
    let value = 0;
    for (let question = training; question < lessons.count; question++) {
      const rank = rankOf(scores, forward(question), lessons.targets[question]!);
      if (rank <= 20) value += 1 + 1 / rank;
      if (question % slice === 0) yield done / steps;
    }
    if (value > bestValue) {
      bestValue = value;
      best = weights.slice();
    }
    weights.set(latest);
    load();
  }
  return {
    straight: best.slice(0, candidateAt),
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
