import { boundaryFlag, purposeFlag } from './token-flags.js';
import { tokenize } from './tokenizer.js';

/** The words of a text. */
export interface TokenizedText {
  /** Word ids to index. */
  readonly wordIds: readonly number[];
  /** By word id above: its weight, less for a run of letters or digits within a word. */
  readonly weights: readonly number[];
  /** Word ids in text order, with flags (`token-flags.ts`). */
  readonly positions: readonly number[];
  /** Punctuation parts the last word from what follows. */
  readonly endsAtBoundary: boolean;
}

const runWeight = 0.5;
const opening = /^[([{"“«]/u;
const closing = /[)\]},;:.!?”»]$/u;
const letterOrDigit = /[\p{L}\p{N}]/u;
const cacheMax = 200_000;

/** Tokenizes texts and caches the result, since most texts of a catalog come again and again. */
export interface TokenCache {
  /** `text` has no white space. */
  tokenize(text: string): TokenizedText;
  /** A whole short text, such as the value of an attribute, cached as one. */
  tokenizeValue(text: string): TokenizedText;
}

/** `idOf` numbers any word, new ones too. `isPurpose`: whether a word begins what something is for. */
export function createTokenCache(
  idOf: (word: string) => number,
  isPurpose: (wordId: number) => boolean,
): TokenCache {
  const texts = new Map<string, TokenizedText>();
  const values = new Map<string, TokenizedText>();

  function compute(text: string): TokenizedText {
    const wordIds: number[] = [];
    const weights: number[] = [];
    const positions: number[] = [];
    const add = (word: string, weight: number): void => {
      wordIds.push(idOf(word));
      weights.push(weight);
    };
    let atBoundary = opening.test(text) || !letterOrDigit.test(text);
    for (const { whole, parts, runs } of tokenize(text)) {
      add(whole, 1);
      for (const part of parts) add(part, 1);
      for (const run of runs) if (!parts.includes(run) && !isLetter(run)) add(run, runWeight);
      for (const word of parts.length > 0 ? parts : [whole]) {
        const id = idOf(word);
        const flags = (isPurpose(id) ? purposeFlag : 0) | (atBoundary ? boundaryFlag : 0);
        positions.push((id | flags) >>> 0);
        atBoundary = false;
      }
      // "black,white" are two things to say; "keyboard/mouse cable" shares the word that follows.
      atBoundary = !text.includes('/');
    }
    return { wordIds, weights, positions, endsAtBoundary: closing.test(text) || positions.length === 0 };
  }

  function tokenizePiece(text: string): TokenizedText {
    const known = texts.get(text);
    if (known) return known;
    const tokenized = compute(text);
    if (texts.size >= cacheMax) texts.clear();
    // A substring would keep the whole text it was cut from alive.
    texts.set(Buffer.from(text).toString(), tokenized);
    return tokenized;
  }

  return {
    tokenize: tokenizePiece,
    tokenizeValue(text) {
      const known = values.get(text);
      if (known) return known;
      const all: TokenizedText[] = [];
      eachPiece(text, (piece) => all.push(tokenizePiece(piece)));
      const tokenized: TokenizedText = {
        wordIds: all.flatMap(({ wordIds }) => wordIds),
        weights: all.flatMap(({ weights }) => weights),
        positions: all.flatMap(({ positions }) => positions),
        endsAtBoundary: true,
      };
      if (values.size >= cacheMax) values.clear();
      values.set(text, tokenized);
      return tokenized;
    },
  };
}

/** A letter within a code is no word: "C2G" has nothing to do with USB-C. */
function isLetter(run: string): boolean {
  return run.length === 1 && !/\d/.test(run);
}

/** Calls back with each part of a text between white space. */
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
