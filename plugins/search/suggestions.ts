import type { Merchandising } from '../../src/ports/merchandising.js';
import type { Search, Suggestion } from '../../src/ports/search.js';
import type { DriverQuery } from './driver.js';
import { normalised, type QueryLog } from './log.js';

const prefixCharsMax = 100;
const triedSynonyms = 5;

/** What suggestions are drawn from: the search engine in use, or what stands in for it. */
export interface SuggestionSources {
  search(query: DriverQuery): Promise<{ readonly total: number }>;
  complete(
    prefix: string,
    options: { readonly limit: number; readonly locale: string },
  ): Promise<readonly Suggestion[]>;
}

/** Completions from what others searched with success, then from titles, categories, brands and products. */
export function createSuggestions(
  sources: SuggestionSources,
  log: QueryLog,
  merchandising: Merchandising,
): Pick<Search, 'suggest'> {
  /** Synonyms hold here too: a word that only stands for others can be completed like any other. */
  async function synonymsLike(prefix: string, locale: string): Promise<Suggestion[]> {
    const terms = new Set<string>();
    for (const { input, terms: others } of merchandising.synonyms(locale)) {
      for (const term of input === null ? others : [input, ...others]) {
        const folded = normalised(term);
        if (folded?.startsWith(prefix)) terms.add(folded);
      }
    }
    const found: Suggestion[] = [];
    for (const text of [...terms].slice(0, triedSynonyms)) {
      const { total } = await sources.search({
        text,
        filter: {},
        categoryIds: null,
        sort: 'RELEVANCE',
        facets: [],
        limit: 0,
        offset: 0,
        locale,
        currency: 'EUR',
        storeId: null,
        taste: null,
      });
      if (total > 0) found.push({ text, kind: 'QUERY', id: null });
    }
    return found;
  }

  return {
    async suggest(prefix, { limit, locale }) {
      const typed = normalised(prefix.slice(0, prefixCharsMax));
      if (typed === null || limit === 0) return [];
      const asked: Suggestion[] = log
        .popular(typed, locale, limit)
        .map((text) => ({ text, kind: 'QUERY', id: null }));
      const [synonyms, completed] = await Promise.all([
        synonymsLike(typed, locale),
        sources.complete(prefix.slice(0, prefixCharsMax), { limit, locale }),
      ]);
      return mixed([...asked, ...synonyms, ...completed], limit);
    },
  };
}

/** Each text and kind once, and room for every kind: queries take at most half of the places while others wait. */
function mixed(candidates: readonly Suggestion[], limit: number): Suggestion[] {
  const seen = new Set<string>();
  const unique = candidates.filter(({ kind, text, id }) => {
    const key = `${kind} ${id ?? text.toLowerCase()}`;
    return !seen.has(key) && seen.add(key);
  });
  const of = (...kinds: readonly Suggestion['kind'][]): Suggestion[] =>
    unique.filter(({ kind }) => kinds.includes(kind));
  const queries = of('QUERY');
  const named = of('CATEGORY', 'BRAND');
  const products = of('PRODUCT');
  const namedPlaces = Math.min(named.length, Math.ceil(limit / 4));
  const productPlaces = Math.min(products.length, Math.ceil(limit / 4));
  const queryPlaces = Math.max(0, limit - namedPlaces - productPlaces);
  const first = [...queries.slice(0, queryPlaces), ...named.slice(0, namedPlaces)];
  return [...first, ...products.slice(0, limit - first.length), ...named.slice(namedPlaces)].slice(0, limit);
}
