import { nthLargest } from '../../../../src/kit/best-places.js';
import { ensureCapacity } from '../../../../src/kit/ensure-capacity.js';

/** Entries of inverted lists that one search reads. */
const readMax = 2500;
const listMax = 400;
const bestMax = 160;

/**
 * Adds up inverted lists and keeps the best, in fixed working memory: no hash map and no sorting. Equal sums are told apart by a
 * hash of the product's id, so that the order in which products were saved does not matter.
 */
export function createNearest() {
  let sums = new Float32Array(1024);
  let hashes = new Uint32Array(1024);
  const touched = new Int32Array(readMax + listMax);
  const ranked = new Float32Array(readMax + listMax);
  let touchedCount = 0;
  let read = 0;

  return {
    /** Says what an item is called; once before it is found. */
    name(item: number, id: string): void {
      hashes = ensureCapacity(Uint32Array, hashes, item + 1);
      hashes[item] = hashOf(id);
    },
    /** Starts a search among so many items. */
    begin(items: number): void {
      if (sums.length < items) sums = new Float32Array(items * 2);
      touchedCount = 0;
      read = 0;
    },
    /** Adds a gain to every item of a list; false when enough was read. */
    add(list: readonly number[], gain: number): boolean {
      for (let i = 0; i < list.length; i++) {
        const item = list[i]!;
        if (sums[item] === 0) touched[touchedCount++] = item;
        sums[item]! += gain;
      }
      read += list.length;
      return read < readMax;
    },
    /** Ends the search: the at most 160 best but `self`, in no promised order. */
    best(self: number): readonly number[] {
      const best: number[] = [];
      sums[self] = 0;
      for (let i = 0; i < touchedCount; i++) ranked[i] = sums[touched[i]!]!;
      const threshold = touchedCount > bestMax ? nthLargest(ranked, touchedCount, bestMax) : 0;
      const equal: number[] = [];
      for (let i = 0; i < touchedCount; i++) {
        const item = touched[i]!;
        const sum = sums[item]!;
        if (sum > threshold) best.push(item);
        else if (sum === threshold && sum > 0) equal.push(item);
        sums[item] = 0;
      }
      const room = bestMax - best.length;
      if (equal.length > room) equal.sort((a, b) => hashes[a]! - hashes[b]!).length = room;
      return best.concat(equal);
    },
  };
}

/** FNV-1a. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
