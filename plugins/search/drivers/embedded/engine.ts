import type { Suggestion } from '../../../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverAnswer,
  type DriverQuery,
  type DriverSynonym,
  type LiveCatalog,
  plainQuery,
  type SearchDocument,
} from '../../../../src/ports/search-driver.js';
import { isFilteredBy, withoutFilterOf } from '../facet-filters.js';
import { fold } from './analyse.js';
import { createColumns } from './columns.js';
import { completionsOf } from './complete.js';
import { textsOf } from './documents.js';
import { countFacet } from './facets.js';
import { applyFactors } from './factors.js';
import { createFilter, type Test } from './filter.js';
import { type Found, find } from './find.js';
import { knowledgeOf, languageOf } from './language.js';
import { createMatches, type Matches } from './match.js';
import { bestBySort } from './order.js';
import type { Stored } from './snapshot-file.js';
import { createSynonyms, type Synonyms, synonymsFor } from './synonyms.js';
import { createTextIndex, type StoredTextIndex, type TextIndex } from './text-index.js';

const restoredPerSlice = 10_000;

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
  /** What has to run before such a query is quick; null: nothing. One at a time. Yields between slices of work. */
  preparing(query: DriverQuery): Generator<void> | null;
  search(query: DriverQuery): DriverAnswer;
  complete(prefix: string, options: CompletionOptions): readonly Suggestion[];
  /** Documents in it. */
  count(): number;
  /** Packs what was put so far, after a first fill. Yields between slices of work. */
  settling(): Generator<void>;
  /** The same at once. */
  settle(): void;
  /** The next piece of background work; null when there is nothing to do. Yields between slices of work. */
  upkeep(): Generator<void> | null;
  /** Takes up what was saved, before anything else. Yields between slices of work. */
  restoring(): Generator<void>;
  /** Forgets what was saved of documents that have not been put since. */
  forgetOthers(): void;
  /** How many texts were read, and not found to be what was saved. */
  readTexts(): number;
  /** The texts as they were read, to be kept; null when they are filled, merged or changed on the way. Yields between slices. */
  save(): Generator<void, StoredEngine | null>;
  /** About how much memory it holds. */
  bytes(): number;
}

export interface StoredEngine {
  /** By document number. */
  readonly ids: readonly string[];
  readonly own: StoredTextIndex;
  readonly translated: { readonly [language: string]: StoredTextIndex };
  readonly [name: string]: Stored;
}

/** `stored`: documents that are put as they were need not be read again. */
export function createEngine(options: EngineOptions, catalog: LiveCatalog, stored?: StoredEngine): Engine {
  const columns = createColumns(options.language);
  const own = createTextIndex(knowledgeOf(options.language), stored?.own);
  /** By language: the texts of products that have a translation into it. */
  const translated = new Map<string, TextIndex>(
    Object.entries(stored?.translated ?? {}).map(([language, index]) => [
      language,
      createTextIndex(knowledgeOf(language), index),
    ]),
  );
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
    preparing: ({ sort, locale }) => (sort === 'TITLE' ? columns.titles.sorting(locale) : null),
    search(query) {
      const found = findFor(query, createFilter(columns, catalog, query), false);
      if (query.sort === 'RELEVANCE') applyFactors(columns, catalog, found, query);
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
    complete(prefix, { limit, locale, changes }) {
      if (fold(prefix).trim() === '') return [];
      const query: DriverQuery = { ...plainQuery, text: prefix, changes, limit: completionDocuments, locale };
      const passes = createFilter(columns, catalog, query);
      const found = findFor(query, passes, !/\s$/u.test(prefix));
      const documents = bestBySort(columns, found, query);
      const index = indexesFor(locale)[0]!;
      const { meant } = found;
      return completionsOf({
        columns,
        index,
        catalog,
        locale,
        limit,
        prefix,
        documents,
        meant,
        passes: changes.length === 0 ? null : passes,
      });
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
    *restoring() {
      for (const [number, id] of (stored?.ids ?? []).entries()) {
        if (number % restoredPerSlice === restoredPerSlice - 1) yield;
        columns.numberFor(id);
      }
      for (const index of [own, ...translated.values()]) yield* index.restore();
    },
    forgetOthers() {
      for (let document = 0; document < columns.size(); document++) {
        if (columns.exists(document)) continue;
        for (const index of [own, ...translated.values()]) index.remove(document);
      }
    },
    readTexts: () => [own, ...translated.values()].reduce((sum, index) => sum + index.readTexts(), 0),
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
    bytes: () =>
      columns.bytes() + [own, ...translated.values()].reduce((sum, index) => sum + index.bytes(), 0),
  };
}
