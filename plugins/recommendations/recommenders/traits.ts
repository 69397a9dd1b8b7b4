import type { Product } from '../../../src/ports/catalog.js';

const titleWordsMax = 16;
const descriptionWordsMax = 12;
const attributesMax = 16;
const categoriesMax = 4;
const charsMax = 1000;

/** What a product can have in common with another, and how much each counts; at most 50. */
export function traitsOf(product: Product): Map<string, number> {
  const traits = new Map<string, number>();
  const words = wordsOf(product.title, titleWordsMax);
  for (const word of words) traits.set(`w ${word}`, 1);
  for (const word of wordsOf(product.description, descriptionWordsMax)) {
    if (!traits.has(`w ${word}`)) traits.set(`w ${word}`, 0.3);
  }
  if (product.brand !== null) traits.set(`b ${product.brand.toLowerCase()}`, 1);
  for (const id of product.categoryIds.slice(0, categoriesMax)) traits.set(`c ${id}`, 1.5);
  for (const { name, value } of product.attributes.slice(0, attributesMax)) {
    traits.set(`a ${name.toLowerCase()} ${String(value).slice(0, 64).toLowerCase()}`, 0.5);
  }
  return traits;
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
