import { grownUint8 } from '../../../src/kit/grown-arrays.js';

/** The largest number of people that a shop can require. */
export const peopleMinMax = 50;
/** People who did not permit personalization vouch only among themselves, and this many times as many are required. */
const silentFactor = 2;
/** Networks are told apart by so many bits (`ShopEvent.network`), people by the rest of 31. */
const networkBits = 12;
/** Prints of networks are below it; 0 is none that is known. */
export const networksMax = 2 ** networkBits;
const networkMask = networksMax - 1;
const personMask = 2 ** (31 - networkBits) - 1;
const silentBit = 0x8000_0000;
/** Storefront sessions that did not permit and have no known network cannot be told apart, so they share this network. */
const unknownNetwork = 1;

/**
 * The person behind a session, a basket or a history of purchases, in 32 bits: a print of the person, one of the network, and whether
 * personalization was permitted. 0: no person who can vouch.
 */
export type Witness = number;

interface WitnessOf {
  /** A fingerprint. */
  readonly person: number;
  /** As in `ShopEvent`; 0: not known. */
  readonly network: number;
  readonly permitted: boolean;
  /** Written by the shop's own server, which tells people apart itself. */
  readonly trusted: boolean;
}

export function witnessOf({ person, network, permitted, trusted }: WitnessOf): Witness {
  const who = person & personMask || 1;
  const known = trusted ? 0 : network & networkMask || (permitted ? 0 : unknownNetwork);
  return (((permitted ? 0 : silentBit) | (known << (31 - networkBits)) | who) >>> 0) as Witness;
}

/** The witness in a model that is used without limits: each key is a person. */
export const witnessOfKey = (key: number): Witness =>
  witnessOf({ person: key, network: 0, permitted: true, trusted: true });

/** The witness of a session that continues as another one: the newer one, without permission if the former had none. */
export function continued(before: Witness, now: Witness): Witness {
  return (now | (before & silentBit)) >>> 0;
}

/** The network of a witness; 0: not known. */
export const networkIn = (witness: Witness): number => (witness >>> (31 - networkBits)) & networkMask;

/** Returns true if two witnesses are neither the same person nor of one network, as far as is known. */
function areIndependent(one: Witness, other: Witness): boolean {
  if ((one & personMask) === (other & personMask)) return false;
  const network = networkIn(one);
  return network === 0 || network !== networkIn(other);
}

/**
 * Counts the independent people behind rows, each a product or a pair of products. A row is shown to others from a minimum of people who
 * permitted personalization, or `silentFactor` times as many who did not, never both together. Otherwise a few made-up sessions would
 * reveal the behaviour of a person who refused.
 * `min`: 1 to 50 people. With 1, each person is enough, also one who did not permit.
 */
export function createVouching(min: number) {
  const open = Math.max(1, Math.min(min, peopleMinMax));
  const silent = open === 1 ? 1 : silentFactor * open;
  const width = open + silent;
  let counts: Uint8Array = new Uint8Array(2 * 1024);
  let people = new Uint32Array(1024 * width);

  function makeRoom(rows: number): void {
    if (2 * rows <= counts.length) return;
    counts = grownUint8(counts, 2 * rows);
    const larger = new Uint32Array((counts.length >> 1) * width);
    larger.set(people);
    people = larger;
  }

  return {
    /** Numbers of a row in `people`. */
    width,
    /** By row: how many there are of those who permitted, and of those who did not; and who they are. */
    get counts() {
      return counts;
    },
    get people() {
      return people;
    },
    /** Begins the rows below `rows` anew. */
    clear(rows: number): void {
      makeRoom(rows);
      counts.fill(0, 0, 2 * rows);
    },
    see(row: number, witness: Witness): void {
      if (witness === 0) return;
      if (2 * row >= counts.length) makeRoom(row + 1);
      const isSilent = witness >>> 31;
      const count = counts[2 * row + isSilent]!;
      if (count >= (isSilent === 1 ? silent : open)) return;
      const from = row * width + isSilent * open;
      for (let at = from; at < from + count; at++) if (!areIndependent(people[at]!, witness)) return;
      people[from + count] = witness;
      counts[2 * row + isSilent] = count + 1;
    },
    isVouched: (row: number) => (counts[2 * row] ?? 0) >= open || (counts[2 * row + 1] ?? 0) >= silent,
    /** Returns true if at least one person who permitted personalization stands behind it. */
    isSeen: (row: number) => (counts[2 * row] ?? 0) > 0,
    /** Takes back what was stored of rows from `first` on. */
    put(first: number, someCounts: Uint8Array, somePeople: Uint32Array): void {
      makeRoom(first + (someCounts.length >> 1));
      counts.set(someCounts, 2 * first);
      people.set(somePeople, first * width);
    },
  };
}

export type Vouching = ReturnType<typeof createVouching>;
