/**
 * A place is a word, or its term, where it stands in a text, with marks in the bits above its number; `>>> 0` after marking keeps it
 * positive.
 */

/** Marks a place whose word begins something new. */
export const breakBit = 0x80000000;

/** Marks a place whose word says what something is for. */
export const forBit = 0x40000000;

/** Marks a place whose word names nothing: a number, a function word. */
export const plainBit = 0x20000000;

export function termAt(entry: number): number {
  return entry & ~(breakBit | forBit | plainBit);
}

export function wordAt(place: number): number {
  return place & ~(breakBit | forBit);
}

export function startsNew(place: number): boolean {
  return place >= breakBit;
}
