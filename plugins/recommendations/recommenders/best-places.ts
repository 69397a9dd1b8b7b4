let ranked = new Float32Array(1024);

/**
 * The places of the `limit` largest of the first `count` values (all of them where there are fewer), in ascending order, into `into`;
 * answers how many. Of equal values at the edge the earlier ones.
 */
export function bestPlaces(values: Float32Array, count: number, limit: number, into: Int32Array): number {
  let threshold = 0;
  let room = limit;
  if (count > limit) {
    if (ranked.length < count) ranked = new Float32Array(2 * count);
    ranked.set(values.subarray(0, count));
    threshold = nthLargest(ranked, count, limit);
    for (let at = 0; at < count; at++) if (values[at]! > threshold) room--;
  }
  let taken = 0;
  for (let at = 0; at < count; at++) {
    const value = values[at]!;
    if (count > limit && (value < threshold || (value === threshold && room-- <= 0))) continue;
    into[taken++] = at;
  }
  return taken;
}

/** Hoare's selection over the first `length` values, which it disorders. */
export function nthLargest(values: Float32Array, length: number, n: number): number {
  let low = 0;
  let high = length - 1;
  const wanted = n - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swapped;
      }
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return values[wanted]!;
}
