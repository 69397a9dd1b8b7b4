import { grownBytes, grownNumbers } from './growable.js';
import { startsNew, wordAt } from './places.js';
import type { Words } from './words.js';

/**
 * Which words name things. In "camera lens filter" only the last word says what it is; in "camera black 24 MP" the first does. A
 * word that often ends a run of words in titles, and is no value of an attribute (a colour, a material), names a thing:
 * what stands before it only describes it.
 */
export interface Heads {
  /** Learns from a title (places as in `Words.analyse`) and the attribute values of its product. */
  observe(title: readonly number[], qualifiers: readonly string[], brand: string): void;
  /** 0 … 1: how much a term looks like the name of a thing. */
  nounness(term: number): number;
  /** Whether a term mostly is a brand or the value of an attribute. */
  isQualifier(term: number): boolean;
  /** A copy of what was learned. */
  save(): StoredHeads;
}

export interface StoredHeads {
  readonly seen: Uint32Array<ArrayBuffer>;
  readonly ended: Uint32Array<ArrayBuffer>;
  readonly qualified: Uint32Array<ArrayBuffer>;
  readonly firstBrand: Uint32Array<ArrayBuffer>;
  readonly ofSeveral: Uint8Array<ArrayBuffer>;
  /** By their numbers, from 1. */
  readonly brands: readonly string[];
  readonly [name: string]: Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | readonly string[];
}

const seenMin = 3;
const qualifierShare = 0.3;
const qualifierCharsMax = 24;

/** `stored`: goes on from what was saved. */
export function createHeads(words: Words, stored?: StoredHeads): Heads {
  let seen = stored?.seen ?? new Uint32Array(1024);
  let ended = stored?.ended ?? new Uint32Array(1024);
  let qualified = stored?.qualified ?? new Uint32Array(1024);
  let firstBrand = stored?.firstBrand ?? new Uint32Array(1024);
  let ofSeveral = stored?.ofSeveral ?? new Uint8Array(1024);
  const brands = new Map(stored?.brands.map((brand, i) => [brand, i + 1]));

  function numberOf(brand: string): number {
    const known = brands.get(brand);
    if (known !== undefined) return known;
    brands.set(brand, brands.size + 1);
    return brands.size;
  }

  function grow(term: number): void {
    if (term < seen.length) return;
    seen = grownNumbers(seen, term + 1);
    ended = grownNumbers(ended, seen.length);
    qualified = grownNumbers(qualified, seen.length);
    firstBrand = grownNumbers(firstBrand, seen.length);
    ofSeveral = grownBytes(ofSeveral, seen.length);
  }

  function isQualifier(term: number): boolean {
    return (qualified[term] ?? 0) > qualifierShare * (seen[term] ?? 0);
  }

  function endsRun(next: number | undefined): boolean {
    if (next === undefined || startsNew(next)) return true;
    return words.flagsOf(wordAt(next)) !== 0 || isQualifier(words.termOf(wordAt(next)));
  }

  return {
    isQualifier,
    save: () => ({
      seen: seen.slice(),
      ended: ended.slice(),
      qualified: qualified.slice(),
      firstBrand: firstBrand.slice(),
      ofSeveral: ofSeveral.slice(),
      brands: [...brands.keys()],
    }),
    observe(title, qualifiers, brand) {
      const brandId = brand === '' ? 0 : numberOf(brand);
      for (const [i, place] of title.entries()) {
        const term = words.termOf(wordAt(place));
        grow(term);
        seen[term]!++;
        if (brandId !== 0 && firstBrand[term] !== brandId) {
          if (firstBrand[term] === 0) firstBrand[term] = brandId;
          else ofSeveral[term] = 1;
        }
        if (endsRun(title[i + 1])) ended[term]!++;
      }
      for (const value of brand === '' ? qualifiers : [...qualifiers, brand]) {
        if (value.length > qualifierCharsMax || value.includes(' ')) continue;
        for (const place of words.analyseValue(value).places) {
          const term = words.termOf(wordAt(place));
          grow(term);
          qualified[term]!++;
        }
      }
    },
    nounness(term) {
      const times = seen[term] ?? 0;
      // A word that one of many brands alone uses is the name of a series.
      if (times < seenMin || (brands.size > 2 && firstBrand[term] !== 0 && ofSeveral[term] === 0)) return 0;
      return (ended[term]! / times) * (1 - Math.min(1, qualified[term]! / times));
    },
  };
}
