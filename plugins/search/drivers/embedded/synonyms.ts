import type { DriverSynonym } from '../../../../src/ports/search-driver.js';
import { type Language, languageOf } from './language.js';
import { queryWords } from './plan.js';

export interface AppliedSynonym {
  /** The words of the query it stands for: from, to (exclusive). */
  readonly from: number;
  readonly to: number;
  /** Folded, one space between words. */
  readonly text: string;
  readonly weight: number;
}

/** Synonyms ready to be found in queries. Only words that were written are replaced, so circles end at once. */
export interface Synonyms {
  of(words: readonly string[]): readonly AppliedSynonym[];
  /** Every term there is, as it was entered. */
  terms(): readonly string[];
}

/** How many others a term is replaced by. */
export const termsPerWordMax = 50;

export const noSynonyms: Synonyms = { of: () => [], terms: () => [] };

/** Those that hold in a locale: of all languages, of its own, of it. */
export function synonymsFor(all: readonly DriverSynonym[], locale: string): readonly DriverSynonym[] {
  const language = languageOf(locale);
  return all.filter(
    (synonym) => synonym.locale === '*' || synonym.locale === locale || synonym.locale === language,
  );
}

export function createSynonyms(synonyms: readonly DriverSynonym[], language: Language): Synonyms {
  const replacements = new Map<string, Map<string, number>>();
  const entered = new Set<string>();
  let wordsMax = 0;
  const wordsOf = (text: string): string[] => queryWords(text).words.map(({ chunk }) => chunk.whole);
  const keyOf = (words: readonly string[]): string =>
    words.map((word) => (/\d/.test(word) ? word : language.stem(word))).join(' ');

  function add(input: string, outputs: readonly string[], weight: number): void {
    const words = wordsOf(input);
    if (words.length === 0) return;
    const key = keyOf(words);
    const set = replacements.get(key) ?? new Map<string, number>();
    for (const output of outputs) {
      const outputWords = wordsOf(output);
      if (outputWords.length > 0 && keyOf(outputWords) !== key && set.size < termsPerWordMax) {
        const text = outputWords.join(' ');
        set.set(text, Math.max(weight, set.get(text) ?? 0));
      }
    }
    if (set.size === 0) return;
    replacements.set(key, set);
    wordsMax = Math.max(wordsMax, words.length);
  }

  for (const synonym of synonyms) {
    if (synonym.kind === 'ONE_WAY') {
      if (synonym.input !== null) {
        add(synonym.input, synonym.terms, synonym.weight);
        entered.add(synonym.input);
      }
    } else {
      for (const term of synonym.terms) add(term, synonym.terms, synonym.weight);
    }
    for (const term of synonym.terms) entered.add(term);
  }

  return {
    of(words) {
      if (replacements.size === 0) return [];
      const applied: AppliedSynonym[] = [];
      for (let from = 0; from < words.length; from++) {
        for (let to = from + 1; to <= words.length && to - from <= wordsMax; to++) {
          for (const [text, weight] of replacements.get(keyOf(words.slice(from, to))) ?? [])
            applied.push({ from, to, text, weight });
        }
      }
      return applied;
    },
    terms: () => [...entered],
  };
}
