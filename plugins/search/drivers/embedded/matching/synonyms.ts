import { LRUCache } from 'lru-cache';
import { languageOf } from '../../../../../src/kit/language-of.js';
import type { Synonym } from '../../../../../src/ports/merchandising.js';
import { nearest } from '../index/spelling.js';
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
  /** The word with synonyms that a misspelt one is nearest to; null without one. */
  near(word: string): string | null;
  /** The number of terms that a term is a synonym of, also of those that are too many to be used. */
  count(term: string): number;
}

/** The number of terms that a term is replaced by. */
export const termsPerWordMax = 50;

const localesMax = 100;

/** Synonyms by locale: those of the locale, of its language, and of all languages. For `*`, those of any locale. */
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
        const held = synonyms.filter(
          (synonym) => locale === '*' || ['*', locale, language].includes(synonym.locale),
        );
        found = createSynonyms(held, languageRules(language));
        byLocale.set(locale, found);
      }
      return found;
    },
  };
}

/** A synonym for look-up: each term that is replaced, and the terms that replace it, in words. */
interface ReadSynonym {
  readonly inputs: readonly (readonly string[])[];
  readonly outputs: readonly (readonly string[])[];
}

/** A saved synonym changes one of thousands, so that the others are not read again. */
const read = new WeakMap<Synonym, ReadSynonym>();

const wordsOf = (text: string): string[] => queryWords(text).words.map(({ token }) => token.whole);

function readOf(synonym: Synonym): ReadSynonym {
  let found = read.get(synonym);
  if (!found) {
    const { kind, input, terms } = synonym;
    const outputs = terms.map(wordsOf).filter((words) => words.length > 0);
    found = { inputs: kind === 'ONE_WAY' ? [wordsOf(input ?? '')] : outputs, outputs };
    read.set(synonym, found);
  }
  return found;
}

export function createSynonyms(synonyms: readonly Synonym[], language: Language): Synonyms {
  const replacements = new Map<string, Set<string>>();
  const single = new Set<string>();
  let wordsMax = 0;
  const keyOf = (words: readonly string[]): string =>
    words.map((word) => (/\d/.test(word) ? word : language.stem(word))).join(' ');

  for (const { inputs, outputs } of synonyms.map(readOf)) {
    for (const words of inputs) {
      const key = keyOf(words);
      const others = outputs.filter((output) => keyOf(output) !== key);
      if (words.length === 0 || others.length === 0) continue;
      const texts = replacements.get(key) ?? new Set<string>();
      for (const other of others) texts.add(other.join(' '));
      replacements.set(key, texts);
      if (words.length === 1) single.add(words[0]!);
      wordsMax = Math.max(wordsMax, words.length);
    }
  }

  return {
    near: (word) => nearest(word, single),
    count: (term) => replacements.get(keyOf(wordsOf(term)))?.size ?? 0,
    of(words) {
      if (replacements.size === 0) return [];
      const applied: AppliedSynonym[] = [];
      for (let from = 0; from < words.length; from++) {
        for (let to = from + 1; to <= words.length && to - from <= wordsMax; to++) {
          const texts = replacements.get(keyOf(words.slice(from, to))) ?? [];
          for (const text of [...texts].slice(0, termsPerWordMax)) applied.push({ from, to, text });
        }
      }
      return applied;
    },
  };
}

/** The parts of a synonym that a driver cannot apply, as messages for merchandisers: it replaces each term by at most `most` others. */
export function synonymLimits(synonym: Synonym, known: LocaleSynonyms, most: number): readonly string[] {
  const { kind, input, terms, locale } = synonym;
  const sources = kind === 'ONE_WAY' ? [input ?? ''] : terms;
  const wordless = [...new Set([...sources, ...terms])].filter((term) => wordsOf(term).length === 0);
  const { count } = known.of(locale);
  return [
    ...wordless.map((term) => `"${term}" has no word that can be searched for`),
    ...sources
      .filter((source) => count(source) > most)
      .map((source) => `"${source}" has ${count(source)} synonyms in all: searching it uses ${most} of them`),
  ];
}
