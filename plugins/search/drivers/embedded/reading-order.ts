import type { Rows } from './growable.js';
import type { Group } from './plan.js';
import type { TextIndex } from './text-index.js';
import { forBit, plainBit, startsNew, termAt } from './words.js';

/** What the order of a document's words tells beyond their presence. */
export interface OrderReader {
  /** A factor from 1 up for a document found with these groups. */
  factor(document: number): number;
}

/** How the words of a query stand in one text, each 0 … 1. */
interface Reading {
  /** How many of them are there. */
  present: number;
  /** How many stand beside the one before them in the query. */
  together: number;
  /** How near to the beginning the first one stands. */
  early: number;
  /** How much the last one names the thing itself: not followed by the name of another, not after a "for". */
  head: number;
}

/** How much each sign may add to a score: found on one judged catalog and flat around these values, so not worth tuning by shop. */
const gains = {
  kind: 0.2,
  titlePresent: 0.3,
  titleTogether: 0.2,
  titleEarly: 0.2,
  descriptionTogether: 0.2,
  head: 0.7,
};

/** No document's factor is higher. */
export const factorMax = Object.values(gains).reduce((product, gain) => product * (1 + gain), 1);

const nowhere = 255;
const maybeSize = 1024;
/** How many words after the last one of the query are looked at for the name of another thing. */
const aheadMax = 3;

export function createOrderReader(index: TextIndex, groups: readonly Group[]): OrderReader {
  const { titleTerms, descriptions, kinds, heads } = index;
  /** By term: bits of the groups it satisfies by itself. */
  const groupsOf = new Map<number, number>();
  /** Most words of a text are none of the query's; one look here tells. */
  const maybe = new Uint8Array(maybeSize);
  const required = groups.flatMap((group, i) => (group.required ? [i] : []));
  for (const i of required) {
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
  const places = new Uint8Array(groups.length);
  const reading: Reading = { present: 0, together: 0, early: 0, head: 0 };

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

  function read(rows: Rows, document: number): Reading {
    const pool = rows.pool(document);
    const start = rows.start(document);
    const end = rows.end(document);
    places.fill(nowhere);
    let afterFor = false;
    let first = nowhere;
    reading.head = 0;
    for (let i = start; i < end; i++) {
      const entry = pool[i]!;
      if ((entry & forBit) !== 0 && i > start) afterFor = true;
      const bits = bitsOf(termAt(entry));
      if (bits === 0) continue;
      const place = i - start;
      if (place < first) first = place;
      if ((bits & lastBit) !== 0 && !afterFor) reading.head = Math.max(reading.head, headAt(pool, i, end));
      for (const g of required) if ((bits & (1 << g)) !== 0 && places[g] === nowhere) places[g] = place;
    }
    reading.present = 0;
    reading.together = 0;
    reading.early = first === nowhere ? 0 : 1 / (1 + first / 4);
    for (const [k, g] of required.entries()) {
      const place = places[g]!;
      if (place === nowhere) continue;
      reading.present++;
      const before = k > 0 ? places[required[k - 1]!]! : nowhere;
      if (before === nowhere) continue;
      if (place - before === 1) reading.together++;
      else if (Math.abs(place - before) <= 3) reading.together += 0.5;
    }
    reading.present /= required.length;
    reading.together = required.length > 1 ? reading.together / (required.length - 1) : 0;
    return reading;
  }

  function kindOf(document: number): number {
    const pool = kinds.pool(document);
    let kind = 0;
    for (let i = kinds.start(document), end = kinds.end(document); i < end; i++) {
      const bits = bitsOf(termAt(pool[i]!));
      if ((bits & lastBit) !== 0) kind = startsNew(pool[i]!) ? 1 : Math.max(kind, 0.3);
    }
    return kind;
  }

  return {
    factor(document) {
      if (required.length === 0) return 1;
      let factor = 1 + gains.kind * kindOf(document);
      const title = read(titleTerms, document);
      factor *= 1 + gains.titlePresent * title.present;
      factor *= 1 + gains.titleTogether * title.together;
      factor *= 1 + gains.titleEarly * title.early;
      const titleHead = title.present === 1 && !lastQualifies ? title.head : 0;
      // The description of a thing that its title names already adds nothing to a single word.
      if (required.length === 1 && (titleHead === 1 || lastQualifies))
        return factor * (1 + gains.head * titleHead);
      const description = read(descriptions, document);
      factor *= 1 + gains.descriptionTogether * description.together;
      const descriptionHead = description.present === 1 && !lastQualifies ? description.head : 0;
      factor *= 1 + gains.head * Math.max(titleHead, descriptionHead);
      return factor;
    },
  };
}
