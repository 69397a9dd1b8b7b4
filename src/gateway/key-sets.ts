import type { FetchImplementation } from 'jose';
import { RapportError } from '../errors.js';

/** Bytes of a JWK set. Those of large providers have less than 20 KB. */
const keySetBytesMax = 1024 * 1024;
/** Keys of a set: a token without a key id is tried with each, at about 50 µs. */
const keysMax = 50;
const retryAfterSeconds = 5;

/** Reads the JWK set of an identity provider, for jose. Rejects if it is larger than any provider needs. */
export const fetchKeySet: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  if (response.status !== 200) {
    await response.body?.cancel();
    return response;
  }
  const text = await bodyOf(response);
  const keys = keysIn(text);
  if (keys > keysMax) throw unreadableKeys(`its key set has ${keys} keys; at most ${keysMax} are allowed`);
  return new Response(text, { status: response.status });
};

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels what has not arrived yet.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > keySetBytesMax)
      throw unreadableKeys(`its key set has more than ${keySetBytesMax} bytes, which is the most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** 0 for what is no key set, which jose refuses. */
function keysIn(text: string): number {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys.length : 0;
  } catch {
    return 0;
  }
}

/** The provider's fault, and none of the token's. */
export function unreadableKeys(why: string, cause?: unknown): RapportError {
  return new RapportError(
    'unavailable',
    'AUTHENTICATION_UNAVAILABLE',
    `The identity provider's keys cannot be read: ${why}. Try again.`,
    { cause, retryAfterSeconds },
  );
}
