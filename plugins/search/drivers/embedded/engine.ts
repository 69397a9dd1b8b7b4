import type { Suggestion } from '../../../../src/ports/search.js';
import type { DriverAnswer, DriverQuery, DriverSynonym, LiveCatalog, SearchDocument } from '../../driver.js';
import { isFilteredBy, withoutFilterOf } from '../facet-filters.js';
import { fold } from './analyse.js';
import { createColumns } from './columns.js';
import { completionsOf } from './complete.js';
import { textsOf } from './documents.js';
import { countFacet } from './facets.js';
import { createFilter, type Test } from './filter.js';
import { type Found, find } from './find.js';
import { knowledgeOf, languageOf } from './language.js';
import { createMatches, type Matches } from './match.js';
import { bestBySort } from './order.js';
import { createSynonyms, type Synonyms, synonymsFor } from './synonyms.js';
import { createTextIndex, type TextIndex } from './text-index.js';

/** How many of the best documents completions are drawn from. */
const completionDocuments = 300;

export interface EngineOptions {
  /** The language of products' own texts. */
  readonly language: string;
}

/** The embedded search engine without its background work: everything in memory, every call runs to its end. */
export interface Engine {
  put(document: SearchDocument): void;
  remove(id: string): void;
  setSynonyms(synonyms: readonly DriverSynonym[]): void;
  search(query: DriverQuery): DriverAnswer;
  complete(
    prefix: string,
    options: { readonly limit: number; readonly locale: string },
  ): readonly Suggestion[];
  /** Documents in it. */
  count(): number;
  /** Packs what was put so far, after a first fill. Yields between slices of work. */
  settling(): Generator<void>;
  /** The same at once. */
  settle(): void;
  /** The next piece of background work; null when there is nothing to do. Yields between slices of work. */
  upkeep(): Generator<void> | null;
  /** About how much memory it holds. */
  bytes(): number;
}

export function createEngine(options: EngineOptions, catalog: LiveCatalog): Engine {
  const columns = createColumns();
  const own = createTextIndex(knowledgeOf(options.language));
  /** By language: the texts of products that have a translation into it. */
  const translated = new Map<string, TextIndex>();
  let synonyms: readonly DriverSynonym[] = [];
  const compiled = new Map<string, Synonyms>();
  let matches: Matches = createMatches(1024);

  function indexesFor(locale: string): readonly TextIndex[] {
    const index = translated.get(languageOf(locale));
    return index && index.documents() > 0 ? [index, own] : [own];
  }

  function synonymsOf(locale: string): Synonyms {
    let found = compiled.get(locale);
    if (!found) {
      found = createSynonyms(synonymsFor(synonyms, locale), knowledgeOf(languageOf(locale)));
      if (compiled.size >= 100) compiled.clear();
      compiled.set(locale, found);
    }
    return found;
  }

  function scratch(): Matches {
    if (matches.size < columns.size()) matches = createMatches(Math.ceil(columns.size() * 1.5));
    return matches;
  }

  function findFor(query: DriverQuery, passes: Test, typing: boolean): Found {
    return find({
      columns,
      indexes: indexesFor(query.locale),
      synonyms: synonymsOf(query.locale),
      matches: scratch(),
      query,
      passes,
      typing,
    });
  }

  function* settling(): Generator<void> {
    for (const index of [own, ...translated.values()]) yield* index.merge();
  }

  return {
    put(document) {
      const { product } = document;
      const number = columns.numberFor(product.id);
      columns.set(number, product);
      own.put(number, textsOf(document, null));
      const languages = new Map<string, string>();
      for (const locale of Object.keys(product.translations).sort((a, b) => b.length - a.length)) {
        languages.set(languageOf(locale), locale);
      }
      for (const [language, locale] of languages) {
        let index = translated.get(language);
        if (!index) {
          index = createTextIndex(knowledgeOf(language));
          translated.set(language, index);
        }
        index.put(number, textsOf(document, locale));
      }
      for (const [language, index] of translated) if (!languages.has(language)) index.remove(number);
    },
    remove(id) {
      const number = columns.numberOf(id);
      if (number < 0) return;
      columns.remove(number);
      own.remove(number);
      for (const index of translated.values()) index.remove(number);
    },
    setSynonyms(all) {
      synonyms = all;
      compiled.clear();
    },
    search(query) {
      const found = findFor(query, createFilter(columns, catalog, query), false);
      const ids = bestBySort(columns, found, query).map((document) => columns.idOf(document));
      return {
        ids,
        total: found.documents.length,
        facets: query.facets.map((name) => {
          // A facet that is filtered by is counted over what there would be without.
          const over = isFilteredBy(query, name) ? withoutFilterOf(query, name) : query;
          const { documents } =
            over === query ? found : findFor(over, createFilter(columns, catalog, over), false);
          return countFacet(columns, catalog, query, name, documents);
        }),
        correctedQuery: found.correctedQuery,
        appliedSynonyms: found.appliedSynonyms,
      };
    },
    complete(prefix, { limit, locale }) {
      if (fold(prefix).trim() === '') return [];
      const query: DriverQuery = {
        text: prefix,
        filter: {},
        categoryIds: null,
        sort: 'RELEVANCE',
        facets: [],
        limit: completionDocuments,
        offset: 0,
        locale,
        currency: '',
        storeId: null,
        taste: null,
      };
      const found = findFor(query, columns.exists, !/\s$/u.test(prefix));
      const documents = bestBySort(columns, found, query);
      const index = indexesFor(locale)[0]!;
      return completionsOf({ columns, index, catalog, locale, limit, prefix, documents, meant: found.meant });
    },
    count: () => columns.count(),
    settling,
    settle() {
      for (const working = settling(); !working.next().done; );
    },
    upkeep() {
      for (const index of [own, ...translated.values()]) if (index.isGrown()) return index.merge();
      return null;
    },
    bytes: () =>
      columns.bytes() + [own, ...translated.values()].reduce((sum, index) => sum + index.bytes(), 0),
  };
}
