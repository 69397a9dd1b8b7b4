/** One bit for each store and number: whether it is in stock there. */
export interface StoreBits {
  set(storeId: string, number: number): void;
  has(storeId: string, number: number): boolean;
  /** Clears a number in all stores. */
  clear(number: number): void;
  /** Sets a number in the stores that another is set in. The other stays. */
  copy(from: number, to: number): void;
  /** Records that a store exists, though it may have nothing in stock. */
  know(storeId: string): void;
  knows(storeId: string): boolean;
  stores(): Iterable<string>;
}

export function createStoreBits(): StoreBits {
  const bitsOf = new Map<string, Uint32Array>();

  function has(bits: Uint32Array | undefined, number: number): boolean {
    return bits !== undefined && ((bits[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  function set(storeId: string, number: number): void {
    const word = number >>> 5;
    let bits = bitsOf.get(storeId);
    if (!bits || word >= bits.length) {
      const larger = new Uint32Array(Math.max(32, word + 1, 2 * (bits?.length ?? 0)));
      if (bits) larger.set(bits);
      bits = larger;
      bitsOf.set(storeId, bits);
    }
    bits[word]! |= 1 << (number & 31);
  }

  return {
    set,
    has: (storeId, number) => has(bitsOf.get(storeId), number),
    clear(number) {
      const word = number >>> 5;
      const mask = ~(1 << (number & 31));
      for (const bits of bitsOf.values()) if (word < bits.length) bits[word]! &= mask;
    },
    copy(from, to) {
      for (const [storeId, bits] of bitsOf) if (has(bits, from)) set(storeId, to);
    },
    know(storeId) {
      if (!bitsOf.has(storeId)) bitsOf.set(storeId, new Uint32Array(0));
    },
    knows: (storeId) => bitsOf.has(storeId),
    stores: () => bitsOf.keys(),
  };
}
