import { languageOf } from '../../../src/kit/language-of.js';
import type { Synonym } from '../../../src/ports/merchandising.js';
import { fold } from '../drivers/embedded/tokens/tokenizer.js';

/** Replaces words of a query by those that merchandisers say are searched for instead, alike on every driver. */
export interface Replacements {
  set(all: readonly Synonym[]): void;
  /** The longest words are replaced, from the left, once. `terms`: those that were put in. */
  in(text: string, locale: string): { readonly text: string; readonly terms: readonly string[] };
}

const piecesMax = 64;

export function createReplacements(): Replacements {
  /** By locale, then by folded input. */
  let byLocale = new Map<string, Map<string, string>>();
  let longest = 0;

  function termFor(folded: string, locale: string): string | undefined {
    for (const each of [locale, languageOf(locale), '*']) {
      const term = byLocale.get(each)?.get(folded);
      if (term !== undefined) return term;
    }
    return undefined;
  }

  return {
    set(all) {
      byLocale = new Map();
      longest = 0;
      for (const { kind, locale, input, terms } of all) {
        if (kind !== 'REPLACE' || input === null) continue;
        const ofLocale = byLocale.get(locale) ?? new Map<string, string>();
        ofLocale.set(fold(input.trim()), terms[0]!);
        byLocale.set(locale, ofLocale);
        longest = Math.max(longest, input.split(/\s+/u).length);
      }
    },
    in(text, locale) {
      if (longest === 0) return { text, terms: [] };
      const pieces = text.split(/\s+/u, piecesMax).filter((piece) => piece !== '');
      const [meant, terms]: [string[], string[]] = [[], []];
      for (let i = 0; i < pieces.length; ) {
        let size = Math.min(longest, pieces.length - i);
        let term: string | undefined;
        for (; size > 0; size--) {
          term = termFor(fold(pieces.slice(i, i + size).join(' ')), locale);
          if (term !== undefined) break;
        }
        if (term !== undefined) terms.push(term);
        meant.push(term ?? pieces[i]!);
        i += Math.max(1, size);
      }
      return terms.length === 0 ? { text, terms } : { text: meant.join(' '), terms };
    },
  };
}
