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

/** Scores `count` candidates; `features` row by row. */
export type ScoreCandidates = (
  features: Float32Array,
  context: Float32Array,
  count: number,
  scores: Float32Array,
) => void;

export function createFusionNet(weights: FusionWeights): ScoreCandidates {
  const { features: width, contexts, hidden } = weights;
  // Standardising is folded into the weights: (x - mean) * scale becomes part of the bias.
  const matrix = new Float32Array(hidden * width);
  const contextMatrix = new Float32Array(hidden * contexts);
  const offsets = new Float32Array(hidden);
  const straight = new Float32Array(width);
  for (let column = 0; column < width; column++) {
    straight[column] = weights.straight[column]! * weights.featureScale[column]!;
  }
  for (let unit = 0; unit < hidden; unit++) {
    let offset = weights.bias[unit]!;
    for (let column = 0; column < width; column++) {
      const weight = weights.candidate[unit * width + column]! * weights.featureScale[column]!;
      matrix[unit * width + column] = weight;
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
  const { output } = weights;

  return (features, context, count, scores) => {
    for (let unit = 0; unit < hidden; unit++) {
      let bias = offsets[unit]!;
      for (let column = 0; column < contexts; column++)
        bias += contextMatrix[unit * contexts + column]! * context[column]!;
      biases[unit] = bias;
    }
    for (let at = 0; at < count; at++) {
      const row = at * width;
      let score = 0;
      for (let column = 0; column < width; column++) score += straight[column]! * features[row + column]!;
      for (let unit = 0; unit < hidden; unit++) {
        let sum = biases[unit]!;
        const from = unit * width;
        for (let column = 0; column < width; column++)
          sum += matrix[from + column]! * features[row + column]!;
        score += output[unit]! * (sum > 0 ? sum : leak * sum);
      }
      scores[at] = score;
    }
  };
}
