import { LRUCache } from 'lru-cache';
import { languageOf } from '../../../../../src/kit/language-of.js';
import type { Synonym } from '../../../../../src/ports/merchandising.js';

import { type Language, languageRules } from '../tokens/language.js';
import { queryWords } from './query-words.js';

export interface AppliedSynonym {
  /** The words of the query that it stands for, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Folded, one space between words. */
  readonly text: string;
}

/** A synonym counts a little less than the word as written. */
export const synonymWeight = 0.9;

/** Synonyms for look-up in queries. Only words as written are replaced, so that circles end at once. */
export interface Synonyms {
  of(words: readonly string[]): readonly AppliedSynonym[];
}

/** The number of terms that a term is replaced by. */
export const termsPerWordMax = 50;

const localesMax = 100;

/** Synonyms by locale: those of the locale, of its language, and of all languages. */
export interface LocaleSynonyms {
  set(all: readonly Synonym[]): void;
  of(locale: string): Synonyms;
}

export function createLocaleSynonyms(): LocaleSynonyms {
  const byLocale = new LRUCache<string, Synonyms>({ max: localesMax });
  let synonyms: readonly Synonym[] = [];
  return {
    set(all) {
      synonyms = all;
      byLocale.clear();
    },
    of(locale) {
      let found = byLocale.get(locale);
      if (!found) {
        const language = languageOf(locale);
        const held = synonyms.filter((synonym) => ['*', locale, language].includes(synonym.locale));
        found = createSynonyms(held, languageRules(language));
        byLocale.set(locale, found);
      }
      return found;
    },
  };
}

export function createSynonyms(synonyms: readonly Synonym[], language: Language): Synonyms {
  const replacements = new Map<string, Set<string>>();
  let wordsMax = 0;
  const wordsOf = (text: string): string[] => queryWords(text).words.map(({ token }) => token.whole);
  const keyOf = (words: readonly string[]): string =>
    words.map((word) => (/\d/.test(word) ? word : language.stem(word))).join(' ');

  function add(input: string, outputs: readonly string[]): void {
    const words = wordsOf(input);
    if (words.length === 0) return;
    const key = keyOf(words);
    const texts = replacements.get(key) ?? new Set<string>();
    for (const output of outputs) {
      const outputWords = wordsOf(output);
      if (outputWords.length > 0 && keyOf(outputWords) !== key && texts.size < termsPerWordMax)
        texts.add(outputWords.join(' '));
    }
    if (texts.size === 0) return;
    replacements.set(key, texts);
    wordsMax = Math.max(wordsMax, words.length);
  }

  for (const { kind, input, terms } of synonyms) {
    if (kind === 'ONE_WAY') add(input ?? '', terms);
    else for (const term of terms) add(term, terms);
  }

  return {
    of(words) {
      if (replacements.size === 0) return [];
      const applied: AppliedSynonym[] = [];
      for (let from = 0; from < words.length; from++) {
        for (let to = from + 1; to <= words.length && to - from <= wordsMax; to++) {
          for (const text of replacements.get(keyOf(words.slice(from, to))) ?? [])
            applied.push({ from, to, text });
        }
      }
      return applied;
    },
  };
}
