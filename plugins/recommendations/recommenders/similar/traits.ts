import type { Product } from '../../../../src/ports/catalog.js';

const titleWordsMax = 16;
const descriptionWordsMax = 12;
const attributesMax = 16;
const categoriesMax = 4;
const charsMax = 1000;
/** Of a product; the brand is one. */
export const traitsMax = titleWordsMax + descriptionWordsMax + attributesMax + categoriesMax + 1;
/** How much a trait counts, by its kind: a word of the title or the brand, of the description, a category, an attribute. */
export const traitWeights = [1, 0.3, 1.5, 0.5] as const;
const [main, described, category, attribute] = [0, 1, 2, 3];

/** Texts of one of these groups are other traits than the same texts of another. */
export const traitGroups = 4;
const [word, brand, inCategory, withAttribute] = [0, 1, 2, 3];

/**
 * Passes on what a product can have in common with another: the group of each trait, its text, and its weight (the place in `traitWeights`).
 * Of a trait that comes twice the first counts; at most `traitsMax` are different.
 */
export function readTraits(
  product: Product,
  take: (group: number, text: string, weight: number) => void,
): void {
  for (const each of wordsOf(product.title, titleWordsMax)) take(word, each, main);
  for (const each of wordsOf(product.description, descriptionWordsMax)) take(word, each, described);
  if (product.brand !== null) take(brand, product.brand.toLowerCase(), main);
  for (const id of product.categoryIds.slice(0, categoriesMax)) take(inCategory, id, category);
  for (const { name, value } of product.attributes.slice(0, attributesMax)) {
    take(withAttribute, `${name} ${String(value).slice(0, 64)}`.toLowerCase(), attribute);
  }
}

/** The first distinct words of a text in lower case without accents; single letters are none. */
function wordsOf(text: string, limit: number): Set<string> {
  const start = text.length > charsMax ? text.slice(0, charsMax) : text;
  const plain = /^\p{ASCII}*$/u.test(start);
  const lower = (plain ? start : start.normalize('NFKD').replace(/\p{M}+/gu, '')).toLowerCase();
  return plain ? asciiWords(lower, limit) : anyWords(lower, limit);
}

function anyWords(text: string, limit: number): Set<string> {
  const words = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (word.length < 2) continue;
    words.add(word);
    if (words.size >= limit) break;
  }
  return words;
}

/** The same, several times as fast: a large catalog is read at every start. */
function asciiWords(text: string, limit: number): Set<string> {
  const words = new Set<string>();
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57)) continue;
    if (at - from > 1) {
      words.add(text.slice(from, at));
      if (words.size >= limit) break;
    }
    from = at + 1;
  }
  return words;
}
