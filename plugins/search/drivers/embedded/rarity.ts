import type { Group } from './plan.js';
import type { TextIndex } from './text-index.js';

/** How many documents a group is in, at most: what its rarity is reckoned from. */
export function frequencyOf(index: TextIndex, group: Group): number {
  let most = 0;
  for (const { terms, fuzzy } of group.alternatives) {
    let least = Number.POSITIVE_INFINITY;
    for (const term of terms) least = Math.min(least, index.documentFrequency(term));
    if (!fuzzy && terms.length === 1 && least > 0 && group.alternatives[0]!.terms === terms) return least;
    most = Math.max(most, least);
  }
  return most;
}

/** The rarity of a word: BM25's idf, never negative. */
export function rarity(documents: number, frequency: number): number {
  return Math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5));
}
