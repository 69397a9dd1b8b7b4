import { chunksOf } from './analyse.js';
import { grownBytes, grownNumbers } from './growable.js';
import type { Language } from './language.js';
import { createWordBeginnings, type StoredBeginnings } from './word-beginnings.js';

/** How a word came out of a text: as written, or as a piece of something written together. */
const asWritten = 0;
const asRun = 1;

/** What a piece of text without white space holds. */
export interface Analysed {
  /** Word ids to index. */
  readonly wordIds: readonly number[];
  /** For each: 0 as written, 1 a run of letters or digits within a word. */
  readonly kinds: readonly number[];
  /** Word ids in reading order, one for each place; with `breakBit` where punctuation parts it from the word before. */
  readonly places: readonly number[];
  /** Punctuation parts the last word from what follows. */
  readonly breaksAfter: boolean;
}

/** Marks a place whose word begins something new. */
export const breakBit = 0x80000000;

/** Marks a place whose word says what something is for. */
export const forBit = 0x40000000;

/** Marks a place whose word names nothing: a number, a function word. */
export const plainBit = 0x20000000;

export function termAt(entry: number): number {
  return entry & ~(breakBit | forBit | plainBit);
}

export function wordAt(place: number): number {
  return place & ~(breakBit | forBit);
}

export function startsNew(place: number): boolean {
  return place >= breakBit;
}

/** What a word is, as bits: it holds a digit, is a function word, or begins what something is for. */
export const holdsDigit = 1;
export const isStop = 2;
export const isFor = 4;

const opens = /^[([{"“«]/u;
const closes = /[)\]},;:.!?”»]$/u;
const hasWords = /[\p{L}\p{N}]/u;

const cacheMax = 200_000;
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
  const cache = new Map<string, Analysed>();
  const values = new Map<string, Analysed>();
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

  function analyseAnew(piece: string): Analysed {
    const wordIds: number[] = [];
    const kinds: number[] = [];
    const places: number[] = [];
    let separated = opens.test(piece) || !hasWords.test(piece);
    for (const chunk of chunksOf(piece)) {
      wordIds.push(add(chunk.whole));
      kinds.push(asWritten);
      for (const part of chunk.parts) {
        wordIds.push(add(part));
        kinds.push(asWritten);
      }
      for (const run of chunk.runs) {
        if (chunk.parts.includes(run)) continue;
        wordIds.push(add(run));
        kinds.push(asRun);
      }
      for (const place of chunk.parts.length > 0 ? chunk.parts : [chunk.whole]) {
        const id = add(place);
        const forMark = (flags[id]! & isFor) === 0 ? 0 : forBit;
        places.push((id | forMark | (separated ? breakBit : 0)) >>> 0);
        separated = false;
      }
      // "black,white" are two things to say; "keyboard/mouse cable" shares the word that follows.
      separated = !piece.includes('/');
    }
    return { wordIds, kinds, places, breaksAfter: closes.test(piece) || places.length === 0 };
  }

  function analyse(piece: string): Analysed {
    const known = cache.get(piece);
    if (known) return known;
    const analysed = analyseAnew(piece);
    if (cache.size >= cacheMax) cache.clear();
    // A substring would keep the whole text it was cut from alive.
    cache.set(Buffer.from(piece).toString(), analysed);
    return analysed;
  }

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
    analyse,
    analyseValue(text) {
      const known = values.get(text);
      if (known) return known;
      const all: Analysed[] = [];
      eachPiece(text, (piece) => all.push(analyse(piece)));
      const analysed: Analysed = {
        wordIds: all.flatMap(({ wordIds }) => wordIds),
        kinds: all.flatMap(({ kinds }) => kinds),
        places: all.flatMap(({ places }) => places),
        breaksAfter: true,
      };
      if (values.size >= cacheMax) values.clear();
      values.set(text, analysed);
      return analysed;
    },
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

/** Calls back with each piece that white space separates. */
export function eachPiece(text: string, take: (piece: string) => void): void {
  let start = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 32;
    const isSpace = code <= 32 || code === 0xa0 || code === 0x2003 || code === 0x3000;
    if (isSpace) {
      if (start >= 0) take(text.slice(start, i));
      start = -1;
    } else if (start < 0) start = i;
  }
}
