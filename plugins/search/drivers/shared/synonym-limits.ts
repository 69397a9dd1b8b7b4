import { languageOf } from '../../../../src/kit/language-of.js';
import type { Synonym } from '../../../../src/ports/merchandising.js';

import { queryWords } from '../embedded/matching/query-words.js';

/** The parts of a synonym that a driver cannot apply, as messages for merchandisers: it replaces each term by at most `most` others. */
export function synonymLimits(synonym: Synonym, all: readonly Synonym[], most: number): readonly string[] {
  const sources = synonym.kind === 'ONE_WAY' ? [synonym.input ?? ''] : synonym.terms;
  const limits: string[] = [];
  const wordless = [...new Set([...sources, ...synonym.terms])].filter((term) => wordsOf(term) === '');
  for (const term of wordless) limits.push(`"${term}" has no word that can be searched for`);
  for (const source of sources) {
    const key = wordsOf(source);
    if (key === '') continue;
    const others = new Set<string>();
    for (const other of all) {
      if (!sharesLocale(other, synonym)) continue;
      const from = other.kind === 'ONE_WAY' ? [other.input ?? ''] : other.terms;
      if (!from.some((term) => wordsOf(term) === key)) continue;
      for (const term of other.terms) if (wordsOf(term) !== key) others.add(wordsOf(term));
    }
    others.delete('');
    if (others.size > most) {
      limits.push(`"${source}" has ${others.size} synonyms in all: searching it uses ${most} of them`);
    }
  }
  return limits;
}

function sharesLocale(a: Synonym, b: Synonym): boolean {
  return a.locale === '*' || b.locale === '*' || languageOf(a.locale) === languageOf(b.locale);
}

function wordsOf(term: string): string {
  return queryWords(term)
    .words.map(({ token }) => token.whole)
    .join(' ');
}
