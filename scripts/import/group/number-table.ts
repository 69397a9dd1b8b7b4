const slotsMin = 1024;
const fullness = 0.7;

/** A map from fingerprints (whole numbers from 0 to 2^53) to numbers. It takes 23 to 46 bytes an entry. */
export interface NumberTable {
  /** Undefined for a fingerprint that is not in it. */
  get(key: number): number | undefined;
  set(key: number, value: number): void;
}

/** A hash table with open addressing and linear probing. */
export function createNumberTable(): NumberTable {
  let keys = new Float64Array(slotsMin).fill(-1);
  let values = new Float64Array(slotsMin);
  let size = 0;

  /** The slot of a key, or the free one where it belongs. A fingerprint is its own hash. */
  function slotOf(key: number): number {
    const mask = keys.length - 1;
    let at = (key | 0) & mask;
    while (keys[at] !== key && keys[at] !== -1) at = (at + 1) & mask;
    return at;
  }

  function grow(): void {
    const [oldKeys, oldValues] = [keys, values];
    keys = new Float64Array(oldKeys.length * 2).fill(-1);
    values = new Float64Array(oldKeys.length * 2);
    for (const [at, key] of oldKeys.entries()) {
      if (key === -1) continue;
      const slot = slotOf(key);
      keys[slot] = key;
      values[slot] = oldValues[at]!;
    }
  }

  return {
    get(key) {
      const at = slotOf(key);
      return keys[at] === key ? values[at] : undefined;
    },
    set(key, value) {
      const at = slotOf(key);
      if (keys[at] !== key) {
        keys[at] = key;
        size++;
      }
      values[at] = value;
      if (size > keys.length * fullness) grow();
    },
  };
}
