import { createDeletionIndex, type StoredDeletionIndex } from '../../../../../src/kit/deletion-index.js';
import { editDistance } from '../../../../../src/kit/edit-distance.js';
import type { Sliced } from '../../../../../src/kit/slices.js';

interface Correction {
  readonly wordId: number;
  /** Higher is likelier. */
  readonly likelihood: number;
}

/** Finds known words near a misspelt one. Words with digits are codes and are never corrected. */
export interface Spelling {
  /** Call it for each new word. */
  add(wordId: number): void;
  /** Likeliest first, at most `limit`. The word itself is not among them. */
  corrections(word: string, limit: number): Correction[];
  /** Packs new words if there are many; linear in all words. */
  settle(): Sliced;
  save(): StoredDeletionIndex;
  restore(stored: StoredDeletionIndex): void;
}

const oneEditFrom = 4;
const twoEditsFrom = 8;

/** The number of edits that a word may be off: none under four letters, two from eight on. */
export function editsAllowed(word: string): number {
  return word.length < oneEditFrom ? 0 : word.length < twoEditsFrom ? 1 : 2;
}

/** `words` by id, growing. `frequencyOf`: the number of documents with a word. */
export function createSpelling(words: readonly string[], frequencyOf: (wordId: number) => number): Spelling {
  const { add, candidates, settle, save, restore } = createDeletionIndex(words, isCorrectable);

  function likelihoodOf(word: string, wordId: number): number {
    const other = words[wordId]!;
    if (other === word) return 0;
    const edits = Math.min(editsAllowed(word), editsAllowed(other) + (other.length < word.length ? 1 : 0));
    const distance = editDistance(word, other, edits);
    return distance > edits ? 0 : frequencyOf(wordId) * slipLikelihood(word, other, distance);
  }

  return {
    add,
    settle,
    save,
    restore,
    corrections(word, limit) {
      if (editsAllowed(word) === 0 || !isCorrectable(word)) return [];
      const found = new Map<number, number>();
      candidates(word, (wordId) => {
        if (!found.has(wordId)) found.set(wordId, likelihoodOf(word, wordId));
      });
      return [...found]
        .filter(([, likelihood]) => likelihood > 0)
        .map(([wordId, likelihood]) => ({ wordId, likelihood }))
        .sort((a, b) => b.likelihood - a.likelihood || a.wordId - b.wordId)
        .slice(0, limit);
    },
  };
}

function isCorrectable(word: string): boolean {
  return word.length >= oneEditFrom - 1 && word.length <= 40 && /^\p{L}+$/u.test(word);
}

/** A noisy channel model. One edit is far likelier than two. People transpose neighbours more easily than they replace a letter. */
function slipLikelihood(written: string, meant: string, distance: number): number {
  let likelihood = distance === 1 ? 1 : 0.02;
  if (distance === 1 && written.length === meant.length && sameLetters(written, meant)) likelihood *= 2;
  return likelihood;
}

function sameLetters(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}

/** The word that a misspelt one is the fewest edits away from; null if none is near. */
export function nearest(word: string, words: Iterable<string>): string | null {
  const most = editsAllowed(word);
  let best: string | null = null;
  let fewest = most + 1;
  for (const other of most === 0 ? [] : words) {
    const distance = editDistance(word, other, most);
    if (distance >= fewest) continue;
    fewest = distance;
    best = other;
  }
  return best;
}
