import { createHash } from 'node:crypto';

/** 128 bits of the SHA-256 of a text, in base64url. It recognises the text without containing it; who knows a text can compare it. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
