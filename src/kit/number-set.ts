/** A set of whole numbers from 0 to 2^53 that are spread evenly, such as hashes. It takes 11 to 21 bytes a number. */
export interface NumberSet {
  readonly size: number;
  has(value: number): boolean;
  add(value: number): void;
  values(): Iterable<number>;
}

const slotsMin = 1024;
const fullness = 0.7;

/** A hash table with open addressing and linear probing. */
export function createNumberSet(): NumberSet {
  let slots = new Float64Array(slotsMin).fill(-1);
  let size = 0;

  /** The slot of a number, or the free one where it belongs. The number is its own hash. */
  function slotOf(value: number): number {
    const mask = slots.length - 1;
    let at = (value | 0) & mask;
    while (slots[at] !== value && slots[at] !== -1) at = (at + 1) & mask;
    return at;
  }

  return {
    get size() {
      return size;
    },
    has: (value) => slots[slotOf(value)] === value,
    values: () => slots.filter((value) => value !== -1),
    add(value) {
      const at = slotOf(value);
      if (slots[at] === value) return;
      slots[at] = value;
      if (++size <= slots.length * fullness) return;
      const before = slots;
      slots = new Float64Array(before.length * 2).fill(-1);
      for (const old of before) if (old !== -1) slots[slotOf(old)] = old;
    },
  };
}
