/** An opaque key: a text, or its fingerprint. */
export type Key = string | number;

const highSeed = 0xdeadbeef;
const lowSeed = 0x41c6ce57;
const highFactor = 0x9e3779b1;
const lowFactor = 0x5f356495;

/**
 * A hash of 53 bits of a text, from 0 to 2^53 - 1: two multiplicative hashes side by side, mixed at the end as MurmurHash3 does.
 * One in 18,000 sets of a million texts has a collision. The same in every process and version. Not cryptographic.
 */
export function fingerprint(text: string): number {
  let high = highSeed;
  let low = lowSeed;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, highFactor);
    low = Math.imul(low ^ code, lowFactor);
  }
  return mixed(high, low);
}

/** The fingerprint of the text that has these bytes for its UTF-16 units, without making that text. */
export function fingerprintOfBytes(bytes: Uint8Array, from: number, end: number): number {
  let high = highSeed;
  let low = lowSeed;
  for (let at = from; at < end; at++) {
    const code = bytes[at]!;
    high = Math.imul(high ^ code, highFactor);
    low = Math.imul(low ^ code, lowFactor);
  }
  return mixed(high, low);
}

function mixed(high: number, low: number): number {
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

export function keyOf(key: Key): number {
  return typeof key === 'number' ? key : fingerprint(key);
}
