import { crc32 } from 'node:zlib';
import { isRapportError, RapportError } from '../../../../src/errors.js';
import type { Document } from '../../../../src/ports/store.js';

const digits = 8;

/** CRC-32 of the name of a tree: what is stored in another one does not pass for a value of this one. */
export type Seed = number;

export function seedOf(tree: string): Seed {
  return crc32(tree);
}

/** The text behind its checksum, as it is stored. */
export function seal(seed: Seed, text: string): string {
  return digitsOf(crc32(text, seed)) + text;
}

/** Eight hexadecimal digits. Formatting a number with a radix takes six times as long. */
function digitsOf(sum: number): string {
  return String.fromCharCode(
    digitAt(sum, 28),
    digitAt(sum, 24),
    digitAt(sum, 20),
    digitAt(sum, 16),
    digitAt(sum, 12),
    digitAt(sum, 8),
    digitAt(sum, 4),
    digitAt(sum, 0),
  );
}

function digitAt(sum: number, shift: number): number {
  const digit = (sum >>> shift) & 15;
  return digit < 10 ? digit + 48 : digit + 87;
}

/** null when the text is not what was stored. */
export function unseal(seed: Seed, stored: string): string | null {
  if (stored.length < digits) return null;
  const text = stored.slice(digits);
  return crc32(text, seed) === checksumOf(stored) ? text : null;
}

/** The same for a text in bytes of UTF-8, which it returns as bytes. */
export function unsealBytes(seed: Seed, stored: Buffer): Buffer | null {
  if (stored.length < digits) return null;
  const text = stored.subarray(digits);
  return crc32(text, seed) === checksumOf(stored) ? text : null;
}

/** Reads the digits without a string of their own, as every read of a document does. */
function checksumOf(stored: string | Buffer): number {
  let sum = 0;
  for (let i = 0; i < digits; i++) {
    const code = typeof stored === 'string' ? stored.charCodeAt(i) : stored[i]!;
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return -1;
    sum = (sum << 4) | digit;
  }
  return sum >>> 0;
}

/** Whether it was stored by a release that kept no checksums. */
export function isUnsealed(stored: string): boolean {
  return stored.startsWith('{');
}

/** Reads a stored document. Throws `STORE_DAMAGED` unless it is what was stored under this id. */
export function readDocument(collection: string, seed: Seed, id: string, stored: string): Document {
  const json = unseal(seed, stored);
  const document = json === null ? null : (JSON.parse(json) as Document);
  if (document?.id !== id) throw documentDamaged(collection, id);
  return document;
}

export function documentDamaged(collection: string, id: string): RapportError {
  return new RapportError(
    'unavailable',
    'STORE_DAMAGED',
    `STORE_DAMAGED: document "${id}" of ${collection} does not match its checksum; restore a backup, or drop it with npm run verify -- --repair and write it again`,
  );
}

export function isDamage(error: unknown): boolean {
  return isRapportError(error) && error.code === 'STORE_DAMAGED';
}
