import { type Token, tokenize } from '../tokens/tokenizer.js';

export interface QueryWord {
  readonly token: Token;
  /** The number of the piece, separated by white space, that it is in. */
  readonly piece: number;
}

const wordsMax = 16;
const textCharsMax = 512;

/** The first 16 words of a query within its first 512 characters. The others are ignored. */
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
    for (const token of tokenize(part)) if (words.length < wordsMax) words.push({ token, piece });
  }
  return { pieces, words };
}

/** The query with some of its words replaced; null if none is. Pieces without replaced words stay as they were written. */
export function withReplacements(
  pieces: readonly string[],
  words: readonly QueryWord[],
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
