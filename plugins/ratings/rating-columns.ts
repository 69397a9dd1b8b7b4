import { fingerprint } from '../../src/kit/fingerprint.js';
import { isFromStorefront, type ShopEvent } from '../../src/ports/events.js';
import type { Rating } from '../../src/ports/product-details.js';

/** The people whose ratings of one product are kept, the newest ones: some 300 KB. */
const peopleMax = 10_000;
/** The ratings of a product that count of one network, by a storefront's key and without a proven customer. */
const networkRatingsMax = 3;
/** The network of a rating that the shop's server or a proven customer stands for: it counts by itself. */
const vouched = -1;

/** The newest rating of a product by one person. */
export interface PersonRating {
  /** A fingerprint of the customer, or of the session of somebody who is no proven customer. */
  readonly person: number;
  readonly stars: number;
  /** A print of the network, 0 if that is not known, or `vouched`. */
  readonly network: number;
  readonly receivedAtMs: number;
}

/** The ratings of a product, in columns, oldest first. */
export interface RatingsDocument {
  /** The product, or the code in the events while no product has it. */
  readonly id: string;
  /** 1 while no product has the code. */
  readonly waiting?: 1;
  readonly people: readonly number[];
  readonly stars: readonly number[];
  readonly networks: readonly number[];
  readonly receivedAtMs: readonly number[];
}

/** The rating in an event. */
export function personRating(event: ShopEvent): PersonRating {
  const { customerId, sessionId, network = 0, value, receivedAtMs } = event;
  return {
    person: fingerprint(customerId === null ? `s${sessionId}` : `c${customerId}`),
    stars: value ?? 0,
    network: customerId !== null || !isFromStorefront(event) ? vouched : network,
    receivedAtMs,
  };
}

export function ratingsIn({ people, stars, networks, receivedAtMs }: RatingsDocument): PersonRating[] {
  return people.map((person, at) => ({
    person,
    stars: stars[at]!,
    network: networks[at]!,
    receivedAtMs: receivedAtMs[at]!,
  }));
}

/** The last rating of each person, oldest first. */
export type RatingsByPerson = Map<number, PersonRating>;

/** Adds a rating that was received after those that are there. The oldest one goes when there are too many people. */
export function addRating(byPerson: RatingsByPerson, rating: PersonRating): void {
  byPerson.delete(rating.person);
  byPerson.set(rating.person, rating);
  if (byPerson.size <= peopleMax) return;
  const [oldest] = byPerson.keys();
  byPerson.delete(oldest!);
}

/** The ratings of a product as they are stored: the last one of each person. Null for none. */
export function withRatings(
  id: string,
  waiting: boolean,
  ratings: readonly PersonRating[],
): RatingsDocument | null {
  const byPerson: RatingsByPerson = new Map();
  for (const rating of [...ratings].sort((a, b) => a.receivedAtMs - b.receivedAtMs))
    addRating(byPerson, rating);
  if (byPerson.size === 0) return null;
  const kept = [...byPerson.values()];
  return {
    id,
    ...(waiting ? { waiting: 1 as const } : {}),
    people: kept.map(({ person }) => person),
    stars: kept.map(({ stars }) => stars),
    networks: kept.map(({ network }) => network),
    receivedAtMs: kept.map(({ receivedAtMs }) => receivedAtMs),
  };
}

/** Average and count; null from fewer than `peopleMin` independent people. Of one network the newest ratings count. */
export function ratingFrom(document: RatingsDocument | null, peopleMin: number): Rating | null {
  if (document === null) return null;
  const { stars, networks } = document;
  const ofNetwork = new Map<number, number>();
  let independent = 0;
  let sum = 0;
  let count = 0;
  for (let at = stars.length - 1; at >= 0; at--) {
    const network = networks[at]!;
    const before = network === vouched ? 0 : (ofNetwork.get(network) ?? 0);
    if (before === networkRatingsMax) continue;
    ofNetwork.set(network, before + 1);
    if (before === 0) independent++;
    sum += stars[at]!;
    count++;
  }
  return independent < peopleMin ? null : { average: Math.round((sum / count) * 100) / 100, count };
}
