import type { Part, Storable } from './models/stored.js';

/** Pairs of products that are remembered: a power of two, 20 bytes each. When two meet, the older is forgotten and begins anew. */
const pairsMax = 1 << 16;
/** Different people that are told apart of each pair. */
export const tellingMax = 8;
/** A product is held against so many that the session named just before. */
const recentMax = 4;
const sessionsMax = 16_384;

interface PairsPart extends Part {
  readonly name: 'pairs';
  readonly marks: Uint32Array;
  readonly people: Uint16Array;
}

/**
 * Which products go together for enough different people. Events that were recorded while personalization was not permitted teach an
 * association only then: what fewer people did together is not shown to others.
 */
export interface Associations extends Storable {
  /**
   * Enters the next product, by its fingerprint, that a person looked at in a session, or bought. Returns whether enough people named it
   * together with each of the products just before it, at most four. True for the first one, which says nothing about another.
   */
  next(session: number, person: number, product: number): boolean;
}

/** `peopleMin`: 1 to 8 people; more count as 8. */
export function createAssociations(peopleMin: number): Associations {
  const enough = Math.min(peopleMin, tellingMax);
  const marks = new Uint32Array(pairsMax);
  /** Of each pair the people, as far as they are told apart; 0: nobody yet. */
  const people = new Uint16Array(pairsMax * tellingMax);
  const recent = new Map<number, number[]>();

  function slotOf(one: number, other: number): number {
    const [low, high] = one < other ? [one, other] : [other, one];
    let hash = Math.imul(low | 0, 0x9e3779b1) ^ Math.imul(high | 0, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x01000193);
    const mark = (hash ^ (hash >>> 13)) >>> 0;
    const slot = mark & (pairsMax - 1);
    if (marks[slot] !== mark) {
      marks[slot] = mark;
      people.fill(0, slot * tellingMax, (slot + 1) * tellingMax);
    }
    return slot * tellingMax;
  }

  function pair(person: number, one: number, other: number): boolean {
    const from = slotOf(one, other);
    const own = person & 0xffff || 1;
    let count = 0;
    while (count < tellingMax && people[from + count] !== 0) {
      if (people[from + count] === own) break;
      count++;
    }
    if (count < tellingMax && people[from + count] === 0) people[from + count] = own;
    let known = 0;
    while (known < tellingMax && people[from + known] !== 0) known++;
    return known >= enough;
  }

  function recentOf(session: number): number[] {
    let own = recent.get(session);
    if (own === undefined) own = [];
    else recent.delete(session);
    if (recent.size >= sessionsMax) recent.delete(recent.keys().next().value!);
    recent.set(session, own);
    return own;
  }

  return {
    next(session, person, product) {
      const before = recentOf(session);
      let accepted = true;
      for (const other of before) if (other !== product && !pair(person, other, product)) accepted = false;
      if (!before.includes(product)) before.push(product);
      if (before.length > recentMax) before.shift();
      return accepted;
    },
    save: (): Iterable<PairsPart> => [{ name: 'pairs', marks: marks.slice(), people: people.slice() }],
    restore(part) {
      marks.set((part as PairsPart).marks);
      people.set((part as PairsPart).people);
    },
  };
}
