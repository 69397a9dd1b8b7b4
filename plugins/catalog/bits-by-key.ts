/** One bit for each key and number, for example for a store whether the product of that number is in stock there. */
export interface BitsByKey {
  set(key: string, number: number): void;
  has(key: string, number: number): boolean;
  /** Clears a number for all keys. */
  clear(number: number): void;
  /** Sets a number for the keys that another is set for. The other stays. */
  copy(from: number, to: number): void;
  /** Records that a key exists, though no number may be set for it. */
  know(key: string): void;
  /** True once a key was recorded or a number was set for it. */
  knows(key: string): boolean;
  keys(): Iterable<string>;
  /** The number of keys. */
  readonly size: number;
}

export function createBitsByKey(): BitsByKey {
  const bitsOf = new Map<string, Uint32Array>();

  function has(bits: Uint32Array | undefined, number: number): boolean {
    return bits !== undefined && ((bits[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  function set(key: string, number: number): void {
    const word = number >>> 5;
    let bits = bitsOf.get(key);
    if (!bits || word >= bits.length) {
      const larger = new Uint32Array(Math.max(32, word + 1, 2 * (bits?.length ?? 0)));
      if (bits) larger.set(bits);
      bits = larger;
      bitsOf.set(key, bits);
    }
    bits[word]! |= 1 << (number & 31);
  }

  return {
    set,
    has: (key, number) => has(bitsOf.get(key), number),
    clear(number) {
      const word = number >>> 5;
      const mask = ~(1 << (number & 31));
      for (const bits of bitsOf.values()) if (word < bits.length) bits[word]! &= mask;
    },
    copy(from, to) {
      for (const [key, bits] of bitsOf) if (has(bits, from)) set(key, to);
    },
    know(key) {
      if (!bitsOf.has(key)) bitsOf.set(key, new Uint32Array(0));
    },
    knows: (key) => bitsOf.has(key),
    keys: () => bitsOf.keys(),
    get size() {
      return bitsOf.size;
    },
  };
}
