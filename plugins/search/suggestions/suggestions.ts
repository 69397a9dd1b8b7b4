import { LRUCache } from 'lru-cache';
import type { Contributed } from '../../../src/contributed.js';
import { atMost } from '../../../src/kit/bounded.js';
import type { Clock } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { Merchandising, Synonym } from '../../../src/ports/merchandising.js';
import type { Search, Suggestion, SuggestionSource } from '../../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverChange,
  type DriverQuery,
  plainQuery,
} from '../../../src/ports/search-driver.js';
import { normalised } from '../query-log/popular-queries.js';
import type { IsPublished, QueryLog } from '../query-log/query-log.js';
import type { RuledSearch } from '../ranking-rules.js';
import { contributedSuggestions } from './sources.js';

const prefixCharsMax = 100;
const synonymsMax = 5;
/** Words of a query that are looked up before it is suggested; a longer one is a sentence and is not. */
const wordsMax = 6;
const publishedMax = 5_000;

interface SuggestionParts {
  /** The search engine in use, or its fallback. */
  readonly engine: {
    search(query: DriverQuery): Promise<{ readonly ids: readonly string[]; readonly total: number }>;
    complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]>;
  };
  readonly log: QueryLog;
  readonly merchandising: Merchandising;
  readonly catalog: Pick<Catalog, 'watch' | 'isPublished'>;
  readonly clock: Clock;
  readonly visibility: RuledSearch['visibility'];
  readonly sources: () => readonly Contributed<SuggestionSource>[];
}

/** Completions: those of contributed sources, popular queries, synonyms, then titles, categories, brands and products. */
export function createSuggestions({
  engine,
  log,
  merchandising,
  catalog,
  clock,
  visibility,
  sources,
}: SuggestionParts): Pick<Search, 'suggest'> & { readonly isPublished: IsPublished; stop(): void } {
  /** By language and text, until a product changes. */
  const published = new LRUCache<string, boolean>(atMost(publishedMax));
  const stop = catalog.watch(() => published.clear());

  async function isPublished(text: string, locale: string): Promise<boolean> {
    const key = `${locale}\n${text}`;
    const known = published.get(key);
    if (known !== undefined) return known;
    const { total } = await engine.search({ ...plainQuery, text, locale, searchAsWritten: true });
    const found = total > 0;
    published.set(key, found);
    return found;
  }

  /** Popular queries with nothing but words that some product has which the shopper may find. */
  async function popularQueries(typed: string, options: CompletionOptions): Promise<Suggestion[]> {
    const { locale, changes, limit } = options;
    const popular = log.popular(typed, locale, limit).filter((query) => query.split(' ').length <= wordsMax);
    const shown = await Promise.all(
      popular.map(async (text) => {
        if (!(await isPublished(text, locale))) return false;
        if (changes.length === 0) return true;
        return (
          (await engine.search({ ...plainQuery, text, locale, changes, searchAsWritten: true })).total > 0
        );
      }),
    );
    return popular.filter((_, at) => shown[at]).map(asQuery);
  }

  /** Terms of synonyms that find something, since a word that only stands for others can be completed like any other. */
  async function synonymTerms(typed: string, { locale, changes }: CompletionOptions): Promise<Suggestion[]> {
    const terms = new Map<string, string>();
    for (const synonym of merchandising.synonyms(locale))
      for (const [folded, term] of suggestedTerms(synonym))
        if (folded.startsWith(typed)) terms.set(folded, term);
    const found: Suggestion[] = [];
    for (const text of [...terms.values()].slice(0, synonymsMax)) {
      const { total } = await engine.search({ ...plainQuery, text, locale, changes });
      if (total > 0) found.push(asQuery(text));
    }
    return found;
  }

  /** The contributed suggestions that name only what the shopper may find. */
  async function visible(
    suggestions: readonly Suggestion[],
    changes: readonly DriverChange[],
  ): Promise<Suggestion[]> {
    const ids = suggestions.flatMap(({ kind, id }) => (kind === 'PRODUCT' ? [id!] : []));
    const query = { ...plainQuery, filter: { ids }, changes, limit: ids.length };
    const shown = new Set(ids.length === 0 ? [] : (await engine.search(query)).ids);
    return suggestions.filter(({ kind, id }) => {
      if (kind === 'PRODUCT') return shown.has(id!);
      return kind !== 'CATEGORY' || catalog.isPublished(id!);
    });
  }

  return {
    stop,
    isPublished,
    async suggest(prefix, { limit, locale, requester }) {
      const text = prefix.slice(0, prefixCharsMax);
      const typed = normalised(text);
      if (typed === null || limit === 0) return { suggestions: [], degraded: false };
      const rules = await visibility(text, requester);
      const options = { limit, locale, changes: rules.changes };
      const from = requester ?? { shopper: null, permit: null, atMs: clock.nowMs() };
      const [contributed, popular, synonyms, completed] = await Promise.all([
        contributedSuggestions(sources(), { ...from, prefix: typed, limit, locale }),
        popularQueries(typed, options),
        synonymTerms(typed, options),
        engine.complete(text, options),
      ]);
      const added = await visible(contributed.suggestions, rules.changes);
      return {
        suggestions: mixed([...added, ...popular, ...synonyms, ...completed], limit),
        degraded: contributed.degraded || rules.degraded,
      };
    },
  };
}

/** A saved synonym changes one of thousands, so that the others are not read again. */
const readTerms = new WeakMap<Synonym, readonly (readonly [folded: string, term: string])[]>();

/** The terms of a synonym that may be suggested, normalised and as saved. Words that others are searched for instead of are none. */
function suggestedTerms(synonym: Synonym): readonly (readonly [folded: string, term: string])[] {
  let found = readTerms.get(synonym);
  if (!found) {
    const { kind, input, terms } = synonym;
    const all = kind === 'NEVER' ? [] : kind === 'ONE_WAY' ? [input ?? '', ...terms] : terms;
    found = all.flatMap((term) => {
      const folded = normalised(term);
      return folded === null ? [] : [[folded, term] as const];
    });
    readTerms.set(synonym, found);
  }
  return found;
}

const asQuery = (text: string): Suggestion => ({ text, kind: 'QUERY', id: null });

/**
 * Each text and kind once, and room for every kind: queries take at most half of the places while others wait. The last of equal
 * candidates is shown, since those of the catalog come last and the query log knows no capitals.
 */
function mixed(candidates: readonly Suggestion[], limit: number): Suggestion[] {
  const byKey = new Map<string, Suggestion>();
  for (const each of candidates) byKey.set(`${each.kind} ${each.id ?? each.text.toLowerCase()}`, each);
  const unique = [...byKey.values()];
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
