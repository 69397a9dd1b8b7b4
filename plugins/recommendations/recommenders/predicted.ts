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
    items: new Int32Array(length),
    scores: new Float64Array(length),
    causes: new Int32Array(length),
    places: new Int32Array(length),
    length: 0,
  };
  for (let place = 0; place < length; place++) {
    const anchor = anchorAt(place);
    if (anchor < 0) continue;
    const at = found.length++;
    found.items[at] = items[place]!;
    found.scores[at] = Math.exp(scores[place]! - scores[0]!);
    found.causes[at] = anchor;
    found.places[at] = place;
  }
  return found;
}
