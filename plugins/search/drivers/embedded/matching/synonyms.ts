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
  /** The words that a word never stands for. */
  apartFrom(word: string): readonly string[];
}

/** The number of terms that a term is replaced by. */
export const termsPerWordMax = 50;

const localesMax = 100;

/** Synonyms by locale: those of the locale, of its language, and of all languages. For `*`, those of any locale. */
export interface LocaleSynonyms {
  /** Takes all synonyms; those that it has already are not read again. */
  set(all: readonly Synonym[]): void;
  of(locale: string): Synonyms;
}

export function createLocaleSynonyms(): LocaleSynonyms {
  const byLocale = new LRUCache<string, ChangingSynonyms>({ max: localesMax });
  let synonyms: ReadonlySet<Synonym> = new Set();

  const holdsIn = (locale: string): ((synonym: Synonym) => boolean) => {
    const language = languageOf(locale);
    return (synonym) => locale === '*' || ['*', locale, language].includes(synonym.locale);
  };

  return {
    set(all) {
      const next = new Set(all);
      const added = all.filter((synonym) => !synonyms.has(synonym));
      const removed = [...synonyms].filter((synonym) => !next.has(synonym));
      synonyms = next;
      for (const [locale, known] of byLocale.entries()) {
        const holds = holdsIn(locale);
        for (const synonym of removed) if (holds(synonym)) known.remove(synonym);
        for (const synonym of added) if (holds(synonym)) known.add(synonym);
      }
    },
    of(locale) {
      let found = byLocale.get(locale);
      if (!found) {
        const made = createSynonyms(languageRules(languageOf(locale)));
        const holds = holdsIn(locale);
        for (const synonym of synonyms) if (holds(synonym)) made.add(synonym);
        byLocale.set(locale, made);
        found = made;
      }
      return found;
    },
  };
}

interface ChangingSynonyms extends Synonyms {
  add(synonym: Synonym): void;
  remove(synonym: Synonym): void;
}

/** A synonym for look-up: each term that is replaced, and the terms that replace it, in words. */
interface ReadSynonym {
  readonly inputs: readonly (readonly string[])[];
  readonly outputs: readonly (readonly string[])[];
}

const wordsOf = (text: string): string[] => queryWords(text).words.map(({ token }) => token.whole);

function readOf({ kind, input, terms }: Synonym): ReadSynonym {
  const outputs = terms.map(wordsOf).filter((words) => words.length > 0);
  return { inputs: kind === 'ONE_WAY' ? [wordsOf(input ?? '')] : outputs, outputs };
}

/** Texts with how many synonyms have them. */
type Counted = Map<string, number>;

function count(counted: Map<string, Counted>, key: string, text: string, by: 1 | -1): void {
  const texts = counted.get(key) ?? new Map();
  const times = (texts.get(text) ?? 0) + by;
  if (times > 0) texts.set(text, times);
  else texts.delete(text);
  if (texts.size > 0) counted.set(key, texts);
  else counted.delete(key);
}

function createSynonyms(language: Language): ChangingSynonyms {
  /** By term, in stems: the terms that replace it. */
  const replacements = new Map<string, Counted>();
  /** By term, in stems: the terms that it never stands for. */
  const apart = new Map<string, Counted>();
  /** Words that have replacements. The inner map counts them. */
  const single = new Map<string, Counted>();
  let wordsMax = 0;
  const keyOf = (words: readonly string[]): string =>
    words.map((word) => (/\d/.test(word) ? word : language.stem(word))).join(' ');

  function change(synonym: Synonym, by: 1 | -1): void {
    // Replaced before a query is searched for.
    if (synonym.kind === 'REPLACE') return;
    const { inputs, outputs } = readOf(synonym);
    const target = synonym.kind === 'NEVER' ? apart : replacements;
    for (const words of inputs) {
      const key = keyOf(words);
      const others = outputs.filter((output) => keyOf(output) !== key);
      if (words.length === 0 || others.length === 0) continue;
      for (const other of others) count(target, key, other.join(' '), by);
      if (target === apart) continue;
      if (words.length === 1) count(single, words[0]!, '', by);
      wordsMax = Math.max(wordsMax, words.length);
    }
  }

  return {
    add: (synonym) => change(synonym, 1),
    remove: (synonym) => change(synonym, -1),
    near: (word) => nearest(word, single.keys()),
    count: (term) => replacements.get(keyOf(wordsOf(term)))?.size ?? 0,
    apartFrom: (word) => (apart.size === 0 ? [] : [...(apart.get(keyOf([word]))?.keys() ?? [])]),
    of(words) {
      if (replacements.size === 0) return [];
      const applied: AppliedSynonym[] = [];
      for (let from = 0; from < words.length; from++) {
        for (let to = from + 1; to <= words.length && to - from <= wordsMax; to++) {
          const key = keyOf(words.slice(from, to));
          const never = apart.get(key);
          const texts = [...(replacements.get(key)?.keys() ?? [])].filter((text) => !never?.has(text));
          for (const text of texts.slice(0, termsPerWordMax)) applied.push({ from, to, text });
        }
      }
      return applied;
    },
  };
}

/** The parts of a synonym that a driver cannot apply, as messages for merchandisers: it replaces each term by at most `most` others. */
export function synonymLimits(synonym: Synonym, known: LocaleSynonyms, most: number): readonly string[] {
  const { kind, input, terms, locale } = synonym;
  const sources = kind === 'ONE_WAY' || kind === 'REPLACE' ? [input ?? ''] : terms;
  const wordless = [...new Set([...sources, ...terms])].filter((term) => wordsOf(term).length === 0);
  const { count } = known.of(locale);
  return [
    ...wordless.map((term) => `"${term}" has no word that can be searched for`),
    ...(kind === 'ONE_WAY' || kind === 'MULTI_WAY' ? sources : [])
      .filter((source) => count(source) > most)
      .map((source) => `"${source}" has ${count(source)} synonyms in all: searching it uses ${most} of them`),
  ];
}
