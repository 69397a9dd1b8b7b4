import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import { idAt } from '../tokens/token-flags.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Learns which words name things. In "camera lens filter" only the last word says what it is; in "camera black 24 MP" the first does. A
 * word that often ends a run of words in titles, and is not the value of an attribute (a colour, a material), names a thing. The words
 * before it only describe it.
 */
export interface HeadNouns {
  /** Learns from a title in text order, and from the attribute values and the brand of its product. */
  learn(title: readonly number[], qualifiers: readonly string[], brand: string): void;
  /** The likelihood that a term names a thing, 0 to 1. */
  likelihood(term: number): number;
  /** True if a term mostly is a brand or the value of an attribute. */
  isQualifier(term: number): boolean;
  save(): StoredHeadNouns;
}

/** Counts by term. */
export type StoredHeadNouns = {
  readonly seen: Uint32Array<ArrayBuffer>;
  readonly ended: Uint32Array<ArrayBuffer>;
  readonly qualified: Uint32Array<ArrayBuffer>;
};

const seenMin = 3;
const qualifierShare = 0.3;
const qualifierCharsMax = 24;

/** `stored`: counts begin as they were saved. */
export function createHeadNouns(vocabulary: Vocabulary, stored?: StoredHeadNouns): HeadNouns {
  let seen = stored?.seen ?? new Uint32Array(1024);
  let ended = stored?.ended ?? new Uint32Array(1024);
  let qualified = stored?.qualified ?? new Uint32Array(1024);

  function termAt(position: number): number {
    const term = vocabulary.termOf(idAt(position));
    seen = ensureCapacity(Uint32Array, seen, term + 1);
    ended = ensureCapacity(Uint32Array, ended, term + 1);
    qualified = ensureCapacity(Uint32Array, qualified, term + 1);
    return term;
  }

  function isQualifier(term: number): boolean {
    return (qualified[term] ?? 0) > qualifierShare * (seen[term] ?? 0);
  }

  function endsRun(next: number | undefined): boolean {
    if (next === undefined || vocabulary.isFunctional(idAt(next))) return true;
    return isQualifier(vocabulary.termOf(idAt(next)));
  }

  return {
    isQualifier,
    save: () => ({ seen: seen.slice(), ended: ended.slice(), qualified: qualified.slice() }),
    learn(title, qualifiers, brand) {
      for (const [i, position] of title.entries()) {
        const term = termAt(position);
        seen[term]!++;
        if (endsRun(title[i + 1])) ended[term]!++;
      }
      for (const value of [...qualifiers, brand]) {
        if (value.length > qualifierCharsMax || value.includes(' ')) continue;
        for (const position of vocabulary.tokenizeValue(value).positions) qualified[termAt(position)]!++;
      }
    },
    likelihood(term) {
      const times = seen[term] ?? 0;
      if (times < seenMin) return 0;
      return (ended[term]! / times) * (1 - Math.min(1, qualified[term]! / times));
    },
  };
}
