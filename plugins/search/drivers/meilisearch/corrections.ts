import { editDistance } from '../../../../src/kit/edit-distance.js';
import { editsAllowed } from '../embedded/index/spelling.js';
import { queryWords, withReplacements } from '../embedded/matching/query-words.js';
import type { Language } from '../embedded/tokens/language.js';
import { fold } from '../embedded/tokens/tokenizer.js';
import { spellingIn } from '../shared/phrases.js';
import type { IndexedProduct } from './documents.js';

/** A result with the positions of matches in its texts, in bytes. */
export interface MatchedProduct extends Partial<IndexedProduct> {
  readonly _matchesPosition?: Readonly<
    Record<string, readonly { start: number; length: number; indices?: readonly number[] }[] | undefined>
  >;
}

/** The texts in which matched words are looked up. */
export const matchedAttributes = ['title', 'brand', 'kinds', 'attributes'] as const;

/**
 * The query with its corrections, derived from its results: a word that none of the best products has was corrected to the near word that most of
 * them have. null without corrections.
 */
export function correctedBy(
  text: string,
  products: readonly MatchedProduct[],
  language: Language,
): string | null {
  const query = queryWords(text);
  const { words } = query;
  const texts = products.flatMap((product) => matchedAttributes.flatMap((name) => product[name] ?? []));
  const frequencies = new Map<string, number>();
  for (const product of products)
    for (const word of matchedWords(product)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  const replaced = new Map<number, string>();
  for (const [i, { token, quoted }] of words.entries()) {
    if (quoted) continue;
    const written = token.whole;
    const edits = editsAllowed(written);
    if (edits === 0 || !/^\p{L}+$/u.test(written)) continue;
    const stem = language.stem(written);
    // Only the last word may be incomplete.
    const isLast = i === words.length - 1;
    const isThere = (word: string): boolean =>
      (isLast ? word.startsWith(written) : word === written) || language.stem(word) === stem;
    if ([...frequencies.keys()].some(isThere)) continue;
    const meant = [...frequencies]
      .filter(([word]) => /^\p{L}+$/u.test(word) && editDistance(written, word, edits) <= edits)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
    const corrected = meant ? [meant[0]] : halvesOf(written, frequencies);
    if (corrected) replaced.set(i, corrected.map((word) => spellingIn(texts, word) ?? word).join(' '));
  }
  return withReplacements(query, replaced);
}

/** Two words that were written as one. */
function halvesOf(written: string, words: ReadonlyMap<string, number>): readonly string[] | null {
  for (let at = 2; at <= written.length - 2; at++) {
    const halves = [written.slice(0, at), written.slice(at)];
    if (halves.every((half) => words.has(half))) return halves;
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
