import { ensureCapacity } from '../../src/kit/ensure-capacity.js';
import { fingerprint } from '../../src/kit/fingerprint.js';

/**
 * Finds numbers by a text that each has at most one of, in 8 bytes a number and 8 to 16 bytes a text: it keeps fingerprints of 53 bits
 * instead of the texts. A text that was never set is found by chance in one of 10^15 / size look-ups.
 */
export interface FingerprintIndex {
  /** Gives a number its text, or none. A text that another number has is found as that of the later one. */
  set(number: number, text: string | null): void;
  /** -1 for a text that no number has. */
  find(text: string): number;
  bytes(): number;
}

export function createFingerprintIndex(): FingerprintIndex {
  /** 0: no text. */
  let prints = new Float64Array(0);
  /** Open addressing: a number plus 1, or 0. An entry whose number has another text by now is stale, and is dropped when the table grows. */
  let slots = new Int32Array(64);
  let used = 0;

  function place(print: number, number: number): void {
    const mask = slots.length - 1;
    let at = slotOf(print, mask);
    while (slots[at] !== 0 && slots[at] !== number + 1 && prints[slots[at]! - 1] !== print)
      at = (at + 1) & mask;
    if (slots[at] === 0) used++;
    slots[at] = number + 1;
  }

  function rebuild(): void {
    let live = 0;
    for (let number = 0; number < prints.length; number++) if (prints[number] !== 0) live++;
    let length = 64;
    while (length < 2.5 * live) length *= 2;
    slots = new Int32Array(length);
    used = 0;
    for (let number = 0; number < prints.length; number++) {
      const print = prints[number]!;
      if (print !== 0) place(print, number);
    }
  }

  function findPrint(print: number): number {
    const mask = slots.length - 1;
    for (let at = slotOf(print, mask); slots[at] !== 0; at = (at + 1) & mask) {
      const number = slots[at]! - 1;
      if (prints[number] === print) return number;
    }
    return -1;
  }

  return {
    set(number, text) {
      prints = ensureCapacity(Float64Array, prints, number + 1);
      const print = text === null ? 0 : fingerprint(text) + 1;
      const isPlaced = prints[number] === print && (print === 0 || findPrint(print) === number);
      prints[number] = print;
      if (isPlaced || print === 0) return;
      if (used >= slots.length * 0.7) rebuild();
      else place(print, number);
    },
    find: (text) => findPrint(fingerprint(text) + 1),
    bytes: () => prints.byteLength + slots.byteLength,
  };
}

function slotOf(print: number, mask: number): number {
  return Math.trunc(print) & mask;
}
