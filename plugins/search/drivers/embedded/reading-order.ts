import type { Rows } from './growable.js';
import { descriptionPlaceOf, kindOf, nowhere, titlePlaceOf } from './marks.js';
import type { Matches } from './match.js';
import { forBit, plainBit, startsNew, termAt } from './places.js';
import type { Group } from './plan.js';
import type { TextIndex } from './text-index.js';

/** How much each sign may add to a score: found on one judged catalog and flat around these values, so not worth tuning by shop. */
const gains = {
  kind: 0.2,
  titlePresent: 0.3,
  titleTogether: 0.2,
  titleEarly: 0.2,
  descriptionTogether: 0.2,
  head: 0.7,
};
const partOfKindShare = 0.3;

/** No document's `OrderReader.headFactor` is higher. */
export const headFactorMax = 1 + gains.head;
/** No document's nearness is higher. */
export const nearnessMax = Object.values(gains).reduce(
  (product, gain) => product * (1 + gain),
  1 / headFactorMax,
);

const kindFactors = [1, 1 + gains.kind * partOfKindShare, 1 + gains.kind];

const earlyFactors = Float64Array.from(
  { length: nowhere + 1 },
  (_, place) => 1 + (place === nowhere ? 0 : gains.titleEarly / (1 + place / 4)),
);

/**
 * A factor from 1 up for what is in a slot: whether the words of the query stand in the title, early and together, together in
 * the description too, and whether the last one is of its kind. `required`: places of groups in the query, in their order.
 */
export function nearnessOf({ marks, groups }: Matches, slot: number, required: readonly number[]): number {
  const count = required.length;
  if (count === 0) return 1;
  const has = groups[slot]!;
  let first = nowhere;
  let present = 0;
  let titleTogether = 0;
  let descriptionTogether = 0;
  let titleBefore = nowhere;
  let descriptionBefore = nowhere;
  let last = 0;
  for (let k = 0; k < count; k++) {
    const place = required[k]!;
    if ((has & (1 << place)) === 0) {
      titleBefore = nowhere;
      descriptionBefore = nowhere;
      last = 0;
      continue;
    }
    last = marks[place]![slot]!;
    const inTitle = titlePlaceOf(last);
    if (inTitle !== nowhere) present++;
    if (inTitle < first) first = inTitle;
    titleTogether += togetherness(titleBefore, inTitle);
    titleBefore = inTitle;
    const inDescription = descriptionPlaceOf(last);
    descriptionTogether += togetherness(descriptionBefore, inDescription);
    descriptionBefore = inDescription;
  }
  const hasLast = (has & (1 << required[count - 1]!)) !== 0;
  const factor =
    (hasLast ? kindFactors[kindOf(last)]! : 1) *
    (1 + gains.titlePresent * (present / count)) *
    earlyFactors[first]!;
  if (count === 1) return factor;
  return (
    factor *
    (1 + (gains.titleTogether * titleTogether) / (count - 1)) *
    (1 + (gains.descriptionTogether * descriptionTogether) / (count - 1))
  );
}

function togetherness(before: number, place: number): number {
  if (before === nowhere || place === nowhere) return 0;
  const distance = place - before;
  if (distance === 1) return 1;
  return distance >= -3 && distance <= 3 ? 0.5 : 0;
}

/** Nearness of a single word by its marks. */
export function nearnessOfOne(mark: number): number {
  const place = titlePlaceOf(mark);
  return (
    kindFactors[kindOf(mark)]! * (1 + (place === nowhere ? 0 : gains.titlePresent)) * earlyFactors[place]!
  );
}

/** Tells whether a query names the thing itself. */
export interface OrderReader {
  /** A factor from 1 to `headFactorMax` for a document found with these groups. Reads its texts. */
  headFactor(document: number): number;
  /** No document's factor is higher for this query. */
  readonly most: number;
}

/** How many words after the last one of the query are looked at for the name of another thing. */
const aheadMax = 3;
const maybeSize = 1024;

export function createOrderReader(index: TextIndex, groups: readonly Group[]): OrderReader {
  const { titleTerms, descriptions, heads } = index;
  /** By term: bits of the groups it satisfies by itself. */
  const groupsOf = new Map<number, number>();
  /** Most words of a text are none of the query's; one look here tells. */
  const maybe = new Uint8Array(maybeSize);
  const required = groups.flatMap((group, i) => (group.required ? [i] : []));
  let all = 0;
  for (const i of required) {
    all |= 1 << i;
    for (const { terms } of groups[i]!.alternatives) {
      for (const term of terms) {
        groupsOf.set(term, (groupsOf.get(term) ?? 0) | (1 << i));
        maybe[term % maybeSize] = 1;
      }
    }
  }
  const bitsOf = (term: number): number => (maybe[term % maybeSize] === 0 ? 0 : (groupsOf.get(term) ?? 0));
  const lastBit = required.length > 0 ? 1 << required.at(-1)! : 0;
  const lastQualifies =
    required.length > 0 &&
    groups[required.at(-1)!]!.alternatives.some(
      ({ terms }) => terms.length === 1 && heads.isQualifier(terms[0]!),
    );
  const tells = required.length > 0 && !lastQualifies;

  /** How little the words after a place make its word describe another thing. */
  function headAt(pool: Uint32Array, place: number, end: number): number {
    let most = 0;
    for (let i = place + 1; i < end && i <= place + aheadMax; i++) {
      const entry = pool[i]!;
      if (startsNew(entry) || (entry & plainBit) !== 0) break;
      const term = termAt(entry);
      if ((bitsOf(term) & lastBit) !== 0) return 1;
      most = Math.max(most, heads.nounness(term));
    }
    return 1 - most;
  }

  /** 0 … 1: how much the last word names the thing in a text that holds all: not followed by another name, not after a "for". */
  function headIn(rows: Rows, document: number): number {
    const pool = rows.pool(document);
    const start = rows.start(document);
    const end = rows.end(document);
    let afterFor = false;
    let there = 0;
    let head = 0;
    for (let i = start; i < end; i++) {
      const entry = pool[i]!;
      if ((entry & forBit) !== 0 && i > start) afterFor = true;
      const bits = bitsOf(termAt(entry));
      if (bits === 0) continue;
      there |= bits;
      if ((bits & lastBit) !== 0 && !afterFor && head < 1) head = Math.max(head, headAt(pool, i, end));
      if (head === 1 && there === all) return 1;
    }
    return there === all ? head : 0;
  }

  return {
    most: tells ? headFactorMax : 1,
    headFactor(document) {
      if (!tells) return 1;
      const head = headIn(titleTerms, document);
      return 1 + gains.head * (head === 1 ? 1 : Math.max(head, headIn(descriptions, document)));
    },
  };
}
