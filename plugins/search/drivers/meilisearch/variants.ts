import type { DriverQuery } from '../../../../src/ports/search-driver.js';
import type { Language } from '../embedded/language.js';
import { queryWords } from '../embedded/plan.js';
import type { Synonyms } from '../embedded/synonyms.js';
import { clean } from './documents.js';

/** One way to ask for what a query means. */
export interface Variant {
  readonly text: string;
  /** How sure it is, up to 1. */
  readonly weight: number;
}

export interface Variants {
  /** As written first, then with synonyms, surest first. Never empty. */
  readonly all: readonly Variant[];
  /** The words that are demanded, as written. */
  readonly words: readonly string[];
  /** Terms that synonyms added. */
  readonly synonyms: readonly string[];
}

/** Each is a search of its own there: more would cost the shopper more than they find. */
export const variantsMax = 16;

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly weight: number;
}

/**
 * The query as written and with synonyms in the place of its words. The server's own synonyms know no language, take
 * effect after minutes of indexing, and drop some without a word; so we replace, and it searches each.
 */
export function variantsOf(query: DriverQuery, synonyms: Synonyms, language: Language): Variants {
  const { pieces, words } = queryWords(query.text);
  const wholes = words.map(({ chunk }) => chunk.whole);
  const allStop = wholes.every((word) => language.stopWords.has(word));
  const demanded = wholes.map((word) => allStop || !language.stopWords.has(word));

  /** Words that nothing replaces stay as they were written, whole pieces together; those not demanded go. */
  function textWith(replacements: readonly Replacement[]): string {
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
        if (demanded[i]) parts.push(wholes[i]!);
      } else if (of !== piece && words.some((word, j) => word.piece === of && demanded[j])) {
        parts.push(plain(pieces[of]!));
      }
      piece = of;
    }
    return parts.join(' ');
  }

  const replacements: readonly Replacement[] = synonyms.of(wholes).filter(({ text }) => text !== '');
  const combined: { readonly weight: number; readonly parts: readonly Replacement[] }[] = [
    { weight: 1, parts: [] },
  ];
  const apart = (a: Replacement, b: Replacement): boolean => a.to <= b.from || b.to <= a.from;
  for (const one of replacements) combined.push({ weight: one.weight, parts: [one] });
  for (const [i, one] of replacements.slice(0, variantsMax).entries()) {
    for (const other of replacements.slice(i + 1, variantsMax)) {
      if (apart(one, other)) combined.push({ weight: one.weight * other.weight, parts: [one, other] });
    }
  }
  const surest = combined
    .map((entry, place) => ({ ...entry, place }))
    .sort((a, b) => b.weight - a.weight || a.place - b.place);
  const all = new Map<string, number>();
  const used = new Set<string>();
  for (const { weight, parts } of surest) {
    if (all.size >= variantsMax) break;
    const text = clean(textWith(parts));
    if (all.has(text)) continue;
    all.set(text, weight);
    for (const part of parts) used.add(part.text);
  }
  return {
    all: [...all].map(([text, weight]) => ({ text, weight })),
    words: wholes.filter((_, i) => demanded[i]),
    synonyms: [...used],
  };
}

/** A shopper's quote or minus is no operator. */
function plain(piece: string): string {
  return piece
    .replace(/["“”„«»]/g, ' ')
    .replace(/(^|\s)-+/g, '$1')
    .trim();
}
