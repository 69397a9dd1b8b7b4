const bucketsMax = 2048;
const buckets = new Int32Array(bucketsMax);

/**
 * A threshold that at least `room` of the values from index `first` to `last` reach, and hardly more. Values are not negative,
 * `largest` is the largest of them. Linear time, by a histogram: the upper half of a 32-bit float, read as an integer, is a
 * logarithmic scale in steps of 1/128. Returns 0 if there are no more values than `room`.
 */
export function thresholdOf(
  values: Float32Array,
  first: number,
  last: number,
  largest: number,
  room: number,
): number {
  if (last - first + 1 <= room) return 0;
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const highest = upperHalf(largest);
  buckets.fill(0);
  for (let at = first; at <= last; at++) buckets[Math.min(bucketsMax - 1, highest - (bits[at]! >> 16))]!++;
  let reached = 0;
  for (let step = 0; step < bucketsMax - 1; step++) {
    reached += buckets[step]!;
    if (reached >= room) return fromUpperHalf(highest - step);
  }
  return 0;
}

const oneFloat = new Float32Array(1);
const oneInt = new Int32Array(oneFloat.buffer);

function upperHalf(value: number): number {
  oneFloat[0] = value;
  return oneInt[0]! >> 16;
}

function fromUpperHalf(half: number): number {
  oneInt[0] = half << 16;
  return oneFloat[0]!;
}
