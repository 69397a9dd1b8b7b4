import { type Chunk, chunksOf } from './analyse.js';
import type { Synonyms } from './synonyms.js';
import type { TextIndex } from './text-index.js';

/** One way in which a document can satisfy a group: it holds all of the terms. */
export interface Alternative {
  readonly terms: readonly number[];
  /** 0 … 1: how sure it is that this is what was meant. */
  readonly weight: number;
  /** Not a word of the query: a completion or a correction. */
  readonly fuzzy: boolean;
  /** The synonym that brought it. */
  readonly synonym: string | null;
}

/** A word of the query with everything that stands for it. */
export interface Group {
  readonly word: string;
  /** Demanded of a full match. */
  readonly required: boolean;
  readonly alternatives: readonly Alternative[];
}

export interface QueryWord {
  readonly chunk: Chunk;
  /** The white-space separated piece of the query that it came from. */
  readonly piece: number;
}

const wordsMax = 16;
const textCharsMax = 512;
const joinedCharsMin = 4;
const weights = { parts: 0.9, runs: 0.85, joined: 0.9 };

/** The words of a query: the first 16 within the first 512 characters; the rest is not looked at. */
export function queryWords(text: string): {
  readonly pieces: readonly string[];
  readonly words: readonly QueryWord[];
} {
  const pieces = text
    .slice(0, textCharsMax)
    .split(/\s+/u)
    .filter((piece) => piece !== '')
    .slice(0, 4 * wordsMax);
  const words: QueryWord[] = [];
  for (const [piece, part] of pieces.entries()) {
    for (const chunk of chunksOf(part)) if (words.length < wordsMax) words.push({ chunk, piece });
  }
  return { pieces, words };
}

/** What each word can be found by, as written or by synonym. */
export function planGroups(index: TextIndex, words: readonly QueryWord[], synonyms: Synonyms): Group[] {
  const { stopWords } = index.words.language;
  const alternatives: Alternative[][] = words.map(({ chunk }) => written(index, chunk));
  for (let i = 0; i + 1 < words.length; i++) {
    const joined = words[i]!.chunk.whole + words[i + 1]!.chunk.whole;
    const wordId = joined.length >= joinedCharsMin ? index.words.idOf(joined) : -1;
    if (wordId < 0) continue;
    const alternative = {
      terms: [index.words.termOf(wordId)],
      weight: weights.joined,
      fuzzy: false,
      synonym: null,
    };
    alternatives[i]!.push(alternative);
    alternatives[i + 1]!.push(alternative);
  }
  for (const { from, to, text, weight } of synonyms.of(words.map(({ chunk }) => chunk.whole))) {
    const terms = termsOf(index, text);
    if (terms === null) continue;
    const alternative = { terms, weight, fuzzy: false, synonym: text };
    for (let i = from; i < to; i++) alternatives[i]!.push(alternative);
  }
  const allStop = words.every(({ chunk }) => stopWords.has(chunk.whole));
  return words.map(({ chunk }, i) => ({
    word: chunk.whole,
    required: allStop || !stopWords.has(chunk.whole),
    alternatives: alternatives[i]!,
  }));
}

function written(index: TextIndex, chunk: Chunk): Alternative[] {
  const found: Alternative[] = [];
  const whole = index.words.termOfWord(chunk.whole);
  if (whole >= 0) found.push({ terms: [whole], weight: 1, fuzzy: false, synonym: null });
  for (const [words, weight] of [
    [chunk.parts, weights.parts],
    [chunk.runs, weights.runs],
  ] as const) {
    if (words.length < 2) continue;
    const terms = words.map((word) => index.words.termOfWord(word));
    if (terms.every((term) => term >= 0))
      found.push({ terms: [...new Set(terms)], weight, fuzzy: false, synonym: null });
  }
  return found;
}

/** The terms of a phrase; null if one of its words was never indexed. */
export function termsOf(index: TextIndex, phrase: string): number[] | null {
  const terms: number[] = [];
  for (const { chunk } of queryWords(phrase).words) {
    const term = index.words.termOfWord(chunk.whole);
    if (term >= 0) {
      terms.push(term);
      continue;
    }
    if (chunk.parts.length === 0) return null;
    for (const part of chunk.parts) {
      const partTerm = index.words.termOfWord(part);
      if (partTerm < 0) return null;
      terms.push(partTerm);
    }
  }
  return terms.length > 0 ? [...new Set(terms)] : null;
}
