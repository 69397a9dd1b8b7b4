import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';

/*
 * The place of a term in a document, in a byte beside its weight, so that ranking reads no texts: its first position in the title (6 bits), and
 * whether it is in the name of a category or kind of the product (2 bits).
 */
const positionBits = 6;
const positionMask = (1 << positionBits) - 1;

/** The term is not in the title, or too late to count. */
export const notInTitle = positionMask;

/** The term is in the name of a category, or is the last word of one: "bag" in "Laptop bags". */
export const inKind = 1;
export const endsKind = 2;

export function titlePosition(place: number): number {
  return place & positionMask;
}

/** 0, `inKind` or `endsKind`. */
export function kindOf(place: number): number {
  return place >> positionBits;
}

/** The earlier title position and the higher kind of two terms. */
export function mergePlaces(a: number, b: number): number {
  if (a === b) return a;
  const kind = Math.max(kindOf(a), kindOf(b));
  return Math.min(titlePosition(a), titlePosition(b)) | (kind << positionBits);
}

/** Notes the places of the terms of one document after another. */
export interface PlaceRecorder {
  title(term: number, position: number): void;
  kind(term: number, kind: number): void;
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
    kind: (term, kind) => record(term, notInTitle | (kind << positionBits)),
    of: (term) => places[term] ?? notInTitle,
    clear() {
      for (const term of touched) places[term] = notInTitle;
      touched.length = 0;
    },
  };
}
