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
 * Fills in the fingerprint of a text: two 32-bit multiply-xor chains over its UTF-16 units, two at a time, finished
 * with the mixer of MurmurHash3. Not for secrets: an id is compared with those of the same sender only.
 */
export function fingerprint(text: string, into: Fingerprint): void {
  const { length } = text;
  let a = 0x9e3779b9 ^ length;
  let b = 0x85ebca6b;
  let i = 0;
  for (; i + 1 < length; i += 2) {
    const units = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    a = Math.imul(a ^ units, 0x9e3779b1);
    b = Math.imul(b ^ units, 0x5f356495);
    a ^= b >>> 15;
    b ^= a >>> 13;
  }
  if (i < length) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495) ^ (a >>> 15);
  }
  a = mix(a);
  b = mix(b ^ a);
  into.high = a | 0;
  into.low = a === 0 && b === 0 ? 1 : b | 0;
}

export function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
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
