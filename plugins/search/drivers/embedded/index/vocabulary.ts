import type { StoredDeletionIndex } from '../../../../../src/kit/deletion-index.js';
import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import {
  createPrefixIndex,
  type PrefixIndex,
  type StoredPrefixIndex,
} from '../../../../../src/kit/prefix-index.js';
import type { Sliced } from '../../../../../src/kit/slices.js';
import type { Language } from '../tokens/language.js';
import { createTokenCache, type TokenCache } from '../tokens/token-cache.js';
import { createSpelling, type Spelling } from './spelling.js';
import { createWordForms, type WordForms } from './word-forms.js';

/** Flags of a word. */
const hasDigit = 1;
const isStopWord = 2;
const isPurposeWord = 4;

const restoredPerSlice = 2_000;

/**
 * The words of one language's texts by number, and the term (the stem) that each is searched by. Numbers are dense from 0 and keep
 * their meaning; words stay until the index is built anew.
 */
export interface Vocabulary extends TokenCache {
  readonly language: Language;
  /** Finds words by their first letters. */
  readonly prefixes: PrefixIndex;
  readonly spelling: Spelling;
  readonly forms: WordForms;
  termCount(): number;
  /** -1 for a word that was never indexed. */
  idOf(word: string): number;
  /** Folded. */
  textOf(wordId: number): string;
  termOf(wordId: number): number;
  /** The term of any word; -1 if none of its forms was ever indexed. */
  termOfWord(word: string): number;
  /** The number of documents with a word. Documents that were changed or removed are still counted. */
  frequency(wordId: number): number;
  countDocument(wordId: number): void;
  /** A number, a stop word, or a word such as "for". */
  isFunctional(wordId: number): boolean;
  settle(): Sliced;
  save(): StoredVocabulary;
  /** Call it before anything else. */
  restore(stored: StoredVocabulary): Sliced;
}

export type StoredVocabulary = {
  /** By word id. */
  readonly texts: readonly string[];
  readonly termOf: Uint32Array<ArrayBuffer>;
  readonly frequencies: Uint32Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  /** By term. */
  readonly stems: readonly string[];
  readonly prefixes: StoredPrefixIndex;
  readonly spelling: StoredDeletionIndex;
};

export function createVocabulary(language: Language): Vocabulary {
  const ids = new Map<string, number>();
  const terms = new Map<string, number>();
  const texts: string[] = [];
  let termOf = new Uint32Array(1024);
  let frequencies = new Uint32Array(1024);
  let flags = new Uint8Array(1024);
  const prefixes = createPrefixIndex(texts, () => frequencies);
  const spelling = createSpelling(texts, (wordId) => frequencies[wordId]!);
  const forms = createWordForms(language, (word) => ids.has(word));

  const stemOf = (word: string): string => (/\d/.test(word) ? word : language.stem(word));

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
    termOf = ensureCapacity(Uint32Array, termOf, id + 1);
    frequencies = ensureCapacity(Uint32Array, frequencies, id + 1);
    flags = ensureCapacity(Uint8Array, flags, id + 1);
    termOf[id] = term;
    flags[id] =
      (/\d/.test(word) ? hasDigit : 0) |
      (language.stopWords.has(word) ? isStopWord : 0) |
      (language.purposeWords.has(word) ? isPurposeWord : 0);
    prefixes.add(id);
    spelling.add(id);
    forms.add(word, term);
    return id;
  }

  const { tokenize, tokenizeValue } = createTokenCache(
    add,
    (wordId) => (flags[wordId]! & isPurposeWord) !== 0,
  );

  return {
    language,
    prefixes,
    spelling,
    forms,
    tokenize,
    tokenizeValue,
    termCount: () => terms.size,
    idOf: (word) => ids.get(word) ?? -1,
    textOf: (wordId) => texts[wordId]!,
    termOf: (wordId) => termOf[wordId]!,
    termOfWord(word) {
      const id = ids.get(word);
      return id === undefined ? (terms.get(stemOf(word)) ?? -1) : termOf[id]!;
    },
    frequency: (wordId) => frequencies[wordId]!,
    countDocument(wordId) {
      frequencies[wordId] = frequencies[wordId]! + 1;
    },
    isFunctional: (wordId) => flags[wordId] !== 0,
    *settle() {
      yield* prefixes.settle();
      yield;
      yield* spelling.settle();
    },
    save: () => ({
      texts: texts.slice(),
      termOf: termOf.slice(0, texts.length),
      frequencies: frequencies.slice(0, texts.length),
      flags: flags.slice(0, texts.length),
      stems: [...terms.keys()],
      prefixes: prefixes.save(),
      spelling: spelling.save(),
    }),
    *restore(stored) {
      ({ termOf, frequencies, flags } = stored);
      for (const [id, text] of stored.texts.entries()) {
        if (id % restoredPerSlice === restoredPerSlice - 1) yield;
        ids.set(text, id);
        texts.push(text);
        forms.add(text, termOf[id]!);
      }
      for (const [term, stem] of stored.stems.entries()) {
        if (term % restoredPerSlice === restoredPerSlice - 1) yield;
        terms.set(stem, term);
      }
      prefixes.restore(stored.prefixes);
      spelling.restore(stored.spelling);
    },
  };
}
