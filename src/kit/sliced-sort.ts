import type { Sliced } from './slices.js';

/** Negative if `a` comes first. It must be a total order. */
export type Compare = (a: number, b: number) => number;

const runLength = 200;
/** With a comparison of a microsecond, about two milliseconds. */
const comparisonsPerSlice = 2_000;

/** Merge sort in slices. It sorts in place or returns another array of the same length. */
export function* slicedSort(
  numbers: Uint32Array<ArrayBuffer>,
  compare: Compare,
): Sliced<Uint32Array<ArrayBuffer>> {
  let sinceYield = 0;
  for (let start = 0; start < numbers.length; start += runLength) {
    numbers.subarray(start, start + runLength).sort(compare);
    yield;
  }
  let from = numbers;
  let to = new Uint32Array(numbers.length);
  for (let width = runLength; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = start + width;
      const end = middle + width;
      const target = to.subarray(start, end);
      yield* mergeSorted(from.subarray(start, middle), from.subarray(middle, end), target, compare);
      sinceYield += 2 * width;
      if (sinceYield < comparisonsPerSlice) continue;
      sinceYield = 0;
      yield;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merges two sorted arrays into one that has room for both. */
export function* mergeSorted(a: Uint32Array, b: Uint32Array, into: Uint32Array, compare: Compare): Sliced {
  let inA = 0;
  let inB = 0;
  for (let at = 0; at < into.length; at++) {
    const takesA = inB >= b.length || (inA < a.length && compare(a[inA]!, b[inB]!) < 0);
    into[at] = takesA ? a[inA++]! : b[inB++]!;
    if (at % comparisonsPerSlice === comparisonsPerSlice - 1) yield;
  }
}

/** As `mergeSorted`, at once, for a short `b`: it takes about `b.length * log2(a.length)` comparisons. */
export function insertSorted(a: Uint32Array, b: Uint32Array, into: Uint32Array, compare: Compare): void {
  let inA = 0;
  for (const [inB, number] of b.entries()) {
    let low = inA;
    let high = a.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(a[middle]!, number) < 0) low = middle + 1;
      else high = middle;
    }
    into.set(a.subarray(inA, low), inA + inB);
    into[low + inB] = number;
    inA = low;
  }
  into.set(a.subarray(inA), inA + b.length);
}
