import { ensureCapacity } from '../../src/kit/ensure-capacity.js';
import { fingerprint } from '../../src/kit/fingerprint.js';

/**
 * Finds numbers by a text that each has at most one of, in 8 bytes a number and 8 to 16 bytes a text: it keeps fingerprints of 53 bits
 * instead of the texts. A text that was never set is found by chance in one of 10^15 / size look-ups. Of texts with equal fingerprints
 * all but the first are kept whole, so that each number is found by its own.
 */
export interface FingerprintIndex {
  /** Gives a number its text, or none. A text that another number has is found as that of the later one. */
  set(number: number, text: string | null): void;
  /** -1 for a text that no number has. */
  find(text: string): number;
  bytes(): number;
}

export function createFingerprintIndex(printOf = fingerprint): FingerprintIndex {
  /** 0: no text, or one of `whole`. */
  let prints = new Float64Array(0);
  /** Open addressing: a number plus 1, or 0. An entry whose number has another text by now is stale, and is dropped when the table grows. */
  let slots = new Int32Array(64);
  let used = 0;
  /** Texts whose fingerprint another number has, with their numbers; and the texts of these numbers. */
  const whole = new Map<string, number>();
  const wholeOf = new Map<number, string>();

  function forgetWhole(number: number): void {
    const text = wholeOf.get(number);
    if (text === undefined) return;
    wholeOf.delete(number);
    if (whole.get(text) === number) whole.delete(text);
  }

  function rebuild(): void {
    let live = 0;
    for (let number = 0; number < prints.length; number++) if (prints[number] !== 0) live++;
    let length = 64;
    while (length < 2.5 * live) length *= 2;
    slots = new Int32Array(length);
    used = live;
    const mask = length - 1;
    for (let number = 0; number < prints.length; number++) {
      const print = prints[number]!;
      if (print === 0) continue;
      let at = slotOf(print, mask);
      // No two numbers have one fingerprint, so those on the way need not be read, which misses the processor's cache.
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
  }

  /** The slot of the number that has a fingerprint, or the empty one where its number belongs. */
  function probe(print: number): number {
    const mask = slots.length - 1;
    let at = slotOf(print, mask);
    while (slots[at] !== 0 && prints[slots[at]! - 1] !== print) at = (at + 1) & mask;
    return at;
  }

  return {
    set(number, text) {
      prints = ensureCapacity(Float64Array, prints, number + 1);
      if (wholeOf.size > 0) forgetWhole(number);
      const print = text === null ? 0 : printOf(text) + 1;
      const at = print === 0 ? -1 : probe(print);
      const other = at < 0 ? -1 : slots[at]! - 1;
      if (text !== null && other >= 0 && other !== number) {
        prints[number] = 0;
        whole.set(text, number);
        wholeOf.set(number, text);
        return;
      }
      if (text !== null) whole.delete(text);
      prints[number] = print;
      if (print === 0 || other === number) return;
      slots[at] = number + 1;
      used++;
      if (used >= slots.length * 0.7) rebuild();
    },
    find: (text) => whole.get(text) ?? slots[probe(printOf(text) + 1)]! - 1,
    bytes: () => prints.byteLength + slots.byteLength,
  };
}

function slotOf(print: number, mask: number): number {
  return Math.trunc(print) & mask;
}
