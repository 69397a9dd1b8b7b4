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
  const found = {
    items: [] as number[],
    scores: [] as number[],
    causes: [] as number[],
    places: [] as number[],
  };
  for (let place = 0; place < length; place++) {
    const anchor = anchorAt(place);
    if (anchor < 0) continue;
    found.items.push(items[place]!);
    found.scores.push(Math.exp(scores[place]! - scores[0]!));
    found.causes.push(anchor);
    found.places.push(place);
  }
  return { ...found, length: found.places.length };
}
