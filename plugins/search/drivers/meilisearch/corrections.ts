import { editDistance } from '../../../../src/kit/edit-distance.js';
import { editsAllowed } from '../embedded/index/spelling.js';
import { queryWords, withReplacements } from '../embedded/matching/query-plan.js';
import type { Language } from '../embedded/tokens/language.js';
import { fold } from '../embedded/tokens/tokenizer.js';
import type { IndexedProduct } from './documents.js';

/** A product that was found, with where its texts matched: in bytes. */
export interface MatchedProduct extends Partial<IndexedProduct> {
  readonly _matchesPosition?: Readonly<
    Record<string, readonly { start: number; length: number; indices?: readonly number[] }[] | undefined>
  >;
}

/** The texts that are asked for to see what matched. */
export const matchedAttributes = ['title', 'brand', 'kinds', 'attributes'] as const;

/**
 * What was searched instead of a misspelt query, read from what it found: a word of the query that stands in none of the
 * best products as written was taken for the one near it that stands in most of them. null if as written.
 */
export function correctedBy(
  text: string,
  products: readonly MatchedProduct[],
  language: Language,
): string | null {
  const { pieces, words } = queryWords(text);
  const frequencies = new Map<string, number>();
  for (const product of products)
    for (const word of matchedWords(product)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  const replaced = new Map<number, string>();
  for (const [i, { token }] of words.entries()) {
    const written = token.whole;
    const edits = editsAllowed(written);
    if (edits === 0 || !/^\p{L}+$/u.test(written)) continue;
    const stem = language.stem(written);
    // Only the last word may go on.
    const goesOn = i === words.length - 1;
    const isThere = (word: string): boolean =>
      (goesOn ? word.startsWith(written) : word === written) || language.stem(word) === stem;
    if ([...frequencies.keys()].some(isThere)) continue;
    const meant = [...frequencies]
      .filter(([word]) => /^\p{L}+$/u.test(word) && editDistance(written, word, edits) <= edits)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    const text = meant?.[0] ?? halvesOf(written, frequencies);
    if (text !== null) replaced.set(i, text);
  }
  return withReplacements(pieces, words, replaced);
}

/** Two words that were written as one. */
function halvesOf(written: string, words: ReadonlyMap<string, number>): string | null {
  for (let at = 2; at <= written.length - 2; at++) {
    const halves = [written.slice(0, at), written.slice(at)];
    if (halves.every((half) => words.has(half))) return halves.join(' ');
  }
  return null;
}

/** The words of a product that matched, whole, each once. */
function matchedWords(product: MatchedProduct): Set<string> {
  const found = new Set<string>();
  for (const name of matchedAttributes) {
    const value = product[name];
    for (const { start, length, indices } of product._matchesPosition?.[name] ?? []) {
      const text = typeof value === 'string' ? value : value?.[indices?.[0] ?? 0];
      if (text === undefined) continue;
      const bytes = Buffer.from(text).subarray(start);
      const matched = bytes.subarray(0, length).toString();
      const first = /^[\p{L}\p{N}\p{M}]+/u.exec(bytes.toString())?.[0] ?? '';
      const [, ...others] = matched.split(/[^\p{L}\p{N}\p{M}]+/u);
      for (const word of [first, ...others]) if (word !== '') found.add(fold(word));
    }
  }
  return found;
}
