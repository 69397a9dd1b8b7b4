import { type Token, tokenize } from '../tokens/tokenizer.js';

export interface QueryWord {
  readonly token: Token;
  /** The number of the piece that it is in. */
  readonly piece: number;
  /** In quotes: it is neither completed nor corrected. */
  readonly quoted: boolean;
}

/** A query as it is read. */
export interface QueryWords {
  /** Texts between white space, and texts in quotes. */
  readonly pieces: readonly string[];
  /** The first 16 words. The others are ignored. */
  readonly words: readonly QueryWord[];
  /** Texts in quotes, of which products have all words one after another. */
  readonly phrases: readonly string[];
  /** Texts after a minus, which no product may have. */
  readonly excluded: readonly string[];
}

const wordsMax = 16;
const textCharsMax = 512;

/** A quote ends a piece, so that the sign of an inch is none. */
const pieceAt = /[-−–]?["“”„«][^"“”„«»]+["“”»](?!\S)|\S+/gu;
/** A minus before a digit belongs to a number. */
const minus = /^[-−–](?=[\p{L}"“”„«])/u;
const quotes = /["“”„«»]/g;
const quoted = /^["“”„«].+["“”»]$/u;

/** "2 x 4 x 8" is "2x4x8". */
const spacedDimensions = /(?<=\d) [x×] (?=\d)/g;

/** Reads the first 512 characters of a query. Texts after a minus are excluded if there are other words. */
export function queryWords(text: string): QueryWords {
  const joined = text.slice(0, textCharsMax).replace(spacedDimensions, 'x');
  const all = (joined.match(pieceAt) ?? []).slice(0, 4 * wordsMax);
  const excludes = all.some((piece) => !minus.test(piece) && tokenize(piece).length > 0);
  const words: QueryWord[] = [];
  const phrases: string[] = [];
  const excluded: string[] = [];
  for (const [piece, written] of all.entries()) {
    const positive = written.replace(minus, '');
    const isQuoted = quoted.test(positive);
    const plain = isQuoted ? positive.replace(quotes, ' ').trim() : positive;
    if (excludes && positive !== written) {
      excluded.push(plain);
      continue;
    }
    if (isQuoted) phrases.push(plain);
    for (const part of plain.split(/\s+/u))
      for (const token of tokenize(part))
        if (words.length < wordsMax) words.push({ token, piece, quoted: isQuoted });
  }
  return { pieces: all, words, phrases, excluded };
}

/** The query with some of its words replaced; null if none is. Pieces without replaced words stay as they were written. */
export function withReplacements(
  { pieces, words }: QueryWords,
  replaced: ReadonlyMap<number, string>,
): string | null {
  if (replaced.size === 0) return null;
  const texts = pieces.map((piece, p) => {
    const inPiece = [...words.entries()].filter(([, word]) => word.piece === p);
    if (!inPiece.some(([i]) => replaced.has(i))) return piece;
    return inPiece.map(([i, { token }]) => replaced.get(i) ?? token.whole).join(' ');
  });
  return texts.join(' ');
}
