import type { JaggedRows } from '../../../../../src/kit/jagged-rows.js';
import { namesKind, notInTitle, titlePosition } from '../index/positions.js';
import type { TextIndex } from '../index/text-index.js';
import type { Matches } from '../matching/match.js';
import type { Group } from '../matching/query-plan.js';
import { functionalFlag, idAt, isBoundary, purposeFlag } from '../tokens/token-flags.js';

/** The share that each signal adds to a score at most. Tuned on icecat and flat around these values. */
const gains = { kind: 0.2, titlePresent: 0.3, head: 0.7 };

/**
 * A factor from 1 up for the document in a slot: more if the words of the query are in the title, and if the last one names its category or
 * kind. `required`: the numbers of the required groups in the order of the query.
 */
export function prominence({ places, groups }: Matches, slot: number, required: readonly number[]): number {
  const matched = groups[slot]!;
  let present = 0;
  let last = notInTitle;
  for (const group of required) {
    last = (matched & (1 << group)) === 0 ? notInTitle : places[group]![slot]!;
    if (titlePosition(last) !== notInTitle) present++;
  }
  return prominenceOf(last, present / required.length);
}

function prominenceOf(last: number, inTitle: number): number {
  return (namesKind(last) ? 1 + gains.kind : 1) * (1 + gains.titlePresent * inTitle);
}

/** The same for a single word, by its place. */
export function prominenceOfOne(place: number): number {
  return prominenceOf(place, titlePosition(place) === notInTitle ? 0 : 1);
}

/** Decides whether the query names the product itself. */
interface HeadReader {
  /** A factor from 1 to `factorMax` for a document. Reads its texts. */
  headFactor(document: number): number;
  readonly factorMax: number;
}

/** The number of words after the last one of the query that may name another thing. */
const aheadMax = 3;

export function createHeadReader(index: TextIndex, groups: readonly Group[]): HeadReader {
  const { titleTerms, descriptions, headNouns } = index;
  const required = groups.flatMap((group, i) => (group.required ? [i] : []));
  // In languages with colours after the noun, the word before a colour names the product: "chaise rouge".
  const { inflectsAdjectives } = index.vocabulary.language;
  const last = required.findLast((i) => !inflectsAdjectives || !isQualifier(groups[i]!));
  if (last === undefined || isQualifier(groups[last]!)) return { headFactor: () => 1, factorMax: 1 };
  const lastBit = 1 << last;

  /** By term: bits of the groups that it matches by itself. */
  const groupsOf = new Map<number, number>();
  let all = 0;
  for (const i of required) {
    all |= 1 << i;
    for (const { terms } of groups[i]!.alternatives) {
      for (const term of terms) {
        groupsOf.set(term, (groupsOf.get(term) ?? 0) | (1 << i));
      }
    }
  }
  const bitsOf = (term: number): number => groupsOf.get(term) ?? 0;

  function isQualifier({ alternatives }: Group): boolean {
    return alternatives.some(({ terms }) => terms.length === 1 && headNouns.isQualifier(terms[0]!));
  }

  /** 1 minus the likelihood that one of the next words names another thing. */
  function headAt(pool: Uint32Array, at: number, end: number): number {
    let highest = 0;
    for (let i = at + 1; i < end && i <= at + aheadMax; i++) {
      const entry = pool[i]!;
      if (isBoundary(entry) || (entry & functionalFlag) !== 0) break;
      const term = idAt(entry);
      if ((bitsOf(term) & lastBit) !== 0) return 1;
      highest = Math.max(highest, headNouns.likelihood(term));
    }
    return 1 - highest;
  }

  /** The likelihood that the last word names the product of a text with all words, 0 to 1: no other name follows, no "for" precedes. */
  function headIn(rows: JaggedRows, document: number): number {
    const pool = rows.pool(document);
    const start = rows.start(document);
    const end = rows.end(document);
    let afterPurpose = false;
    let matched = 0;
    let head = 0;
    for (let i = start; i < end; i++) {
      const entry = pool[i]!;
      if ((entry & purposeFlag) !== 0 && i > start) afterPurpose = true;
      const bits = bitsOf(idAt(entry));
      if (bits === 0) continue;
      matched |= bits;
      if ((bits & lastBit) !== 0 && !afterPurpose && head < 1) head = Math.max(head, headAt(pool, i, end));
      if (head === 1 && matched === all) return 1;
    }
    return matched === all ? head : 0;
  }

  return {
    factorMax: 1 + gains.head,
    headFactor(document) {
      const head = headIn(titleTerms, document);
      return 1 + gains.head * (head === 1 ? 1 : Math.max(head, headIn(descriptions, document)));
    },
  };
}
