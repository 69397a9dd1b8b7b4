import type { Suggestion } from '../../../../src/ports/search.js';
import { fold, unspaced } from '../embedded/tokens/tokenizer.js';

const phraseWordsMax = 3;
const titlesPerPhraseMin = 2;
/** The spelling of the words before the last one is looked up in this many titles. */
const spelledBySome = 20;

interface PhraseParts {
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
  const some = titles.slice(0, spelledBySome);
  const before = typed.slice(0, -1).map((word) => spellingIn(some, word) ?? word);
  /** By the folded words that follow those before: their spelling in each title that has them. */
  const phrases = new Map<string, string[]>();
  for (const title of titles) {
    const ofTitle = new Map<string, string>();
    const words = titleWords(title, locale);
    for (const [i, word] of words.entries()) {
      if ((!word.folded.startsWith(last) && !expansions.has(word.folded)) || stopWords.has(word.folded))
        continue;
      let { folded, spelt } = word;
      ofTitle.set(folded, spelt);
      for (const next of words.slice(i + 1, i + phraseWordsMax)) {
        if (!/^\p{L}{2,}$/u.test(next.folded) || stopWords.has(next.folded) || typed.includes(next.folded))
          break;
        folded += ` ${next.folded}`;
        spelt += ` ${next.spelt}`;
        ofTitle.set(folded, spelt);
      }
    }
    for (const [key, spelt] of ofTitle) {
      const spellings = phrases.get(key);
      if (spellings) spellings.push(spelt);
      else phrases.set(key, [spelt]);
    }
  }
  return [...phrases]
    .filter(([key, spellings]) => !key.includes(' ') || spellings.length >= titlesPerPhraseMin)
    .sort(([a, one], [b, other]) => other.length - one.length || a.length - b.length || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([, spellings]) => {
      const text = [...before, mostFrequent(spellings)!].join(' ');
      return { text, kind: 'QUERY', id: null };
    });
}

/** The most frequent spelling of a folded word in texts; null if none has it. */
export function spellingIn(texts: readonly string[], word: string): string | null {
  const spellings = texts.flatMap((text) =>
    text.split(/[^\p{L}\p{N}\p{M}]+/u).filter((spelling) => fold(spelling) === word),
  );
  return mostFrequent(spellings);
}

/** The most frequent text; of equally frequent ones the first. */
function mostFrequent(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** The words of a title. */
function titleWords(title: string, locale: string): { readonly spelt: string; readonly folded: string }[] {
  const texts = unspaced.test(title)
    ? Array.from(new Intl.Segmenter(locale, { granularity: 'word' }).segment(title), ({ segment }) => segment)
    : title.split(/\s+|(?<=\p{L})[-/](?=\p{L})/u);
  return texts.flatMap((text) => {
    const [spelt] = /[\p{L}\p{N}](?:.*[\p{L}\p{N}\p{M}])?/u.exec(text) ?? [];
    return spelt === undefined ? [] : [{ spelt, folded: fold(spelt) }];
  });
}

/** Returns whether a name, or one of its words, begins with a folded prefix. */
export function hasWordPrefix(name: string, prefix: string): boolean {
  const folded = fold(name);
  return folded.startsWith(prefix) || folded.split(/[\s/&-]+/u).some((word) => word.startsWith(prefix));
}
