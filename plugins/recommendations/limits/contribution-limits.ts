import { createDailyQuotas, type Quota } from '../../../src/kit/daily-quotas.js';
import { ensureCapacity } from '../../../src/kit/ensure-capacity.js';
import { type IdRemap, type Part, remapped } from '../snapshots/stored.js';
import { createVouching, networkIn, type Witness } from './witnesses.js';

const hourMs = 3_600_000;
const dayHours = 24;
/**
 * How far one person moves one product in a day, in views: as far as two views. Most shoppers look at a product once or twice, so they
 * lose nothing; one who also orders it counts no more than four who look.
 */
export const personProductMax = 2;
/** The same for everybody in one network, as three people who do all they can: one client can be as many sessions as it likes. */
const networkProductMax = 6;
/** A network that many share moves a product by this part of the usual interest of a day, if that is more. */
const networkUsualShare = 0.05;
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
const dailyMin = 2;
const dailyShare = 0.01;
const dailyUsualFactor = 3;
const newShopViews = 500;
const itemsPerPart = 16_384;

const personViews: Quota = { number: 0, max: personProductMax };
const networkViews: Quota = { number: 1, max: networkProductMax };

/** Numbers of a product, one after the other in one array. */
const columns = 5;
/** The hour of its newest contribution, what came in it, and what came before, decayed as of this hour. */
const [hourAt, sumAt, pastAt] = [0, 1, 2];
/** The contributions of the day of that hour (UTC), and of the day before that. */
const [ofDayAt, dayBeforeAt] = [3, 4];

const dayOf = (hour: number) => Math.floor(hour / dayHours);

interface ItemsPart extends Part {
  readonly name: 'items';
  readonly first: number;
  readonly numbers: Float64Array;
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
}

interface Contribution {
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
 * `sizeOf` returns how many products the shop has; `peopleMin` as of `createVouching`. `quotas` are the caller's to store.
 */
export function createContributionLimits(
  sizeOf: () => number,
  peopleMin: number,
  quotas = createDailyQuotas(),
) {
  /** `columns` of each product. */
  let numbers = new Float64Array(columns * 1024);
  const vouching = createVouching(peopleMin);
  /** The same of all products together; and how many hours that was, decayed as well. */
  const total = { hour: 0, sum: 0, past: 0, hoursPast: 0 };

  function makeRoom(item: number): void {
    numbers = ensureCapacity(Float64Array, numbers, columns * (item + 1));
  }

  function advance(item: number, hour: number): void {
    if (hour > total.hour) {
      const kept = total.hour === 0 ? 0 : hourly ** (hour - total.hour);
      total.past = (total.past + total.sum) * kept;
      total.hoursPast = total.hour === 0 ? 0 : total.hoursPast * kept + (1 - kept) / (1 - hourly);
      total.sum = 0;
      total.hour = hour;
    }
    const row = columns * item;
    const newest = numbers[row + hourAt]!;
    if (hour <= newest) return;
    numbers[row + pastAt] = (numbers[row + pastAt]! + numbers[row + sumAt]!) * hourly ** (hour - newest);
    numbers[row + sumAt] = 0;
    const days = dayOf(hour) - dayOf(newest);
    if (days > 0) {
      numbers[row + dayBeforeAt] = days === 1 ? numbers[row + ofDayAt]! : 0;
      numbers[row + ofDayAt] = 0;
    }
    numbers[row + hourAt] = hour;
  }

  function count(item: number, hour: number, weight: number): void {
    const row = columns * item;
    const newest = numbers[row + hourAt]!;
    if (dayOf(hour) === dayOf(newest)) numbers[row + ofDayAt]! += weight;
    if (hour === newest) numbers[row + sumAt]! += weight;
    else numbers[row + pastAt]! += weight * hourly ** (newest - hour);
    if (hour === total.hour) total.sum += weight;
    else total.past += weight * hourly ** (total.hour - hour);
  }

  /** In an hour. */
  function usualOf(item: number): number {
    return (numbers[columns * item + pastAt] ?? 0) / Math.max(hoursMin, total.hoursPast);
  }

  /** The room of a product in the hour and day of its newest contribution. */
  function roomOf(item: number): number {
    const row = columns * item;
    const average =
      (total.past + total.sum) / Math.max(hoursMin, total.hoursPast + 1) / Math.max(1, sizeOf());
    const first = Math.min(hourlyMin, Math.max(0, weeklyMin - numbers[row + pastAt]!));
    const hourlyMax = Math.max(first, averageFactor * average, usualFactor * usualOf(item));
    // A window of 24 hours slides over both days, as if the contributions of the one before came evenly: midnight renews nothing at once.
    const stillCounts = 1 - (numbers[row + hourAt]! % dayHours) / dayHours;
    const ofWindow = numbers[row + ofDayAt]! + stillCounts * numbers[row + dayBeforeAt]!;
    return Math.min(hourlyMax - numbers[row + sumAt]!, dailyMax(item) - ofWindow);
  }

  /** The most that a product may gain in a day. */
  function dailyMax(item: number): number {
    const shop = total.past + total.sum;
    if (shop < newShopViews) return Number.POSITIVE_INFINITY;
    const usualDay = (24 * shop) / Math.max(hoursMin, total.hoursPast + 1);
    return Math.max(dailyMin, dailyShare * usualDay, dailyUsualFactor * 24 * usualOf(item));
  }

  /** The larger its usual interest, the more a network may do with a product. */
  function crowdOf(item: number): number {
    return Math.max(1, (networkUsualShare * 24 * usualOf(item)) / networkProductMax);
  }

  /** The part of a storefront's event that counts. */
  function bounded({ person, product, item, weight, atMs, witness }: Contribution): number {
    const wanted = Math.min(weight, roomOf(item));
    const own = quotas.take(person, product, personViews, wanted, atMs);
    const network = networkIn(witness);
    if (own === 0 || network === 0) return own;
    const crowd = crowdOf(item);
    return crowd * quotas.take(network, product, networkViews, own / crowd, atMs);
  }

  return {
    /** Returns the part of the weight that counts. */
    admit(contribution: Contribution): number {
      const { item, weight, atMs, trusted, witness } = contribution;
      makeRoom(item);
      const hour = Math.floor(atMs / hourMs);
      advance(item, hour);
      const admitted = trusted ? weight : bounded(contribution);
      if (admitted === 0) return 0;
      vouching.see(item, witness);
      count(item, hour, admitted);
      return admitted;
    },
    /** Room of the product in this hour and day. Scarce: less than a view, in a shop that knows its usual day. */
    roomOf(item: number, atMs: number): 'none' | 'scarce' | 'enough' {
      makeRoom(item);
      advance(item, Math.floor(atMs / hourMs));
      const room = roomOf(item);
      if (room <= 0) return 'none';
      return room < 1 && total.past + total.sum >= newShopViews ? 'scarce' : 'enough';
    },
    /** The factor by which one network may do more with this product than with one of little interest: 1 or more. */
    crowdOf,
    /** The usual interest in a product, in views a day. */
    usualOf: (item: number) => 24 * usualOf(item),
    /** True if enough independent people contributed to a product for it to be shown to others. */
    isVouched: vouching.isVouched,
    /** Dates all that was learned so far earlier. */
    setBack(byMs: number): void {
      const byHours = Math.round(byMs / hourMs);
      for (let at = hourAt; at < numbers.length; at += columns) numbers[at]! -= byHours;
      total.hour -= byHours;
    },

    save() {
      const { width } = vouching;
      const now: TotalPart = { name: 'total', ...total, peopleWidth: width };
      const [all, counts, people] = [numbers.slice(), vouching.counts.slice(), vouching.people.slice()];
      return (function* (): Generator<TotalPart | ItemsPart> {
        yield now;
        for (let first = 0; columns * first < all.length; first += itemsPerPart) {
          const end = first + itemsPerPart;
          yield {
            name: 'items',
            first,
            numbers: all.slice(columns * first, columns * end),
            counts: counts.slice(2 * first, 2 * end),
            people: people.slice(first * width, end * width),
          };
        }
      })();
    },
    restore(part: Part, remap: IdRemap): void {
      if (part.name === 'total') {
        const { hour, sum, past, hoursPast, peopleWidth } = part as TotalPart;
        if (peopleWidth !== vouching.width)
          throw new Error(`it tells ${peopleWidth} people of each product apart, not ${vouching.width}`);
        Object.assign(total, { hour, sum, past, hoursPast });
        return;
      }
      const stored = part as ItemsPart;
      for (let at = 0; columns * at < stored.numbers.length; at++) {
        const item = remapped(stored.first + at, remap);
        if (item < 0) continue;
        makeRoom(item);
        numbers.set(stored.numbers.subarray(columns * at, columns * (at + 1)), columns * item);
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

export type ContributionLimits = ReturnType<typeof createContributionLimits>;
