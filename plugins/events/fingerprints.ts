import { hash } from 'node:crypto';

/** Shards are grown one at a time, so that no growth holds up the process for long. */
const shards = 256;
const startSlots = 16;
const fullness = 0.6;

/** 64 bits of an event's id, as two signed halves, which the engine keeps without boxing them; never both zero. */
export interface Fingerprint {
  high: number;
  low: number;
}

/**
 * Fills in the fingerprint of a text: 64 bits of its SHA-256. Ids hold what clients choose and one set knows those of all senders, so
 * nobody may be able to make an id with the fingerprint of somebody else's: it would be taken for sent again.
 */
export function fingerprint(text: string, into: Fingerprint): void {
  const digest = hash('sha256', text, 'binary');
  into.high = wordOf(digest, 0);
  into.low = wordOf(digest, 4);
  if (into.high === 0 && into.low === 0) into.low = 1;
}

function wordOf(bytes: string, at: number): number {
  return (
    (bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)
  );
}

/** A set of fingerprints, each with the digest of a body, in about 17 to 33 bytes each. */
export interface FingerprintSet {
  readonly size: number;
  has(high: number, low: number): boolean;
  /** The digest that it was added with; -1: it is not there. */
  bodyOf(high: number, low: number): number;
  /** False: it was there, and keeps its digest. */
  add(high: number, low: number, body: number): boolean;
}

interface Shard {
  slots: Int32Array;
  /** Digests, one for each slot. */
  bodies: Uint16Array;
  used: number;
}

export function createFingerprintSet(): FingerprintSet {
  const all: (Shard | undefined)[] = new Array(shards);
  let size = 0;

  function bodyOf(high: number, low: number): number {
    const shard = all[high >>> 24];
    if (shard === undefined) return -1;
    const { slots, bodies } = shard;
    const at = slotOf(slots, high, low);
    return (slots[at]! | slots[at + 1]!) === 0 ? -1 : bodies[at >> 1]!;
  }

  return {
    get size() {
      return size;
    },
    has: (high, low) => bodyOf(high, low) >= 0,
    bodyOf,
    add(high, low, body) {
      let shard = all[high >>> 24];
      if (shard === undefined) {
        shard = { slots: new Int32Array(startSlots * 2), bodies: new Uint16Array(startSlots), used: 0 };
        all[high >>> 24] = shard;
      }
      const at = slotOf(shard.slots, high, low);
      if ((shard.slots[at]! | shard.slots[at + 1]!) !== 0) return false;
      shard.slots[at] = high;
      shard.slots[at + 1] = low;
      shard.bodies[at >> 1] = body;
      shard.used += 1;
      size += 1;
      if (shard.used * 2 > shard.slots.length * fullness) grow(shard);
      return true;
    },
  };
}

/** Where it is, or the empty slot where it belongs (linear probing). */
function slotOf(slots: Int32Array, high: number, low: number): number {
  const mask = slots.length - 1;
  let at = (low << 1) & mask;
  for (;;) {
    const slotHigh = slots[at]!;
    const slotLow = slots[at + 1]!;
    if ((slotHigh === high && slotLow === low) || (slotHigh | slotLow) === 0) return at;
    at = (at + 2) & mask;
  }
}

function grow(shard: Shard): void {
  const old = shard.slots;
  const slots = new Int32Array(old.length * 2);
  const bodies = new Uint16Array(old.length);
  for (let i = 0; i < old.length; i += 2) {
    const high = old[i]!;
    const low = old[i + 1]!;
    if ((high | low) === 0) continue;
    const at = slotOf(slots, high, low);
    slots[at] = high;
    slots[at + 1] = low;
    bodies[at >> 1] = shard.bodies[i >> 1]!;
  }
  shard.slots = slots;
  shard.bodies = bodies;
}
