import type { FingerprintSet } from './fingerprints.js';

/** Fingerprints that no block holds yet, in their order: pairs of halves, and the receipt of each. */
export interface Tail {
  readonly length: number;
  add(high: number, low: number, receivedAtMs: number): void;
  /** Pairs of the oldest so many. */
  words(count: number): Int32Array;
  /** The latest receipt among the oldest so many. */
  latestMs(count: number): number;
  /** Drops the oldest so many. */
  drop(count: number): void;
  /** Drops what a set holds. */
  dropAll(stored: FingerprintSet): void;
}

export function createTail(capacity: number): Tail {
  let pairs = new Int32Array(capacity * 2);
  let receipts = new Float64Array(capacity);
  let length = 0;

  function grow(): void {
    const [larger, more] = [new Int32Array(pairs.length * 2), new Float64Array(receipts.length * 2)];
    larger.set(pairs);
    more.set(receipts);
    [pairs, receipts] = [larger, more];
  }

  return {
    get length() {
      return length;
    },
    add(high, low, receivedAtMs) {
      if (length === receipts.length) grow();
      pairs[length * 2] = high;
      pairs[length * 2 + 1] = low;
      receipts[length++] = receivedAtMs;
    },
    words: (count) => pairs.slice(0, count * 2),
    latestMs: (count) => receipts.subarray(0, count).reduce((a, b) => Math.max(a, b), 0),
    drop(count) {
      pairs.copyWithin(0, count * 2, length * 2);
      receipts.copyWithin(0, count, length);
      length -= count;
    },
    dropAll(stored) {
      let kept = 0;
      for (let at = 0; at < length; at++) {
        const [high, low] = [pairs[at * 2]!, pairs[at * 2 + 1]!];
        if (stored.has(high, low)) continue;
        pairs[kept * 2] = high;
        pairs[kept * 2 + 1] = low;
        receipts[kept++] = receipts[at]!;
      }
      length = kept;
    },
  };
}
