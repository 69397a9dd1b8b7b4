import type { Part, Storable } from '../snapshots/stored.js';

const dayMs = 86_400_000;
/** Pairs of products that are remembered: sets of eight, 16 bytes a pair. A full set forgets the pair with the fewest sessions. */
const pairsMax = 1 << 17;
const setSize = 8;
const setsMask = pairsMax / setSize - 1;
/** A product forms pairs with this many that the same session or person named before it: as many as vote in one session. */
const recentMax = 32;
/** Sessions and people whose recent products are remembered. */
const namersMax = 1 << 15;
/** Sessions of earlier days count half after a week. */
const daily = 2 ** (-1 / 7);
/** A pair always gains this many sessions in a day: as many as make a product popular. */
export const dailyPairsMin = 3;
/**
 * A pair gains more only up to twice its own usual sessions of a day, or up to a share of the usual interest in its two products: 5 % of
 * the busier one or a quarter of the quieter one, whichever is less. So neither an unknown product nor a popular one is pushed to the
 * top of another product's list in a day.
 */
const usualFactor = 2;
const busierShare = 0.05;
const quieterShare = 0.25;

interface PairsPart extends Part {
  readonly name: 'pairs';
  readonly daysPast: number;
  readonly newestDay: number;
  readonly marks: Uint32Array;
  readonly days: Int32Array;
  readonly today: Float32Array;
  readonly past: Float32Array;
}

export interface PairLimitOptions {
  /** The fingerprint of a product, which is the same in every process. */
  printOf(item: number): number;
  /** The usual interest in a product, in views a day. */
  usualOf(item: number): number;
}

export interface NamedProduct {
  /** The fingerprint of the session or person who names it. */
  readonly namer: number;
  readonly item: number;
  readonly atMs: number;
  /** Written by the shop's own server: it is not limited, but counts for what is usual. */
  readonly trusted: boolean;
}

/**
 * Bounds how many sessions a pair of products gains in a day, relative to what the pair and its products had on other days, so that one
 * client cannot decide which products are shown together.
 */
export interface PairLimits extends Storable {
  /**
   * Enters the next product of a session or person. Returns whether it may teach: not if a pair with one of the products just before it
   * has had its share of the day. A product that was accepted before is accepted again.
   */
  admit(named: NamedProduct): boolean;
  /** True if a session or person named a product lately and it was accepted. */
  hasTaught(namer: number, item: number): boolean;
  /** Dates all that was learned so far earlier. */
  setBack(byMs: number): void;
}

export function createPairLimits({ printOf, usualOf }: PairLimitOptions): PairLimits {
  /** 0 if the place is free. */
  const marks = new Uint32Array(pairsMax);
  /** By pair: the day of its newest session, the sessions of that day, and those before it, decayed as of it. */
  const days = new Int32Array(pairsMax);
  const today = new Float32Array(pairsMax);
  const past = new Float32Array(pairsMax);
  /** The number of days that were counted, decayed as well. */
  let daysPast = 0;
  let newestDay = 0;
  const recent = new Map<number, number[]>();
  /** Events of one session follow each other. */
  let lastNamer = Number.NaN;
  let lastRecent: number[] = [];
  const slots = new Int32Array(recentMax);

  function recentOf(namer: number): number[] {
    if (namer === lastNamer) return lastRecent;
    let own = recent.get(namer);
    if (own === undefined) own = [];
    else recent.delete(namer);
    if (recent.size >= namersMax) recent.delete(recent.keys().next().value!);
    recent.set(namer, own);
    lastNamer = namer;
    lastRecent = own;
    return own;
  }

  function advance(day: number): void {
    if (day <= newestDay) return;
    const kept = newestDay === 0 ? 0 : daily ** (day - newestDay);
    daysPast = newestDay === 0 ? 0 : daysPast * kept + (1 - kept) / (1 - daily);
    newestDay = day;
  }

  /** The index of a pair, as of a day that may be earlier than its newest one. */
  function slotOf(one: number, other: number, day: number): number {
    let hash = Math.imul(Math.min(one, other), 0x9e3779b1) ^ Math.imul(Math.max(one, other), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
    const mark = (hash ^ (hash >>> 16)) >>> 0 || 1;
    const from = ((Math.imul(mark, 0x85ebca6b) >>> 7) & setsMask) * setSize;
    // Most pairs are known, and marks alone are half of a cache line.
    for (let slot = from; slot < from + setSize; slot++) {
      if (marks[slot] !== mark) continue;
      if (day > days[slot]!) {
        past[slot] = (past[slot]! + today[slot]!) * daily ** (day - days[slot]!);
        today[slot] = 0;
        days[slot] = day;
      }
      return slot;
    }
    const slot = leastOf(from, day);
    marks[slot] = mark;
    days[slot] = day;
    today[slot] = 0;
    past[slot] = 0;
    return slot;
  }

  /** The first free place of a set, or the one with the fewest sessions. */
  function leastOf(from: number, day: number): number {
    let slot = from;
    let least = Number.POSITIVE_INFINITY;
    for (let at = from; at < from + setSize; at++) {
      if (marks[at] === 0) return at;
      const evidence = (past[at]! + today[at]!) / (8 + Math.max(0, day - days[at]!));
      if (evidence >= least) continue;
      least = evidence;
      slot = at;
    }
    return slot;
  }

  function hasRoom(slot: number, one: number, other: number): boolean {
    const gained = today[slot]!;
    if (gained < dailyPairsMin || gained < (usualFactor * past[slot]!) / Math.max(1, daysPast)) return true;
    const [oneUsual, otherUsual] = [usualOf(one), usualOf(other)];
    const busier = busierShare * Math.max(oneUsual, otherUsual);
    return gained < Math.min(busier, quieterShare * Math.min(oneUsual, otherUsual));
  }

  function count(slot: number, day: number): void {
    if (days[slot] === day) today[slot]!++;
    else past[slot]! += daily ** (days[slot]! - day);
  }

  return {
    admit({ namer, item, atMs, trusted }) {
      const before = recentOf(namer);
      if (before.includes(item)) return true;
      const day = Math.floor(atMs / dayMs);
      advance(day);
      const print = printOf(item);
      for (let at = 0; at < before.length; at++) {
        const other = before[at]!;
        const slot = slotOf(print, printOf(other), day);
        if (trusted) count(slot, day);
        else if (!hasRoom(slot, item, other)) return false;
        slots[at] = slot;
      }
      if (!trusted) for (let at = 0; at < before.length; at++) count(slots[at]!, day);
      before.push(item);
      if (before.length > recentMax) before.shift();
      return true;
    },
    hasTaught(namer, item) {
      const own = namer === lastNamer ? lastRecent : recent.get(namer);
      return own !== undefined && own.length > 0 && own.includes(item);
    },
    setBack(byMs) {
      const byDays = Math.round(byMs / dayMs);
      for (let slot = 0; slot < pairsMax; slot++) days[slot]! -= byDays;
      newestDay -= byDays;
    },
    save: (): Iterable<PairsPart> => [
      {
        name: 'pairs',
        daysPast,
        newestDay,
        marks: marks.slice(),
        days: days.slice(),
        today: today.slice(),
        past: past.slice(),
      },
    ],
    restore(part) {
      const stored = part as PairsPart;
      ({ daysPast, newestDay } = stored);
      marks.set(stored.marks);
      days.set(stored.days);
      today.set(stored.today);
      past.set(stored.past);
    },
  };
}
