import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';

/*
 * The place of a term in a document, in a byte beside its weight, so that ranking reads no texts: its first position in the title (6 bits), and
 * whether the name of a category or kind of the product ends with it (1 bit).
 */
const positionBits = 6;
const positionMask = (1 << positionBits) - 1;

/** The term is not in the title, or too late to count. */
export const notInTitle = positionMask;

/** The term is the last word of the name of a category: "bag" in "Laptop bags". */
const kindBit = 1 << positionBits;

export function titlePosition(place: number): number {
  return place & positionMask;
}

export function namesKind(place: number): boolean {
  return (place & kindBit) !== 0;
}

/** The earlier title position of two terms, and whether one of them names a kind. */
export function mergePlaces(a: number, b: number): number {
  return Math.min(titlePosition(a), titlePosition(b)) | ((a | b) & kindBit);
}

/** Notes the places of the terms of one document after another. */
interface PlaceRecorder {
  title(term: number, position: number): void;
  kind(term: number): void;
  of(term: number): number;
  /** Forgets the document. */
  clear(): void;
}

export function createPlaceRecorder(): PlaceRecorder {
  let places = new Uint8Array(1024).fill(notInTitle);
  const touched: number[] = [];
  function record(term: number, place: number): void {
    const before = places.length;
    places = ensureCapacity(Uint8Array, places, term + 1);
    if (places.length > before) places.fill(notInTitle, before);
    touched.push(term);
    places[term] = mergePlaces(places[term]!, place);
  }
  return {
    title: (term, position) => record(term, Math.min(position, notInTitle)),
    kind: (term) => record(term, notInTitle | kindBit),
    of: (term) => places[term] ?? notInTitle,
    clear() {
      for (const term of touched) places[term] = notInTitle;
      touched.length = 0;
    },
  };
}
