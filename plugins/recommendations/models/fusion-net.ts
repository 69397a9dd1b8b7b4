import { createVectorKernels } from './vector-kernels.js';

/**
 * One hidden layer with a straight way past it:
 * `score = straight · x + output · leakyReLU(candidate · x + context · c + bias)`,
 * x the standardised features of a candidate, c those of the question. As the features are logarithms of shares, the
 * straight way is a weighted product of probabilities (a log-linear pool), and the hidden units bend it by the
 * question: how long the session is, how much is known about its last item.
 */
export interface FusionWeights {
  readonly features: number;
  readonly contexts: number;
  readonly hidden: number;
  readonly featureMean: Float32Array;
  readonly featureScale: Float32Array;
  readonly contextMean: Float32Array;
  readonly contextScale: Float32Array;
  /** features */
  readonly straight: Float32Array;
  /** hidden × features */
  readonly candidate: Float32Array;
  /** hidden × contexts */
  readonly context: Float32Array;
  /** hidden */
  readonly bias: Float32Array;
  readonly output: Float32Array;
}

export const leak = 0.1;
/** Candidates scored at once; a multiple of 4. */
const batch = 64;

/** Scores `count` candidates; `features` row by row. */
export type ScoreCandidates = (
  features: Float32Array,
  context: Float32Array,
  count: number,
  scores: Float32Array,
) => void;

export function createFusionNet(weights: FusionWeights): ScoreCandidates {
  const { features: width, contexts, hidden, output } = weights;
  // One matrix row a hidden unit and one for the straight way, each as wide as the kernel wants it. Standardising is
  // folded in: (x - mean) * scale becomes part of the weight and of the bias.
  const rowWidth = 4 * Math.ceil(width / 4);
  const kernels = createVectorKernels(4 * ((hidden + 1 + batch) * rowWidth + batch));
  const matrix = new Float32Array(kernels.memory, 0, (hidden + 1) * rowWidth);
  const input = new Float32Array(kernels.memory, matrix.byteLength, batch * rowWidth);
  const sums = new Float32Array(kernels.memory, input.byteOffset + input.byteLength, batch);
  const totals = new Float64Array(batch);
  const contextMatrix = new Float32Array(hidden * contexts);
  const offsets = new Float32Array(hidden);
  for (let column = 0; column < width; column++) {
    matrix[hidden * rowWidth + column] = weights.straight[column]! * weights.featureScale[column]!;
  }
  for (let unit = 0; unit < hidden; unit++) {
    let offset = weights.bias[unit]!;
    for (let column = 0; column < width; column++) {
      const weight = weights.candidate[unit * width + column]! * weights.featureScale[column]!;
      matrix[unit * rowWidth + column] = weight;
      offset -= weight * weights.featureMean[column]!;
    }
    for (let column = 0; column < contexts; column++) {
      const weight = weights.context[unit * contexts + column]! * weights.contextScale[column]!;
      contextMatrix[unit * contexts + column] = weight;
      offset -= weight * weights.contextMean[column]!;
    }
    offsets[unit] = offset;
  }
  const biases = new Float32Array(hidden);

  /** One row of the matrix times `count` candidates into `sums`. */
  const multiply = (row: number, count: number): void => {
    const end = input.byteOffset + 16 * rowWidth * Math.ceil(count / 4);
    kernels.dots(4 * row * rowWidth, input.byteOffset, end, 4 * rowWidth, sums.byteOffset);
  };

  const scoreBatch = (features: Float32Array, from: number, count: number, scores: Float32Array): void => {
    for (let at = 0; at < count; at++) {
      const feature = (from + at) * width;
      for (let column = 0; column < width; column++)
        input[at * rowWidth + column] = features[feature + column]!;
    }
    multiply(hidden, count);
    for (let at = 0; at < count; at++) totals[at] = sums[at]!;
    for (let unit = 0; unit < hidden; unit++) {
      multiply(unit, count);
      const bias = biases[unit]!;
      const weight = output[unit]!;
      for (let at = 0; at < count; at++) {
        const sum = sums[at]! + bias;
        totals[at]! += weight * Math.max(sum, leak * sum);
      }
    }
    for (let at = 0; at < count; at++) scores[from + at] = totals[at]!;
  };

  return (features, context, count, scores) => {
    for (let unit = 0; unit < hidden; unit++) {
      let bias = offsets[unit]!;
      for (let column = 0; column < contexts; column++) {
        bias += contextMatrix[unit * contexts + column]! * context[column]!;
      }
      biases[unit] = bias;
    }
    for (let from = 0; from < count; from += batch) {
      scoreBatch(features, from, Math.min(batch, count - from), scores);
    }
  };
}
