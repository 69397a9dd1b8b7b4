/*
 * A position of a text holds the id of its word, or of that word's term, with flags in the bits above. `>>> 0` after setting a flag keeps it
 * positive.
 */

/** Punctuation parts the word from the word before. */
export const boundaryFlag = 0x80000000;

/** The word begins what a product is for: "for", "with", "without". */
export const purposeFlag = 0x40000000;

/** The word names nothing: a number, a stop word. */
export const functionalFlag = 0x20000000;

/** The id of a word or term without flags. */
export function idAt(position: number): number {
  return position & ~(boundaryFlag | purposeFlag | functionalFlag);
}

export function isBoundary(position: number): boolean {
  return position >= boundaryFlag;
}
