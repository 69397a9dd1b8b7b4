import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import { queryWords } from '../embedded/matching/query-words.js';
import { type AppliedSynonym, type Synonyms, synonymWeight } from '../embedded/matching/synonyms.js';
import type { Language } from '../embedded/tokens/language.js';
import { clean } from './documents.js';

/** A query as written, or with synonyms in place of some words. */
export interface Variant {
  readonly text: string;
  /** The confidence that it means the same, up to 1. */
  readonly weight: number;
}

export interface Variants {
  /** The query as written, then with one synonym, then with two. Never empty. */
  readonly all: readonly Variant[];
  /** The required words, as written. */
  readonly words: readonly string[];
  /** Terms that synonyms added. */
  readonly synonyms: readonly string[];
  /** Texts in quotes or after a minus, as the server reads them. */
  readonly operators: string;
}

/** Each is a search of its own on the server, so that more would take too long. */
export const variantsMax = 16;

/**
 * The query as written and with synonyms in place of its words, each to be searched by the server. The server's own synonyms know no language,
 * take effect after minutes of indexing, and some are dropped silently.
 */
export function variantsOf(query: DriverQuery, synonyms: Synonyms, language: Language): Variants {
  const { pieces, words, phrases, excluded } = queryWords(query.text);
  const wholes = words.map(({ token }) => token.whole);
  const allStop = wholes.every((word) => language.stopWords.has(word));
  const required = wholes.map((word) => allStop || !language.stopWords.has(word));

  /** Words that are not replaced stay as written, whole pieces together. Words that are not required are left out. */
  function textWith(replacements: readonly AppliedSynonym[]): string {
    const parts: string[] = [];
    let piece = -1;
    for (let i = 0; i < words.length; i++) {
      const replaced = replacements.find(({ from, to }) => i >= from && i < to);
      if (replaced) {
        if (replaced.from === i) parts.push(replaced.text);
        continue;
      }
      const of = words[i]!.piece;
      const touched = replacements.some(({ from, to }) =>
        words.slice(from, to).some((word) => word.piece === of),
      );
      if (touched) {
        if (required[i]) parts.push(wholes[i]!);
      } else if (of !== piece && words.some((word, j) => word.piece === of && required[j])) {
        parts.push(plain(pieces[of]!));
      }
      piece = of;
    }
    return parts.join(' ');
  }

  const replacements: readonly AppliedSynonym[] = synonyms.of(wholes).filter(({ text }) => text !== '');
  const apart = (a: AppliedSynonym, b: AppliedSynonym): boolean => a.to <= b.from || b.to <= a.from;
  const some = replacements.slice(0, variantsMax);
  const pairs = some.flatMap((one, i) =>
    some.slice(i + 1).flatMap((other) => (apart(one, other) ? [[one, other]] : [])),
  );
  const all = new Map<string, number>();
  const used = new Set<string>();
  for (const parts of [[], ...replacements.map((one) => [one]), ...pairs]) {
    if (all.size >= variantsMax) break;
    const text = clean(textWith(parts));
    if (all.has(text)) continue;
    all.set(text, synonymWeight ** parts.length);
    for (const part of parts) used.add(part.text);
  }
  return {
    operators: [...phrases.map((text) => ` "${text}"`), ...excluded.map((text) => ` -"${text}"`)].join(''),
    all: [...all].map(([text, weight]) => ({ text, weight })),
    words: wholes.filter((_, i) => required[i]),
    synonyms: [...used],
  };
}

/** Without signs that the server would read as operators. */
function plain(piece: string): string {
  return piece
    .replace(/["“”„«»]/g, ' ')
    .replace(/(^|\s)-+/g, '$1')
    .trim();
}
