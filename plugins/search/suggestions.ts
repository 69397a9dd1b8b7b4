import { LRUCache } from 'lru-cache';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Merchandising } from '../../src/ports/merchandising.js';
import type { Search, Suggestion } from '../../src/ports/search.js';
import type { DriverQuery } from './driver.js';
import { type IsPublished, normalised, type QueryLog } from './log.js';

const prefixCharsMax = 100;
const triedSynonyms = 5;
/** Words of a query that are looked up before it is suggested; a longer one is a sentence and is not. */
const wordsMax = 6;
const answeredMax = 5_000;

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
  catalog: Pick<Catalog, 'watch'>,
): Pick<Search, 'suggest'> & { readonly isPublished: IsPublished; stop(): void } {
  /** By language and text: whether a published product has all of its words, until a product changes. */
  const published = new LRUCache<string, boolean>({ max: answeredMax });
  const stop = catalog.watch(() => published.clear());

  async function isPublished(text: string, locale: string): Promise<boolean> {
    const key = `${locale}\n${text}`;
    const known = published.get(key);
    if (known !== undefined) return known;
    const { total } = await count(text, locale, true);
    const found = total > 0;
    published.set(key, found);
    return found;
  }

  /** Whether a query that shoppers typed says nothing but what some published product says, its short words too. */
  const mayBeShown = async (query: string, locale: string): Promise<boolean> =>
    query.split(' ').length <= wordsMax && (await isPublished(query, locale));

  const count = (text: string, locale: string, exact = false) =>
    sources.search({
      text,
      filter: {},
      categoryIds: null,
      changes: [],
      sort: 'RELEVANCE',
      facets: [],
      limit: 0,
      offset: 0,
      locale,
      currency: 'EUR',
      storeId: null,
      taste: null,
      exact,
    });

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
      const { total } = await count(text, locale);
      if (total > 0) found.push({ text, kind: 'QUERY', id: null });
    }
    return found;
  }

  return {
    stop,
    isPublished,
    async suggest(prefix, { limit, locale }) {
      const typed = normalised(prefix.slice(0, prefixCharsMax));
      if (typed === null || limit === 0) return [];
      const popular = log.popular(typed, locale, limit);
      const [shown, synonyms, completed] = await Promise.all([
        Promise.all(popular.map((text) => mayBeShown(text, locale))),
        synonymsLike(typed, locale),
        sources.complete(prefix.slice(0, prefixCharsMax), { limit, locale }),
      ]);
      const asked = popular.flatMap((text, at): Suggestion[] =>
        shown[at] ? [{ text, kind: 'QUERY', id: null }] : [],
      );
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
