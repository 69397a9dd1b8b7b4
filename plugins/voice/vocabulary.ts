import type { Catalog } from '../../src/ports/catalog.js';
import type { Merchandising } from '../../src/ports/merchandising.js';
import { inLocale } from '../../src/ports/product-details.js';
import type { VoiceVocabulary, VoiceWord } from '../../src/ports/voice.js';
import { folded, optionLabels } from './products.js';

const productWordsMax = 1_000;
const optionWordsMax = 200;
const synonymsMax = 20;
/** Products that are read; the words of more would not be among the most frequent ones anyway. */
const readMax = 50_000;
/** Assistants take no longer values. */
const wordLengthMax = 140;

/** Collects the words of the live catalog: categories and brands with the shop's synonyms, and values of options. */
export async function readVocabulary(
  catalog: Catalog,
  merchandising: Pick<Merchandising, 'synonyms'>,
  locale: string,
): Promise<VoiceVocabulary> {
  const brands = new Map<string, number>();
  const options = new Map<string, { readonly label: string; count: number }>();
  const categories = new Map<string, number>();
  let read = 0;
  for await (const products of catalog.scan()) {
    for (const product of products) {
      if (product.status !== 'ACTIVE' || !product.speakable) continue;
      if (product.brand !== null) brands.set(product.brand, (brands.get(product.brand) ?? 0) + 1);
      for (const id of product.categoryIds) categories.set(id, (categories.get(id) ?? 0) + 1);
      for (const { label } of optionLabels(product, locale)) {
        const key = folded(label);
        const option = options.get(key) ?? { label, count: 0 };
        option.count++;
        options.set(key, option);
      }
    }
    read += products.length;
    if (read >= readMax) break;
  }
  const synonyms = merchandising.synonyms(locale);
  const synonymsOf = (value: string): string[] => {
    const word = folded(value);
    const found = synonyms.flatMap(({ kind, input, terms }) => {
      if (kind === 'MULTI_WAY' && terms.some((term) => folded(term) === word)) return terms;
      // A word that is searched for instead of another: saying the other means this one.
      if (
        kind !== 'MULTI_WAY' &&
        kind !== 'NEVER' &&
        input !== null &&
        terms.some((term) => folded(term) === word)
      )
        return [input];
      return [];
    });
    return [...new Set(found.filter((term) => folded(term) !== word))].slice(0, synonymsMax);
  };
  const word = (id: string, value: string): VoiceWord => ({
    id,
    value: value.slice(0, wordLengthMax),
    synonyms: synonymsOf(value),
  });
  const named = catalog
    .categories()
    .filter(({ id }) => catalog.isPublished(id))
    .map((category) => ({
      id: `category:${category.id}`,
      value: inLocale(category.translations, locale)?.name ?? category.name,
      count: catalog.descendants(category.id).reduce((sum, id) => sum + (categories.get(id) ?? 0), 0),
    }));
  const branded = [...brands].map(([value, count]) => ({ id: `brand:${value}`, value, count }));
  const byCount = (a: { count: number; value: string }, b: { count: number; value: string }): number =>
    b.count - a.count || (a.value < b.value ? -1 : 1);
  return {
    products: distinct(
      [...named.sort(byCount), ...branded.sort(byCount)].map(({ id, value }) => word(id, value)),
    ).slice(0, productWordsMax),
    options: [...options]
      .map(([id, { label, count }]) => ({ id, value: label, count }))
      .sort(byCount)
      .slice(0, optionWordsMax)
      .map(({ id, value }) => word(id, value)),
  };
}

/** An assistant refuses a type that has a value twice. */
function distinct(words: readonly VoiceWord[]): VoiceWord[] {
  const seen = new Set<string>();
  return words.filter(({ value }) => {
    const key = folded(value);
    return key !== '' && !seen.has(key) && seen.add(key);
  });
}
