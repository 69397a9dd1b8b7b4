import { chunksOf } from './analyse.js';
import { breakBit, forBit } from './places.js';

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

const opens = /^[([{"“«]/u;
const closes = /[)\]},;:.!?”»]$/u;
const hasWords = /[\p{L}\p{N}]/u;

const cacheMax = 200_000;

/** Texts as words, piece by piece. */
export interface Pieces {
  /** White space separates pieces; cached by piece. */
  analyse(piece: string): Analysed;
  /** The same of a whole short text, cached as one: values of attributes come again and again. */
  analyseValue(text: string): Analysed;
}

/** `idOf` answers the number of any word, also of one that is new; `isForWord` whether it begins what something is for. */
export function createPieces(idOf: (word: string) => number, isForWord: (wordId: number) => boolean): Pieces {
  const cache = new Map<string, Analysed>();
  const values = new Map<string, Analysed>();

  function analyseAnew(piece: string): Analysed {
    const wordIds: number[] = [];
    const kinds: number[] = [];
    const places: number[] = [];
    let separated = opens.test(piece) || !hasWords.test(piece);
    for (const chunk of chunksOf(piece)) {
      wordIds.push(idOf(chunk.whole));
      kinds.push(asWritten);
      for (const part of chunk.parts) {
        wordIds.push(idOf(part));
        kinds.push(asWritten);
      }
      for (const run of chunk.runs) {
        if (chunk.parts.includes(run)) continue;
        wordIds.push(idOf(run));
        kinds.push(asRun);
      }
      for (const place of chunk.parts.length > 0 ? chunk.parts : [chunk.whole]) {
        const id = idOf(place);
        const forMark = isForWord(id) ? forBit : 0;
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
