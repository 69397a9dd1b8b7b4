/** How many of the last clicks of a session its vector is made of. */
export const clicksEncoded = 20;

/**
 * A direction in a small space for each item, such that the next item of a session lies near the weighted mean of
 * the items so far. One byte a number: 127 is 1.
 */
export interface ItemVectors {
  /** Even. */
  readonly dimensions: number;
  readonly items: number;
  /** Weight of the click at each distance from the end, `clicksEncoded` of them. */
  readonly weights: Float32Array;
  /** items × dimensions; all 0 for an item that was not there when the vectors were learned. */
  readonly vectors: Int8Array;
}

/** Compares candidates with the running session as a whole, and with its last item. */
export function createSessionEncoder(learned: ItemVectors) {
  const { dimensions, items, weights, vectors } = learned;
  const whole = new Float32Array(dimensions);
  const last = new Float32Array(dimensions);
  const touched = new Int8Array(1);

  return {
    encode(session: readonly number[]): void {
      whole.fill(0);
      last.fill(0);
      const count = Math.min(session.length, clicksEncoded);
      for (let distance = 0; distance < count; distance++) {
        const item = session[session.length - 1 - distance]!;
        if (!(item >= 0 && item < items)) continue;
        const weight = weights[distance]!;
        const row = item * dimensions;
        for (let column = 0; column < dimensions; column++) whole[column]! += weight * vectors[row + column]!;
        if (distance > 0) continue;
        for (let column = 0; column < dimensions; column++) last[column] = vectors[row + column]!;
      }
      normalize(whole, 0, dimensions);
      normalize(last, 0, dimensions);
    },
    /** Asks the memory for the vectors of items that are compared next: they lie far apart. */
    touch(candidates: Int32Array, count: number): void {
      for (let at = 0; at < count; at++) {
        const row = candidates[at]! * dimensions;
        if (row < vectors.length) touched[0] = vectors[row]! + vectors[row + dimensions - 1]!;
      }
    },
    /** Cosines from -1 to 1 into `into[at]` (session) and `into[at + 1]` (last item); 0 for an item without a vector. */
    compare(item: number, into: Float32Array, at: number): void {
      let toSession = 0;
      let toLast = 0;
      if (item < items) {
        const row = item * dimensions;
        // Two sums side by side: neither has to wait for the other.
        let toSessionToo = 0;
        let toLastToo = 0;
        for (let column = 0; column < dimensions; column += 2) {
          const one = vectors[row + column]!;
          const other = vectors[row + column + 1]!;
          toSession += whole[column]! * one;
          toSessionToo += whole[column + 1]! * other;
          toLast += last[column]! * one;
          toLastToo += last[column + 1]! * other;
        }
        toSession += toSessionToo;
        toLast += toLastToo;
      }
      into[at] = toSession / 127;
      into[at + 1] = toLast / 127;
    },
  };
}

export type SessionEncoder = ReturnType<typeof createSessionEncoder>;

/** Makes the length of one vector 1 and returns what it was. */
export function normalize(values: Float32Array, from: number, dimensions: number): number {
  let sum = 0;
  for (let at = from; at < from + dimensions; at++) sum += values[at]! * values[at]!;
  const length = Math.sqrt(sum) + 1e-9;
  const scale = 1 / length;
  for (let at = from; at < from + dimensions; at++) values[at]! *= scale;
  return length;
}

/** Items between two yields. */
const slice = 10_000;

/** Unit vectors from raw ones; those of items for which `known` is 0 become 0. In slices. */
export function* toItemVectors(
  raw: Float32Array,
  dimensions: number,
  logits: Float32Array,
  known: Uint8Array,
): Generator<undefined, ItemVectors> {
  const items = known.length;
  const vectors = new Int8Array(items * dimensions);
  const unit = new Float32Array(dimensions);
  for (let item = 0; item < items; item++) {
    if (item % slice === 0) yield;
    if (known[item] === 0) continue;
    for (let column = 0; column < dimensions; column++) unit[column] = raw[item * dimensions + column]!;
    normalize(unit, 0, dimensions);
    for (let column = 0; column < dimensions; column++) {
      vectors[item * dimensions + column] = Math.round(unit[column]! * 127);
    }
  }
  return { dimensions, items, weights: logits.map((logit) => Math.exp(logit)), vectors };
}
