import type { Suggestion } from '../../../../src/ports/search.js';
import { fold } from '../embedded/tokens/tokenizer.js';
import { hasWordPrefix } from '../shared/word-prefix.js';
import type { IndexedProduct } from './documents.js';

const productsMax = 5;

/** Completions of a prefix from what it finds: words of titles, then categories, brands and the products themselves. */
export function completionsOf(prefix: string, hits: readonly IndexedProduct[], limit: number): Suggestion[] {
  const typed = fold(prefix).trim();
  if (typed === '') return [];
  const before = typed.split(/\s+/u).slice(0, -1).join(' ');
  const last = typed.split(/\s+/u).at(-1)!;
  const words = new Map<string, number>();
  const named = new Map<string, Suggestion>();
  for (const { title, brand, categories } of hits) {
    for (const word of new Set(fold(title).split(/[^\p{L}\p{N}]+/u))) {
      if (word.startsWith(last)) words.set(word, (words.get(word) ?? 0) + 1);
    }
    for (const { id, name } of categories) {
      if (hasWordPrefix(name, typed)) named.set(`category ${id}`, { text: name, kind: 'CATEGORY', id });
    }
    if (brand !== '' && hasWordPrefix(brand, typed))
      named.set(`brand ${brand}`, { text: brand, kind: 'BRAND', id: null });
  }
  const queries = [...words]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, limit)
    .map(
      ([word]): Suggestion => ({ text: before === '' ? word : `${before} ${word}`, kind: 'QUERY', id: null }),
    );
  const products = hits
    .slice(0, Math.min(limit, productsMax))
    .map(({ title, productId }): Suggestion => ({ text: title, kind: 'PRODUCT', id: productId }));
  return [...queries, ...[...named.values()].slice(0, 2 * limit), ...products];
}
