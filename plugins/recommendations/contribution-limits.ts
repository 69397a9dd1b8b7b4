import { type Part, renumbered, type Storable } from './models/stored.js';
import { createVouching, networkIn, type Witness } from './models/witnesses.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Pairs of a person and a product that are remembered: a power of two, 16 bytes each. When two meet, the older is forgotten. */
const pairsMax = 1 << 16;
/**
 * How far one person moves one product in a day, in views: as far as two views. Most shoppers look at a product once or twice, so they
 * lose nothing; one who also orders it counts no more than four who look.
 */
export const personProductMax = 2;
/** The same for everybody in one network, as three people who do all they can: one client can be as many sessions as it likes. */
export const networkProductMax = 6;
/** Clicks of one person on one product that teach in a day what is looked at together. In a session hardly anybody returns more often. */
export const clicksAPersonMax = 5;
/** Orders of one person that count in a day. Hardly anybody orders more often. */
export const ordersAPersonMax = 3;
/** Showings of one product in trial slots that count of one person in a day. */
export const trialsAPersonMax = 3;
/** Half-life of the usual interest in a product, in hours: a week. */
const memoryHours = 168;
const hourly = 2 ** (-1 / memoryHours);
/** The usual interest of a new shop is averaged over a day at least, since its first hour is not typical. */
const hoursMin = 24;
/**
 * A product gains at most this many views in an hour: three (up to ten in about a week), four times the interest in an average product of
 * this shop, or six times its own usual interest, whichever is most. Interest of the busiest hour of a day is three to four times the
 * mean. So a product that many begin to view reaches its rank within days, and a burst from one client does not.
 */
const hourlyMin = 3;
const weeklyMin = 10;
const averageFactor = 4;
const usualFactor = 6;
/**
 * In a day a product gains at most two views, 1 % of all interest of a usual day, or three times its own usual day, whichever is most. So in
 * a small shop a few clients cannot outdo in a day what people usually like. A shop with less interest than a hundred sessions show
 * has no usual day yet.
 */
export const dailyMin = 2;
const dailyShare = 0.01;
const dailyUsualFactor = 3;
const newShopViews = 500;
const itemsPerPart = 16_384;

/** Keep what a network may do, and what everybody may together, apart from what a person may. */
const networksPrint = 0x6e657477;
const everybodyPrint = 0x616c6c;

interface ItemsPart extends Part {
  readonly name: 'items';
  readonly first: number;
  readonly hours: Int32Array;
  readonly sums: Float64Array;
  readonly past: Float64Array;
  readonly counts: Uint8Array;
  readonly people: Uint32Array;
}

interface TotalPart extends Part {
  readonly name: 'total';
  readonly hour: number;
  readonly sum: number;
  readonly past: number;
  readonly hoursPast: number;
  readonly peopleWidth: number;
  readonly marks: Uint32Array;
  readonly spent: Float32Array;
  readonly daysMs: Float64Array;
}

export interface Contribution {
  /** The fingerprint of a customer or, without one, of the session. */
  readonly person: number;
  /** The fingerprint of the product, which is the same in every process. */
  readonly product: number;
  readonly item: number;
  /** In views. */
  readonly weight: number;
  readonly atMs: number;
  /** Written by the shop's own server: it has no limits, but is what is usual. */
  readonly trusted: boolean;
  readonly witness: Witness;
}

/**
 * Bounds what one person, and what one burst of many made-up people, can do to what everybody is shown: by person and product in a
 * day, and by product in an hour against its own history and the average of the shop.
 */
export interface ContributionLimits extends Storable {
  /** Returns the part of the weight that counts. */
  admit(contribution: Contribution): number;
  /** True if the product can still gain something in this hour and day. `product` is its fingerprint. */
  hasRoom(item: number, product: number, atMs: number): boolean;
  /** Takes one from what a person may do in a day; false when all was taken. `what` is a fingerprint of it. */
  spend(person: number, what: number, max: number, atMs: number): boolean;
  /** The usual interest in a product, in views a day. */
  usualOf(item: number): number;
  /** True if enough independent people contributed to a product for it to be shown to others. */
  isVouched(item: number): boolean;
  /** Dates all that was learned so far earlier. */
  setBack(byMs: number): void;
}

/** `sizeOf` returns how many products the shop has; `peopleMin` as of `createVouching`. */
export function createContributionLimits(sizeOf: () => number, peopleMin: number): ContributionLimits {
  const marks = new Uint32Array(pairsMax);
  /** By pair what was spent since its day began. */
  const spent = new Float32Array(pairsMax);
  const daysMs = new Float64Array(pairsMax);
  /** By product: the hour of its newest contribution, what came in it, and what came before, decayed as of this hour. */
  let hours = new Int32Array(1024);
  let sums = new Float64Array(1024);
  let past = new Float64Array(1024);
  const vouching = createVouching(peopleMin);
  /** The same of all products together; and how many hours that was, decayed as well. */
  const total = { hour: 0, sum: 0, past: 0, hoursPast: 0 };

  function makeRoom(item: number): void {
    if (item < hours.length) return;
    const size = Math.max(item + 1, hours.length * 2);
    const moreHours = new Int32Array(size);
    const [moreSums, morePast] = [new Float64Array(size), new Float64Array(size)];
    moreHours.set(hours);
    moreSums.set(sums);
    morePast.set(past);
    [hours, sums, past] = [moreHours, moreSums, morePast];
  }

  function advance(item: number, hour: number): void {
    if (hour > total.hour) {
      const kept = total.hour === 0 ? 0 : hourly ** (hour - total.hour);
      total.past = (total.past + total.sum) * kept;
      total.hoursPast = total.hour === 0 ? 0 : total.hoursPast * kept + (1 - kept) / (1 - hourly);
      total.sum = 0;
      total.hour = hour;
    }
    if (hour > hours[item]!) {
      past[item] = (past[item]! + sums[item]!) * hourly ** (hour - hours[item]!);
      sums[item] = 0;
      hours[item] = hour;
    }
  }

  function count(item: number, hour: number, weight: number): void {
    if (hour === hours[item]) sums[item]! += weight;
    else past[item]! += weight * hourly ** (hours[item]! - hour);
    if (hour === total.hour) total.sum += weight;
    else total.past += weight * hourly ** (total.hour - hour);
  }

  /** In an hour. */
  function usualOf(item: number): number {
    return past[item]! / Math.max(hoursMin, total.hoursPast);
  }

  /** Of a product in the hour of its newest contribution. */
  function roomOf(item: number): number {
    const average =
      (total.past + total.sum) / Math.max(hoursMin, total.hoursPast + 1) / Math.max(1, sizeOf());
    const first = Math.min(hourlyMin, Math.max(0, weeklyMin - past[item]!));
    return Math.max(first, averageFactor * average, usualFactor * usualOf(item)) - sums[item]!;
  }

  /** The most that a product may gain in a day. */
  function dailyMax(item: number): number {
    const shop = total.past + total.sum;
    if (shop < newShopViews) return Number.POSITIVE_INFINITY;
    const usualDay = (24 * shop) / Math.max(hoursMin, total.hoursPast + 1);
    return Math.max(dailyMin, dailyShare * usualDay, dailyUsualFactor * 24 * usualOf(item));
  }

  /** Where a pair is remembered; begins its day anew if that is over or another pair was there. */
  function slotOf(person: number, what: number, atMs: number): number {
    let hash = Math.imul(person | 0, 0x9e3779b1) ^ Math.imul((person / 2 ** 32) | 0, 0x85ebca6b);
    hash = Math.imul(hash ^ (what | 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    const mark = (hash ^ (hash >>> 13)) >>> 0;
    const slot = mark & (pairsMax - 1);
    const isKnown = marks[slot] === mark;
    if (!isKnown || Math.abs(atMs - daysMs[slot]!) >= dayMs) {
      marks[slot] = mark;
      spent[slot] = 0;
      daysMs[slot] = atMs;
    }
    return slot;
  }

  return {
    admit({ person, product, item, weight, atMs, trusted, witness }) {
      makeRoom(item);
      const hour = Math.floor(atMs / hourMs);
      advance(item, hour);
      let room = weight;
      const slot = slotOf(person, product, atMs);
      vouching.see(item, witness);
      const everybody = slotOf(everybodyPrint, product, atMs);
      if (!trusted) {
        const left = dailyMax(item) - spent[everybody]!;
        room = Math.min(weight, personProductMax - spent[slot]!, roomOf(item), left);
      }
      const network = trusted ? 0 : networkIn(witness);
      const common = network === 0 ? -1 : slotOf(network, product ^ networksPrint, atMs);
      if (common >= 0) room = Math.min(room, networkProductMax - spent[common]!);
      const admitted = Math.max(0, room);
      spent[slot]! += admitted;
      spent[everybody]! += admitted;
      if (common >= 0) spent[common]! += admitted;
      count(item, hour, admitted);
      return admitted;
    },
    hasRoom(item, product, atMs) {
      makeRoom(item);
      advance(item, Math.floor(atMs / hourMs));
      return roomOf(item) > 0 && spent[slotOf(everybodyPrint, product, atMs)]! < dailyMax(item);
    },
    spend(person, what, max, atMs) {
      const slot = slotOf(person, what, atMs);
      if (spent[slot]! >= max) return false;
      spent[slot]!++;
      return true;
    },
    usualOf: (item) => (item < past.length ? 24 * usualOf(item) : 0),
    isVouched: vouching.isVouched,
    setBack(byMs) {
      const byHours = Math.round(byMs / hourMs);
      for (let item = 0; item < hours.length; item++) hours[item]! -= byHours;
      total.hour -= byHours;
      for (let slot = 0; slot < pairsMax; slot++) daysMs[slot]! -= byMs;
    },

    save() {
      const now = {
        ...total,
        peopleWidth: vouching.width,
        marks: marks.slice(),
        spent: spent.slice(),
        daysMs: daysMs.slice(),
      };
      const items = { hours: hours.slice(), sums: sums.slice(), past: past.slice() };
      const { width } = vouching;
      const [counts, people] = [vouching.counts.slice(), vouching.people.slice()];
      return (function* (): Generator<TotalPart | ItemsPart> {
        yield { name: 'total', ...now };
        for (let first = 0; first < items.hours.length; first += itemsPerPart) {
          const end = first + itemsPerPart;
          yield {
            name: 'items',
            first,
            hours: items.hours.slice(first, end),
            sums: items.sums.slice(first, end),
            past: items.past.slice(first, end),
            counts: counts.slice(2 * first, 2 * end),
            people: people.slice(first * width, end * width),
          };
        }
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'total') {
        const stored = part as TotalPart;
        if (stored.peopleWidth !== vouching.width)
          throw new Error(
            `it tells ${stored.peopleWidth} people of each product apart, not ${vouching.width}`,
          );
        const { hour, sum, past: before, hoursPast } = stored;
        Object.assign(total, { hour, sum, past: before, hoursPast });
        marks.set(stored.marks);
        spent.set(stored.spent);
        daysMs.set(stored.daysMs);
        return;
      }
      const stored = part as ItemsPart;
      for (let at = 0; at < stored.hours.length; at++) {
        const item = renumbered(stored.first + at, renumbering);
        if (item < 0) continue;
        makeRoom(item);
        hours[item] = stored.hours[at]!;
        sums[item] = stored.sums[at]!;
        past[item] = stored.past[at]!;
        const from = at * vouching.width;
        vouching.put(
          item,
          stored.counts.subarray(2 * at, 2 * at + 2),
          stored.people.subarray(from, from + vouching.width),
        );
      }
    },
  };
}
