import { multiplyTransposed } from '../../../src/kit/matrix.js';

/**
 * One hidden layer with a skip connection:
 * `score = skip · x + output · leakyReLU(candidate · x + context · c + bias)`,
 * x the standardised features of a candidate, c those of the question. As the features are logarithms of shares, the
 * skip connection is a weighted product of probabilities (a log-linear pool), and the hidden units bend it by the
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
  readonly skip: Float32Array;
  /** hidden × features */
  readonly candidate: Float32Array;
  /** hidden × contexts */
  readonly context: Float32Array;
  /** hidden */
  readonly bias: Float32Array;
  readonly output: Float32Array;
}

/** The slope of the leaky ReLU below 0. */
export const negativeSlope = 0.1;

/** Scores `count` candidates; `features` row by row. */
export type ScoreCandidates = (
  features: Float32Array,
  context: Float32Array,
  count: number,
  scores: Float32Array,
) => void;

export function createFusionNet(weights: FusionWeights): ScoreCandidates {
  const { features: width, contexts, hidden, output } = weights;
  // A row for the skip connection, then one for each hidden unit. Standardising is folded in: (x - mean) * scale
  // becomes part of the weight and of the bias.
  const rows = hidden + 1;
  const matrix = new Float32Array(rows * width);
  const contextMatrix = new Float32Array(hidden * contexts);
  const offsets = new Float32Array(hidden);
  for (let column = 0; column < width; column++) {
    matrix[column] = weights.skip[column]! * weights.featureScale[column]!;
  }
  for (let unit = 0; unit < hidden; unit++) {
    let offset = weights.bias[unit]!;
    for (let column = 0; column < width; column++) {
      const weight = weights.candidate[unit * width + column]! * weights.featureScale[column]!;
      matrix[(unit + 1) * width + column] = weight;
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
  let sums = new Float32Array(0);

  return (features, context, count, scores) => {
    for (let unit = 0; unit < hidden; unit++) {
      let bias = offsets[unit]!;
      for (let column = 0; column < contexts; column++) {
        bias += contextMatrix[unit * contexts + column]! * context[column]!;
      }
      biases[unit] = bias;
    }
    if (sums.length < count * rows) sums = new Float32Array(count * rows);
    multiplyTransposed(features, count, matrix, rows, width, sums);
    for (let at = 0; at < count; at++) {
      const row = at * rows;
      let score = sums[row]!;
      for (let unit = 0; unit < hidden; unit++) {
        const sum = sums[row + 1 + unit]! + biases[unit]!;
        score += output[unit]! * Math.max(sum, negativeSlope * sum);
      }
      scores[at] = score;
    }
  };
}
