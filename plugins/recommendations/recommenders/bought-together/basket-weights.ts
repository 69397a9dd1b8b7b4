import { featureCount, featureNames } from './basket-votes.js';

export type Weights = Float64Array;

/** How much each feature counts before a shop has taught anything else; in the order of `featureNames`. */
const prior: Readonly<Record<(typeof featureNames)[number], number>> = {
  together: 0.75,
  last: 0.3,
  popular: -0.1,
  alike: 0,
};
const popularAt = featureNames.indexOf('popular');
const rate = 0.05;
/** How strongly the weights are drawn back to the prior ones. */
const pull = 1e-4;

/**
 * A weighted product of the features (a logarithmic opinion pool), made probabilities over the products that are weighed.
 * It learns online from each question that has an answer, by the gradient of the softmax cross-entropy with steps after
 * AdaGrad (Duchi, Hazan, Singer 2011); so the weights are the shop's own, and no job has to find them.
 */
export function createBasketWeights() {
  const start = Float64Array.from(featureNames, (name) => prior[name]);
  const weights = start.slice();
  const squares = new Float64Array(featureCount).fill(1);
  const slopes = new Float64Array(featureCount);
  let chances = new Float32Array(128);

  function weigh(features: Float32Array, count: number, lowered: number, into: Float32Array): void {
    let largest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      let sum = lowered * features[at * featureCount + popularAt]!;
      for (let column = 0; column < featureCount; column++)
        sum += weights[column]! * features[at * featureCount + column]!;
      into[at] = sum;
      if (sum > largest) largest = sum;
    }
    let total = 0;
    for (let at = 0; at < count; at++) {
      const odds = Math.exp(into[at]! - largest);
      into[at] = odds;
      total += odds;
    }
    for (let at = 0; at < count; at++) into[at]! /= total;
  }

  return {
    /** Probabilities of the first `count` products; `lowered` is added to the weight of how often a product is bought anyway. */
    weigh,
    weights,
    squares,
    /** Learns that the products at these places were right. */
    learn(features: Float32Array, count: number, right: readonly number[]): void {
      if (chances.length < count) chances = new Float32Array(2 * count);
      weigh(features, count, 0, chances);
      for (const at of right) chances[at]! -= 1 / right.length;
      slopes.fill(0);
      for (let at = 0; at < count; at++) {
        for (let column = 0; column < featureCount; column++)
          slopes[column]! += chances[at]! * features[at * featureCount + column]!;
      }
      for (let column = 0; column < featureCount; column++) {
        const slope = slopes[column]! + pull * (weights[column]! - start[column]!);
        squares[column]! += slope * slope;
        weights[column]! -= (rate * slope) / Math.sqrt(squares[column]!);
      }
    },
  };
}
