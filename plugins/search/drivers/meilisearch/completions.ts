import { languageOf } from '../../../../src/kit/language-of.js';
import type { Suggestion } from '../../../../src/ports/search.js';
import { languageRules } from '../embedded/tokens/language.js';
import { fold } from '../embedded/tokens/tokenizer.js';
import { completedPhrases, hasWordPrefix } from '../shared/phrases.js';
import type { IndexedProduct } from './documents.js';

const productsMax = 5;

/** Completions of a prefix from what it finds: words of titles, then categories, brands and the products themselves. */
export function completionsOf(
  prefix: string,
  hits: readonly IndexedProduct[],
  { limit, locale }: { readonly limit: number; readonly locale: string },
): Suggestion[] {
  const typed = fold(prefix).trim();
  if (typed === '') return [];
  const titles = hits.map(({ title }) => title);
  const { stopWords } = languageRules(languageOf(locale));
  const phrases = completedPhrases({ titles, prefix, stopWords, expansions: new Set(), locale, limit });
  const named = new Map<string, Suggestion>();
  for (const { brand, categories } of hits) {
    for (const { id, name } of categories)
      if (hasWordPrefix(name, typed)) named.set(`category ${id}`, { text: name, kind: 'CATEGORY', id });
    if (brand !== '' && hasWordPrefix(brand, typed))
      named.set(`brand ${brand}`, { text: brand, kind: 'BRAND', id: null });
  }
  const products = hits
    .slice(0, Math.min(limit, productsMax))
    .map(({ title, productId }): Suggestion => ({ text: title, kind: 'PRODUCT', id: productId }));
  return [...phrases, ...[...named.values()].slice(0, 2 * limit), ...products];
}
