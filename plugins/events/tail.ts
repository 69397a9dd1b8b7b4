import type { FingerprintSet } from './fingerprints.js';

/** Fingerprints that no block holds yet, in their order: pairs of halves, and the digest and receipt of each. */
export interface Tail {
  readonly length: number;
  add(high: number, low: number, body: number, receivedAtMs: number): void;
  /** Pairs of the oldest so many. */
  words(count: number): Int32Array;
  /** Digests of the oldest so many. */
  bodies(count: number): Uint16Array;
  /** The latest receipt among the oldest so many. */
  latestMs(count: number): number;
  /** Drops the oldest so many. */
  drop(count: number): void;
  /** Drops what a set holds. */
  dropAll(stored: FingerprintSet): void;
}

export function createTail(capacity: number): Tail {
  const startCapacity = Math.min(capacity, 256);
  let pairs = new Int32Array(startCapacity * 2);
  let digests = new Uint16Array(startCapacity);
  let receipts = new Float64Array(startCapacity);
  let length = 0;

  function grow(): void {
    const before = { pairs, digests, receipts };
    pairs = new Int32Array(pairs.length * 2);
    digests = new Uint16Array(digests.length * 2);
    receipts = new Float64Array(receipts.length * 2);
    pairs.set(before.pairs);
    digests.set(before.digests);
    receipts.set(before.receipts);
  }

  return {
    get length() {
      return length;
    },
    add(high, low, body, receivedAtMs) {
      if (length === receipts.length) grow();
      pairs[length * 2] = high;
      pairs[length * 2 + 1] = low;
      digests[length] = body;
      receipts[length++] = receivedAtMs;
    },
    words: (count) => pairs.slice(0, count * 2),
    bodies: (count) => digests.slice(0, count),
    latestMs(count) {
      let latest = 0;
      for (let at = 0; at < count; at++) latest = Math.max(latest, receipts[at]!);
      return latest;
    },
    drop(count) {
      pairs.copyWithin(0, count * 2, length * 2);
      digests.copyWithin(0, count, length);
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
        digests[kept] = digests[at]!;
        receipts[kept++] = receipts[at]!;
      }
      length = kept;
    },
  };
}
