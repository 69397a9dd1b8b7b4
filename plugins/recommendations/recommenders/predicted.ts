interface Prediction {
  readonly items: ArrayLike<number>;
  /** Logarithms of likelihoods, best first. */
  readonly scores: ArrayLike<number>;
  readonly length: number;
}

/**
 * The predicted products that have an anchor item, as `Candidates`, and the place of each in the prediction. What a model adds without one is
 * popular, and the recommenders of popular products say so.
 */
export function anchored({ items, scores, length }: Prediction, anchorAt: (place: number) => number) {
  const places: number[] = [];
  for (let place = 0; place < length; place++) if (anchorAt(place) >= 0) places.push(place);
  return {
    items: places.map((place) => items[place]!),
    scores: places.map((place) => Math.exp(scores[place]! - scores[0]!)),
    causes: places.map(anchorAt),
    length: places.length,
    places,
  };
}
