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
  return crc32(text, seed).toString(16).padStart(digits, '0') + text;
}

/** null when the text is not what was stored. */
export function unseal(seed: Seed, stored: string): string | null {
  const text = stored.slice(digits);
  return crc32(text, seed) === Number.parseInt(stored.slice(0, digits), 16) ? text : null;
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
