import type { Suggestion } from '../../../../src/ports/search.js';
import { fold, unspaced } from '../embedded/tokens/tokenizer.js';

const phraseWordsMax = 3;
const titlesPerPhraseMin = 2;

export interface PhraseParts {
  /** Titles of products found by the prefix, best first. */
  readonly titles: readonly string[];
  readonly prefix: string;
  readonly stopWords: ReadonlySet<string>;
  /** Folded words that the last one was completed or corrected to. */
  readonly expansions: ReadonlySet<string>;
  readonly locale: string;
  readonly limit: number;
}

/** Words of titles that complete the last word, and up to two words that follow, as titles spell them, most frequent first. */
export function completedPhrases(parts: PhraseParts): Suggestion[] {
  const { titles, prefix, stopWords, expansions, locale, limit } = parts;
  const typed = fold(prefix).trim().split(/\s+/u);
  const last = typed.at(-1) ?? '';
  const before = prefix.toLowerCase().trim().split(/\s+/u).slice(0, -1).join(' ');
  const counts = new Map<string, number>();
  for (const title of titles) {
    const ofTitle = new Set<string>();
    const words = titleWords(title, locale);
    for (const [i, { spelt, folded }] of words.entries()) {
      if ((!folded.startsWith(last) && !expansions.has(folded)) || stopWords.has(folded)) continue;
      let phrase = before === '' ? spelt : `${before} ${spelt}`;
      ofTitle.add(phrase);
      for (const next of words.slice(i + 1, i + phraseWordsMax)) {
        if (!/^\p{L}{2,}$/u.test(next.folded) || stopWords.has(next.folded) || typed.includes(next.folded))
          break;
        phrase += ` ${next.spelt}`;
        ofTitle.add(phrase);
      }
    }
    for (const phrase of ofTitle) counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  }
  return [...counts]
    .filter(
      ([phrase, count]) => count >= titlesPerPhraseMin || !phrase.slice(before.length + 1).includes(' '),
    )
    .sort((a, b) => b[1] - a[1] || a[0].length - b[0].length || (a[0] < b[0] ? -1 : 1))
    .slice(0, limit)
    .map(([text]) => ({ text, kind: 'QUERY', id: null }));
}

/** The words of a title; codes keep their case. */
function titleWords(title: string, locale: string): { readonly spelt: string; readonly folded: string }[] {
  const texts = unspaced.test(title)
    ? Array.from(new Intl.Segmenter(locale, { granularity: 'word' }).segment(title), ({ segment }) => segment)
    : title.split(/\s+|(?<=\p{L})[-/](?=\p{L})/u);
  return texts.flatMap((text) => {
    const [word] = /[\p{L}\p{N}](?:.*[\p{L}\p{N}\p{M}])?/u.exec(text) ?? [];
    if (word === undefined) return [];
    const folded = fold(word);
    return [{ spelt: /\d/.test(word) ? word : word.toLowerCase(), folded }];
  });
}

/** Returns whether a name, or one of its words, begins with a folded prefix. */
export function hasWordPrefix(name: string, prefix: string): boolean {
  const folded = fold(name);
  return folded.startsWith(prefix) || folded.split(/[\s/&-]+/u).some((word) => word.startsWith(prefix));
}
