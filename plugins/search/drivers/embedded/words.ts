import { grownBytes, grownNumbers } from './growable.js';
import type { Language } from './language.js';
import { type Analysed, createPieces } from './pieces.js';
import { createWordBeginnings, type StoredBeginnings } from './word-beginnings.js';

/** What a word is, as bits: it holds a digit, is a function word, or begins what something is for. */
export const holdsDigit = 1;
export const isStop = 2;
export const isFor = 4;

const restoredPerSlice = 10_000;

/**
 * The words of one language's texts, by number, and the term (the stem) that each is searched by. Numbers are dense
 * from 0 and keep their meaning; words are never forgotten until the index is built anew.
 */
export interface Words {
  readonly language: Language;
  count(): number;
  termCount(): number;
  /** -1 for a word that was never indexed. */
  idOf(word: string): number;
  textOf(wordId: number): string;
  termOf(wordId: number): number;
  /** The term of any word; -1 if none of its forms was ever indexed. */
  termOfWord(word: string): number;
  /** In how many documents it was seen, roughly: counted when indexed, never taken back. */
  frequency(wordId: number): number;
  seen(wordId: number): void;
  /** Analyses and takes up new words. White space separates pieces; cached by piece. */
  analyse(piece: string): Analysed;
  /** The same of a whole short text, cached as one: values of attributes come again and again. */
  analyseValue(text: string): Analysed;
  /** What a word is, as bits: `holdsDigit`, `isStop`, `isFor`. */
  flagsOf(wordId: number): number;
  /** Word ids that begin with a prefix, at most `limit`, most frequent first. The word itself is not among them. */
  completions(prefix: string, limit: number): number[];
  /** The same for words that begin with something one edit away from a prefix of at least four letters. */
  completionsNear(prefix: string, limit: number): number[];
  /** Sorts what was added since, so that completions stay fast; linear in the words. Yields between slices of work. */
  settle(): Generator<void>;
  /** Called for each new word. */
  onNew(listener: (wordId: number, word: string) => void): void;
  /** A copy of all words. */
  save(): StoredWords;
  /** Takes up what was saved, before anything else. Yields between slices of work. */
  restore(stored: StoredWords): Generator<void>;
  bytes(): number;
}

export interface StoredWords extends StoredBeginnings {
  /** By word id. */
  readonly texts: readonly string[];
  readonly termOf: Uint32Array<ArrayBuffer>;
  readonly frequencies: Uint32Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  /** By term. */
  readonly stems: readonly string[];
  readonly [name: string]: readonly string[] | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

export function createWords(language: Language): Words {
  const ids = new Map<string, number>();
  const terms = new Map<string, number>();
  const texts: string[] = [];
  let termOf = new Uint32Array(1024);
  let frequencies = new Uint32Array(1024);
  let flags = new Uint8Array(1024);
  let letters = 0;
  const beginnings = createWordBeginnings(texts, () => frequencies);
  const listeners: ((wordId: number, word: string) => void)[] = [];

  const isPlain = (word: string): boolean => !/\d/.test(word);
  const stemOf = (word: string): string => (isPlain(word) ? language.stem(word) : word);

  function add(word: string): number {
    const known = ids.get(word);
    if (known !== undefined) return known;
    const id = texts.length;
    const stem = stemOf(word);
    let term = terms.get(stem);
    if (term === undefined) {
      term = terms.size;
      terms.set(stem, term);
    }
    ids.set(word, id);
    texts.push(word);
    letters += word.length;
    termOf = grownNumbers(termOf, id + 1);
    frequencies = grownNumbers(frequencies, id + 1);
    termOf[id] = term;
    flags = grownBytes(flags, id + 1);
    flags[id] =
      (isPlain(word) ? 0 : holdsDigit) |
      (language.stopWords.has(word) ? isStop : 0) |
      (language.forWords.has(word) ? isFor : 0);
    beginnings.add(id);
    for (const listener of listeners) listener(id, word);
    return id;
  }

  const pieces = createPieces(add, (wordId) => (flags[wordId]! & isFor) !== 0);

  return {
    language,
    count: () => texts.length,
    termCount: () => terms.size,
    idOf: (word) => ids.get(word) ?? -1,
    textOf: (wordId) => texts[wordId]!,
    termOf: (wordId) => termOf[wordId]!,
    termOfWord(word) {
      const id = ids.get(word);
      return id === undefined ? (terms.get(stemOf(word)) ?? -1) : termOf[id]!;
    },
    frequency: (wordId) => frequencies[wordId]!,
    seen(wordId) {
      frequencies[wordId] = frequencies[wordId]! + 1;
    },
    flagsOf: (wordId) => flags[wordId]!,
    analyse: pieces.analyse,
    analyseValue: pieces.analyseValue,
    completions: beginnings.completions,
    completionsNear: beginnings.completionsNear,
    settle: beginnings.settle,
    save: () => ({
      texts: texts.slice(),
      termOf: termOf.slice(0, texts.length),
      frequencies: frequencies.slice(0, texts.length),
      flags: flags.slice(0, texts.length),
      stems: [...terms.keys()],
      ...beginnings.save(),
    }),
    *restore(stored) {
      for (const [id, text] of stored.texts.entries()) {
        if (id % restoredPerSlice === restoredPerSlice - 1) yield;
        ids.set(text, id);
        texts.push(text);
        letters += text.length;
      }
      for (const [term, stem] of stored.stems.entries()) {
        if (term % restoredPerSlice === restoredPerSlice - 1) yield;
        terms.set(stem, term);
      }
      termOf = stored.termOf;
      frequencies = stored.frequencies;
      flags = stored.flags;
      beginnings.restore(stored);
    },
    onNew(listener) {
      listeners.push(listener);
    },
    bytes: () =>
      termOf.byteLength + frequencies.byteLength + beginnings.bytes() + texts.length * 96 + letters,
  };
}
