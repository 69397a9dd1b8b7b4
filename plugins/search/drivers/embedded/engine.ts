import { languageOf } from '../../../../src/kit/language-of.js';
import { runNow, type Sliced } from '../../../../src/kit/slices.js';
import type { Suggestion } from '../../../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverAnswer,
  type DriverQuery,
  type LiveCatalog,
  plainQuery,
  type SearchDocument,
} from '../../../../src/ports/search-driver.js';
import { isFilteredBy, withoutFilterOf } from '../shared/facet-filters.js';
import { completionsOf } from './completions.js';
import { countFacet } from './facets.js';
import { createColumns } from './index/columns.js';
import { textsOf } from './index/product-texts.js';
import { createTextIndex, type StoredTextIndex, type TextIndex } from './index/text-index.js';
import { createFilter, type Test } from './matching/filter.js';
import { type Found, find } from './matching/find.js';
import { createMatches, type Matches } from './matching/match.js';
import { createLocaleSynonyms, type LocaleSynonyms } from './matching/synonyms.js';
import { bestBySort } from './ranking/ranking.js';
import { applyFactors } from './ranking/rule-factors.js';
import { languageRules } from './tokens/language.js';
import { fold } from './tokens/tokenizer.js';

const restoredPerSlice = 10_000;

/** Completions are drawn from this many of the best documents. */
const completionDocuments = 300;

interface EngineOptions {
  /** The language of products' own texts. */
  readonly language: string;
  /** If omitted, there are none. */
  readonly synonyms?: LocaleSynonyms;
}

/** The embedded search engine without background work: everything is in memory, and every call runs to its end. */
export interface Engine {
  put(document: SearchDocument): void;
  remove(id: string): void;
  /** The work that makes such a query quick; null if it is quick already. One at a time. */
  preparing(query: DriverQuery): Sliced | null;
  search(query: DriverQuery): DriverAnswer;
  complete(prefix: string, options: CompletionOptions): readonly Suggestion[];
  /** The number of documents. */
  count(): number;
  /** Packs the documents of a first fill. */
  settling(): Sliced;
  /** The same at once. */
  settle(): void;
  /** The next piece of background work; null if there is none. */
  upkeep(): Sliced | null;
  /** Restores a snapshot. Call it before anything else. */
  restoring(): Sliced;
  /** Removes documents of the snapshot that have not been put since. */
  forgetOthers(): void;
  /** The number of texts that were tokenized, because they were not in the snapshot. */
  readTexts(): number;
  /** The snapshot, which ends a first fill; null during a merge, or if something changed meanwhile. */
  save(): Sliced<StoredEngine | null>;
}

export type StoredEngine = {
  /** By document number. */
  readonly ids: readonly string[];
  readonly own: StoredTextIndex;
  readonly translated: { readonly [language: string]: StoredTextIndex };
};

/** `stored`: a snapshot. Documents that are put unchanged are not tokenized again. */
export function createEngine(options: EngineOptions, catalog: LiveCatalog, stored?: StoredEngine): Engine {
  const columns = createColumns(options.language);
  const own = createTextIndex(languageRules(options.language), stored?.own);
  /** By language: translated texts. */
  const translated = new Map<string, TextIndex>(
    Object.entries(stored?.translated ?? {}).map(([language, index]) => [
      language,
      createTextIndex(languageRules(language), index),
    ]),
  );
  const indexes = (): readonly TextIndex[] => [own, ...translated.values()];
  const { synonyms = createLocaleSynonyms() } = options;
  let matches: Matches = createMatches(1024);

  function indexesFor(locale: string): readonly TextIndex[] {
    const index = translated.get(languageOf(locale));
    return index && index.documents() > 0 ? [index, own] : [own];
  }

  function scratch(): Matches {
    if (matches.size < columns.size()) matches = createMatches(Math.ceil(columns.size() * 1.5));
    return matches;
  }

  function findFor(query: DriverQuery, passes: Test, typing: boolean): Found {
    return find({
      columns,
      indexes: indexesFor(query.locale),
      synonyms: synonyms.of(query.locale),
      matches: scratch(),
      query,
      passes,
      typing,
    });
  }

  function* settling(): Sliced {
    for (const index of indexes()) yield* index.merge();
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
          index = createTextIndex(languageRules(language));
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
    preparing: ({ sort, locale }) => (sort === 'TITLE' ? columns.titles.sorting(locale) : null),
    search(query) {
      const found = findFor(query, createFilter(columns, catalog, query), false);
      if (query.sort === 'RELEVANCE') applyFactors(columns, catalog, found, query);
      const ids = bestBySort(columns, catalog, found, query).map((document) => columns.idOf(document));
      return {
        ids,
        total: found.documents.length,
        facets: query.facets.map((name) => {
          // Counts a facet as if its own filter were not there.
          const over = isFilteredBy(query, name) ? withoutFilterOf(query, name) : query;
          const { documents } =
            over === query ? found : findFor(over, createFilter(columns, catalog, over), false);
          return countFacet(columns, catalog, query, name, documents);
        }),
        correctedQuery: found.correctedQuery,
        appliedSynonyms: found.appliedSynonyms,
      };
    },
    complete(prefix, { limit, locale, changes }) {
      if (fold(prefix).trim() === '') return [];
      const query: DriverQuery = { ...plainQuery, text: prefix, changes, limit: completionDocuments, locale };
      const passes = createFilter(columns, catalog, query);
      const found = findFor(query, passes, !/\s$/u.test(prefix));
      const documents = bestBySort(columns, catalog, found, query);
      const index = indexesFor(locale)[0]!;
      const { expansions } = found;
      return completionsOf({
        columns,
        index,
        catalog,
        locale,
        limit,
        prefix,
        documents,
        expansions,
        passes: changes.length === 0 ? null : passes,
      });
    },
    count: () => columns.count(),
    settling,
    settle() {
      runNow(settling());
    },
    upkeep() {
      for (const index of indexes()) if (index.needsMerge()) return index.merge();
      return null;
    },
    *restoring() {
      for (const [number, id] of (stored?.ids ?? []).entries()) {
        if (number % restoredPerSlice === restoredPerSlice - 1) yield;
        columns.numberFor(id);
      }
      for (const index of indexes()) yield* index.restore();
    },
    forgetOthers() {
      for (let document = 0; document < columns.size(); document++) {
        if (columns.exists(document)) continue;
        for (const index of indexes()) index.remove(document);
      }
    },
    readTexts: () => indexes().reduce((sum, index) => sum + index.readTexts(), 0),
    *save() {
      const ids = Array.from({ length: columns.size() }, (_, document) => columns.idOf(document));
      yield;
      const saved = yield* own.save();
      if (!saved) return null;
      const others: Record<string, StoredTextIndex> = {};
      for (const [language, index] of translated) {
        const other = yield* index.save();
        if (!other) return null;
        others[language] = other;
      }
      return { ids, own: saved, translated: others };
    },
  };
}
