import { z } from 'zod';
import { type UserError, userError } from '../../../src/errors.js';
import { checkInput } from '../../../src/kit/check-input.js';
import { shownValue } from '../../../src/kit/shown-value.js';
import type { Synonym } from '../../../src/ports/merchandising.js';

const termsMax = 50;
const termCharsMax = 100;
const termWordsMax = 8;

/** Control characters, halves of characters, and those that make a text read otherwise than it is written (Unicode TR 36, section 2.5). */
const unseen = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

const input = z.strictObject({
  id: z.string().min(1).max(128).nullish(),
  locale: z.string().nullish(),
  kind: z.enum(['ONE_WAY', 'MULTI_WAY', 'REPLACE', 'NEVER']).nullish(),
  input: z.string().nullish(),
  terms: z.array(z.string()),
});

/** A synonym that may be saved once it has an id and a time. */
export type SynonymDraft = Omit<Synonym, 'id' | 'updatedAtMs'> & { readonly id: string | null };

type CheckedSynonym =
  | { readonly draft: SynonymDraft; readonly userErrors: readonly [] }
  | { readonly draft: null; readonly userErrors: readonly UserError[] };

/** Removes differences in case, accents, hyphens and white space, to compare terms. */
export function foldedTerm(term: string): string {
  return term
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[\s-]+/gu, ' ')
    .trim();
}

/** Checks one `SynonymInput`; names every fault and what is allowed. `at`: the path of the input. */
export function checkSynonym(raw: unknown, at: readonly string[]): CheckedSynonym {
  const parsed = checkInput(input, raw);
  if (parsed.faults !== null) {
    return {
      draft: null,
      userErrors: parsed.faults.map(({ path, message }) =>
        userError('MERCHANDISING_SYNONYM_INVALID', message, [...at, ...path]),
      ),
    };
  }
  const { id = null, locale, kind, input: from, terms } = parsed.data;
  const faults: UserError[] = [];
  const fault = (code: string, message: string, ...path: (string | number)[]): void => {
    faults.push(userError(`MERCHANDISING_SYNONYM_${code}`, message, [...at, ...path]));
  };
  const checkTerm = (term: string, ...path: (string | number)[]): string => {
    const clean = term.replace(/\s+/gu, ' ').trim();
    if (!/[\p{L}\p{N}]/u.test(clean))
      fault(
        'TERM_BLANK',
        `${shownValue(term)} is not a term; it needs at least one letter or digit`,
        ...path,
      );
    else if (clean.length > termCharsMax || clean.split(' ').length > termWordsMax) {
      const [words, characters] = [clean.split(' ').length, clean.length];
      fault(
        'TERM_TOO_LONG',
        `${shownValue(clean)} has ${words} words and ${characters} characters; at most ${termWordsMax} words and ${termCharsMax} characters are allowed`,
        ...path,
      );
    } else if (clean.search(unseen) >= 0) {
      const code = clean.codePointAt(clean.search(unseen))!.toString(16).toUpperCase().padStart(4, '0');
      fault(
        'TERM_INVALID',
        `${shownValue(clean.replace(unseen, '\ufffd'))} holds the character U+${code}; control characters, marks that turn the direction of writing, and halves of characters are not allowed`,
        ...path,
      );
    }
    return clean;
  };

  const cleanLocale = locale ?? '*';
  if (cleanLocale !== '*' && !isLanguageTag(cleanLocale)) {
    fault(
      'LOCALE_INVALID',
      `${shownValue(cleanLocale)} is not a BCP 47 language; use one such as "de", or "*" for all`,
      'locale',
    );
  }
  const cleanKind = kind ?? 'MULTI_WAY';
  const cleanTerms = terms.slice(0, termsMax).map((term, i) => checkTerm(term, 'terms', i));
  if (terms.length > termsMax)
    fault('TOO_MANY_TERMS', `${terms.length} terms; at most ${termsMax} are allowed`, 'terms');
  const seen = new Map<string, number>();
  for (const [i, term] of cleanTerms.entries()) {
    const folded = foldedTerm(term);
    const before = seen.get(folded);
    if (before !== undefined && folded !== '') {
      fault(
        'OF_ITSELF',
        `"${term}" is a synonym of itself: it is the same as term ${before + 1}`,
        'terms',
        i,
      );
    } else seen.set(folded, i);
  }
  let cleanInput: string | null = null;
  if (cleanKind === 'ONE_WAY' || cleanKind === 'REPLACE') {
    if (from === null || from === undefined)
      fault('INPUT_MISSING', `${cleanKind} needs an input: the words that find the terms`, 'input');
    else {
      cleanInput = checkTerm(from, 'input');
      const same = seen.get(foldedTerm(cleanInput));
      if (same !== undefined && foldedTerm(cleanInput) !== '') {
        fault('OF_ITSELF', `"${cleanInput}" is a synonym of itself: the input is also a term`, 'terms', same);
      }
    }
    if (terms.length === 0)
      fault(
        'TOO_FEW_TERMS',
        `${cleanKind} needs ${cleanKind === 'REPLACE' ? 'one term' : `1 to ${termsMax} terms`}, not 0`,
        'terms',
      );
    if (cleanKind === 'REPLACE' && terms.length > 1)
      fault(
        'TOO_MANY_TERMS',
        `REPLACE has one term, not ${terms.length}: the words that are searched for instead`,
        'terms',
      );
  } else {
    if (from !== null && from !== undefined)
      fault(
        'INPUT_UNUSED',
        `${cleanKind} takes no input, not ${shownValue(from)}; put every word into terms`,
        'input',
      );
    if (terms.length < 2)
      fault('TOO_FEW_TERMS', `${cleanKind} needs 2 to ${termsMax} terms, not ${terms.length}`, 'terms');
  }
  if (faults.length > 0) return { draft: null, userErrors: faults };
  return {
    draft: { id, locale: cleanLocale, kind: cleanKind, input: cleanInput, terms: cleanTerms },
    userErrors: [],
  };
}

export function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}
