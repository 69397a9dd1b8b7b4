import type { Language } from '../tokens/language.js';

/** Finds terms that a word of a query may stand for, although it is not in the index itself. */
export interface WordForms {
  /** Call it for each new word. */
  add(word: string, term: number): void;
  /** Terms with a word of the same root, such as "red" in another gender. */
  formsOf(word: string): ReadonlySet<number>;
  /** Terms of compounds that end with a word: "Kaffeemühle" for "Mühle". Empty in languages that write them apart. */
  compoundsOf(word: string): ReadonlySet<number>;
}

/** Letters of the shortest word that compounds are found by, and of the shortest text before it. */
const headCharsMin = 3;
/** A shorter text before the head must be a known word, since "Apparat" does not end with "Rat". */
const modifierCharsMin = 4;
const vowel = /[aeiouy]/;
const none: ReadonlySet<number> = new Set();

export function createWordForms(language: Language, isKnown: (word: string) => boolean): WordForms {
  const roots = new Map<string, Set<number>>();
  /** By their last letters: stems with their terms. */
  const tails = new Map<string, Map<string, number>>();

  const isWord = (word: string): boolean => word.length >= headCharsMin && /^\p{L}+$/u.test(word);

  function isCompound(stem: string, head: string): boolean {
    const modifier = stem.slice(0, -head.length);
    if (modifier === '' || !stem.endsWith(head) || !vowel.test(modifier)) return false;
    return modifier.length >= modifierCharsMin || isKnown(modifier);
  }

  return {
    add(word, term) {
      if (!isWord(word)) return;
      const root = language.root(word);
      const terms = roots.get(root);
      if (terms) terms.add(term);
      else roots.set(root, new Set([term]));
      if (!language.compounds) return;
      const stem = language.stem(word);
      const tail = stem.slice(-headCharsMin);
      const stems = tails.get(tail);
      if (stems) stems.set(stem, term);
      else tails.set(tail, new Map([[stem, term]]));
    },
    formsOf: (word) => (isWord(word) ? (roots.get(language.root(word)) ?? none) : none),
    compoundsOf(word) {
      if (!language.compounds || !isWord(word)) return none;
      const heads = [language.stem(word), language.root(word)].filter((head) => head.length >= headCharsMin);
      const found = new Set<number>();
      for (const head of heads)
        for (const [stem, term] of tails.get(head.slice(-headCharsMin)) ?? [])
          if (isCompound(stem, head)) found.add(term);
      return found;
    },
  };
}
