import { thresholdOf } from './threshold.js';

let near = new Int32Array(1024);
let ranked = new Float32Array(1024);

/**
 * The places of the `limit` largest of the first `count` values, none of them negative (all of them where there are fewer), in ascending
 * order, into `into`; returns how many. Of equal values at the edge the earlier ones. A histogram finds those near the edge, so that only
 * these are compared.
 */
export function bestPlaces(values: Float32Array, count: number, limit: number, into: Int32Array): number {
  if (count <= limit) {
    for (let at = 0; at < count; at++) into[at] = at;
    return count;
  }
  if (near.length < count) {
    near = new Int32Array(2 * count);
    ranked = new Float32Array(2 * count);
  }
  let largest = 0;
  for (let at = 0; at < count; at++) if (values[at]! > largest) largest = values[at]!;
  const edge = thresholdOf(values, 0, count - 1, largest, limit);
  const places = near;
  let found = 0;
  for (let at = 0; at < count; at++) {
    places[found] = at;
    found += Number(values[at]! >= edge);
  }
  for (let at = 0; at < found; at++) ranked[at] = values[near[at]!]!;
  const threshold = nthLargest(ranked, found, limit);
  let room = limit;
  for (let at = 0; at < found; at++) if (values[near[at]!]! > threshold) room--;
  let taken = 0;
  for (let at = 0; at < found; at++) {
    const value = values[near[at]!]!;
    if (value < threshold || (value === threshold && room-- <= 0)) continue;
    into[taken++] = near[at]!;
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
