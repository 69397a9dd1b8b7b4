import { grownHalves } from './growable.js';

/**
 * Where a term stands in a document, in 14 bits beside its impact: its first place in the title (6 bits) and in the beginning of
 * the description (6), and whether it names one of its categories or kinds (2). So that ranking reads no text.
 */
const placeBits = 6;
const placeMask = (1 << placeBits) - 1;
/** No place: the term is not there, or too late to count. */
export const nowhere = placeMask;
const kindShift = 2 * placeBits;

export const noMarks = nowhere | (nowhere << placeBits);

/** What a term is in the names of a document's categories and kinds. */
export const inKind = 1;
export const isKind = 2;

export function markAt(titlePlace: number, descriptionPlace: number, kind: number): number {
  return titlePlace | (descriptionPlace << placeBits) | (kind << kindShift);
}

export function titlePlaceOf(marks: number): number {
  return marks & placeMask;
}

export function descriptionPlaceOf(marks: number): number {
  return (marks >> placeBits) & placeMask;
}

/** 0, `inKind` or `isKind`. */
export function kindOf(marks: number): number {
  return marks >> kindShift;
}

/** Of a group that two terms satisfy: the earlier places, the nearer kind. */
export function sharedMarks(a: number, b: number): number {
  return a === b
    ? a
    : markAt(
        Math.min(a & placeMask, b & placeMask),
        Math.min(descriptionPlaceOf(a), descriptionPlaceOf(b)),
        Math.max(a >> kindShift, b >> kindShift),
      );
}

/** Marks the terms of one document after another. */
export interface Marker {
  title(term: number, place: number): void;
  description(term: number, place: number): void;
  kind(term: number, kind: number): void;
  of(term: number): number;
  /** Forgets the document. */
  clear(): void;
}

export function createMarker(): Marker {
  let marks = new Uint16Array(1024).fill(noMarks);
  const touched: number[] = [];
  function note(term: number, mark: number): void {
    if (term >= marks.length) {
      const before = marks.length;
      marks = grownHalves(marks, term + 1);
      marks.fill(noMarks, before);
    }
    touched.push(term);
    marks[term] = sharedMarks(marks[term]!, mark);
  }
  return {
    title: (term, place) => note(term, markAt(Math.min(place, nowhere), nowhere, 0)),
    description: (term, place) => note(term, markAt(nowhere, Math.min(place, nowhere), 0)),
    kind: (term, kind) => note(term, noMarks | (kind << kindShift)),
    of: (term) => marks[term] ?? noMarks,
    clear() {
      for (const term of touched) marks[term] = noMarks;
      touched.length = 0;
    },
  };
}
