/** The best of `count` items by score into `items` and `scores`, as many as these hold; of equal ones the earlier. */
export function bestFirst(
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
