import type { Suggestion } from '../../../../src/ports/search.js';
import type { LiveCatalog } from '../../../../src/ports/search-driver.js';
import { completedPhrases, hasWordPrefix } from '../shared/phrases.js';
import type { Columns } from './index/columns.js';
import type { TextIndex } from './index/text-index.js';
import type { Test } from './matching/filter.js';
import { fold } from './tokens/tokenizer.js';

const productsMax = 5;

interface CompletionParts {
  readonly columns: Columns;
  readonly index: TextIndex;
  readonly catalog: LiveCatalog;
  readonly locale: string;
  readonly limit: number;
  /** The text that is being typed. Its last word may be incomplete. */
  readonly prefix: string;
  /** Documents found by the prefix, best first. */
  readonly documents: readonly number[];
  /** Words that the last one was completed or corrected to. */
  readonly expansions: ReadonlySet<string>;
  /** Returns whether ranking rules leave a document visible; null without such rules. */
  readonly passes: Test | null;
}

/** Completions of a prefix: phrases that begin so in the titles it finds, then categories, brands and the products themselves. */
export function completionsOf(parts: CompletionParts): Suggestion[] {
  const { columns, index, prefix, documents, expansions, locale, limit } = parts;
  const titles = documents.map((document) => columns.titles.of(document, locale));
  const { stopWords } = index.vocabulary.language;
  const phrases = completedPhrases({ titles, prefix, stopWords, expansions, locale, limit });
  return [...phrases, ...categories(parts), ...brands(parts), ...products(parts)];
}

/** Returns whether any visible document has the brand or category that `has` looks for. */
function isShown({ columns, passes }: CompletionParts, has: (document: number) => boolean): boolean {
  if (!passes) return true;
  for (let document = 0; document < columns.size(); document++)
    if (has(document) && passes(document)) return true;
  return false;
}

function hasCategory({ categoriesOf }: Columns, document: number, id: number): boolean {
  const start = categoriesOf.start(document);
  return categoriesOf.pool(document).subarray(start, categoriesOf.end(document)).includes(id);
}

function categories(parts: CompletionParts): Suggestion[] {
  const { columns, catalog, prefix, locale, limit } = parts;
  const typed = fold(prefix).trim();
  const seen = new Set<string>();
  const found: Suggestion[] = [];
  for (let id = 1; id < columns.categories.count() && found.length < limit; id++) {
    if (columns.categoryFrequency(id) === 0) continue;
    for (const categoryId of catalog.lineage(columns.categories.textOf(id))) {
      if (seen.has(categoryId)) continue;
      const name = catalog.categoryName(categoryId, locale);
      if (!hasWordPrefix(name, typed) || !isShown(parts, (document) => hasCategory(columns, document, id)))
        continue;
      seen.add(categoryId);
      found.push({ text: name, kind: 'CATEGORY', id: categoryId });
    }
  }
  return found;
}

function brands(parts: CompletionParts): Suggestion[] {
  const { columns, prefix, limit } = parts;
  const typed = fold(prefix).trim();
  const found: { readonly text: string; readonly frequency: number }[] = [];
  for (let id = 1; id < columns.brands.count(); id++) {
    const frequency = columns.brandFrequency(id);
    const name = columns.brands.textOf(id);
    if (frequency === 0 || !hasWordPrefix(name, typed)) continue;
    if (isShown(parts, (document) => columns.brand(document) === id)) found.push({ text: name, frequency });
  }
  return found
    .sort((a, b) => b.frequency - a.frequency || (a.text < b.text ? -1 : 1))
    .slice(0, limit)
    .map(({ text }) => ({ text, kind: 'BRAND', id: null }));
}

function products({ columns, documents, locale, limit }: CompletionParts): Suggestion[] {
  return documents.slice(0, Math.min(limit, productsMax)).map((document) => ({
    text: columns.titles.of(document, locale),
    kind: 'PRODUCT',
    id: columns.idOf(document),
  }));
}
