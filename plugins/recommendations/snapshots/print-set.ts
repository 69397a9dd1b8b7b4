/** Many fingerprints (whole numbers from 0 to 2^53), in 11 to 21 bytes each. */
export interface PrintSet {
  readonly size: number;
  has(print: number): boolean;
  add(print: number): void;
  values(): Iterable<number>;
}

const slotsMin = 1024;
const fullness = 0.7;

/** A table with open addressing. */
export function createPrintSet(): PrintSet {
  let slots = new Float64Array(slotsMin).fill(-1);
  let size = 0;

  /** Where it is, or belongs. A fingerprint is mixed well already. */
  function slotOf(print: number): number {
    const mask = slots.length - 1;
    let at = (print | 0) & mask;
    while (slots[at] !== print && slots[at] !== -1) at = (at + 1) & mask;
    return at;
  }

  return {
    get size() {
      return size;
    },
    has: (print) => slots[slotOf(print)] === print,
    values: () => slots.filter((print) => print !== -1),
    add(print) {
      const at = slotOf(print);
      if (slots[at] === print) return;
      slots[at] = print;
      if (++size <= slots.length * fullness) return;
      const before = slots;
      slots = new Float64Array(before.length * 2).fill(-1);
      for (const old of before) if (old !== -1) slots[slotOf(old)] = old;
    },
  };
}
