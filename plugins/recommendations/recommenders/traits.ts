import type { Product } from '../../../src/ports/catalog.js';

const titleWordsMax = 16;
const descriptionWordsMax = 12;
const attributesMax = 16;
const categoriesMax = 4;

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
  const words = new Set<string>();
  const start = text.slice(0, 1000);
  const plain = /^\p{ASCII}*$/u.test(start) ? start : start.normalize('NFKD').replace(/\p{M}+/gu, '');
  for (const [word] of plain.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    if (word.length < 2) continue;
    words.add(word);
    if (words.size >= limit) break;
  }
  return words;
}
