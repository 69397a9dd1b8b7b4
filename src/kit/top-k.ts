/**
 * Writes the items with the highest scores into `items` and their scores into `scores`, best first, as many as these arrays
 * hold. Of equal scores the earlier item comes first. `from` and `by` are read up to `count`. Insertion sort: meant for small k.
 */
export function topK(
  from: Int32Array,
  by: Float32Array,
  count: number,
  items: Int32Array,
  scores: Float32Array,
): void {
  let filled = 0;
  for (let at = 0; at < count; at++) {
    const score = by[at]!;
    if (filled === items.length && (filled === 0 || score <= scores[filled - 1]!)) continue;
    let place = filled < items.length ? filled++ : filled - 1;
    for (; place > 0 && scores[place - 1]! < score; place--) {
      scores[place] = scores[place - 1]!;
      items[place] = items[place - 1]!;
    }
    scores[place] = score;
    items[place] = from[at]!;
  }
}
