import type { TextIndex } from '../index/text-index.js';
import type { Token } from '../tokens/tokenizer.js';
import { sameMeasures } from '../tokens/units.js';
import type { Test } from './filter.js';
import { type QueryWord, queryWords } from './query-words.js';
import { type Synonyms, synonymWeight } from './synonyms.js';

/** One way in which a document can match a group: it has all terms. */
export interface Alternative {
  readonly terms: readonly number[];
  /** The confidence that this was meant, 0 to 1. */
  readonly weight: number;
  /** A completion or a correction. */
  readonly fuzzy: boolean;
  /** The synonym that added it. */
  readonly synonym: string | null;
}

/** A word of the query with its alternatives. */
export interface Group {
  readonly word: string;
  /** A full match has it. */
  readonly required: boolean;
  readonly alternatives: readonly Alternative[];
}

/** A query for one index. */
export interface QueryPlan {
  readonly index: TextIndex;
  readonly groups: Group[];
  /** The test of quotes and minus; null without any. */
  readonly phrases: Test | null;
}

const joinedCharsMin = 4;
/** An amount and its unit in one word. */
const measure = /^(\d[\d.⁄]*)([a-z]+)$/;
const weights = { parts: 0.9, runs: 0.85, joined: 0.9, measure: 1 };

/** The groups of a query: each word as written and by synonym. */
export function planGroups(index: TextIndex, words: readonly QueryWord[], synonyms: Synonyms): Group[] {
  const { stopWords } = index.vocabulary.language;
  const alternatives: Alternative[][] = words.map(({ token }) => written(index, token));
  for (let i = 0; i + 1 < words.length; i++) {
    const joined = words[i]!.token.whole + words[i + 1]!.token.whole;
    const term = joined.length >= joinedCharsMin ? index.vocabulary.termOfWord(joined) : -1;
    if (term < 0) continue;
    const alternative = { terms: [term], weight: weights.joined, fuzzy: false, synonym: null };
    alternatives[i]!.push(alternative);
    alternatives[i + 1]!.push(alternative);
  }
  for (const [i, { token }] of words.entries()) {
    const [, amount = token.whole, unit] = measure.exec(token.whole) ?? [];
    const isApart = unit === undefined;
    if (isApart && !/^[\d.⁄]+$/.test(amount)) continue;
    const measures = measuresOf(index, amount, unit ?? words[i + 1]?.token.whole ?? '');
    alternatives[i]!.push(...measures);
    if (isApart) alternatives[i + 1]?.push(...measures);
  }
  const wholes = words.map(({ token }) => token.whole);
  for (const { from, to, alternative } of synonymsIn(index, synonyms, wholes))
    for (let i = from; i < to; i++) alternatives[i]!.push(alternative);
  const allStop = words.every(({ token }) => stopWords.has(token.whole));
  return words.map(({ token }, i) => ({
    word: token.whole,
    required: allStop || !stopWords.has(token.whole),
    alternatives: alternatives[i]!,
  }));
}

/** An amount with all names of its unit, as one word and as two: "12v" and "12 volt". Empty if the word is no unit. */
function measuresOf(index: TextIndex, amount: string, unit: string): Alternative[] {
  return sameMeasures(index.vocabulary.language.code, amount, unit)
    .flatMap(([same, name]) => [[same + name], [same, name]])
    .map((words) => words.map((word) => index.vocabulary.termOfWord(word)))
    .filter((terms) => terms.every((term) => term >= 0))
    .map((terms) => ({ terms, weight: weights.measure, fuzzy: false, synonym: null }));
}

function written(index: TextIndex, token: Token): Alternative[] {
  const found: Alternative[] = [];
  const whole = index.vocabulary.termOfWord(token.whole);
  if (whole >= 0) found.push({ terms: [whole], weight: 1, fuzzy: false, synonym: null });
  for (const [words, weight] of [
    [token.parts, weights.parts],
    [token.runs, weights.runs],
  ] as const) {
    if (words.length < 2) continue;
    const terms = words.map((word) => index.vocabulary.termOfWord(word));
    if (terms.every((term) => term >= 0))
      found.push({ terms: [...new Set(terms)], weight, fuzzy: false, synonym: null });
  }
  return found;
}

/** The synonyms of words from `from` to `to` (exclusive) that the index has. */
export function synonymsIn(
  index: TextIndex,
  synonyms: Synonyms,
  words: readonly string[],
): { readonly from: number; readonly to: number; readonly alternative: Alternative }[] {
  return synonyms.of(words).flatMap(({ from, to, text }) => {
    const terms = termsOf(index, text);
    const alternative = { terms: terms ?? [], weight: synonymWeight, fuzzy: false, synonym: text };
    return terms === null ? [] : [{ from, to, alternative }];
  });
}

/** The terms of a phrase; null if one of its words was never indexed. */
function termsOf(index: TextIndex, phrase: string): number[] | null {
  const terms: number[] = [];
  for (const { token } of queryWords(phrase).words) {
    const term = index.vocabulary.termOfWord(token.whole);
    if (term >= 0) {
      terms.push(term);
      continue;
    }
    if (token.parts.length === 0) return null;
    for (const part of token.parts) {
      const partTerm = index.vocabulary.termOfWord(part);
      if (partTerm < 0) return null;
      terms.push(partTerm);
    }
  }
  return terms.length > 0 ? [...new Set(terms)] : null;
}
