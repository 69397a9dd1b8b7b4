import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import type { Edge } from '../../src/plugin.js';
import { Refusal } from './refusal.js';

/** Of a request, as it arrives and once it is unpacked. */
export const bodyBytesMax = 512_000;
/** Of a body that has to be read to find the key. */
export const keylessBytesMax = 102_400;

const gunzipped = promisify(gunzip);
const inflated = promisify(inflate);
const inflatedRaw = promisify(inflateRaw);

export interface Body {
  readonly json: unknown;
  /** Of its text. */
  readonly bytes: number;
}

/**
 * Reads a request's body as JSON, whatever its content type says, since SDKs send `text/plain` and worse.
 * Unpacks gzip by its first bytes, as some label it wrongly, and deflate by its header. Throws a `Refusal`,
 * or what `Edge.body` throws.
 */
export async function readBody(request: IncomingMessage, edge: Edge, bytesMax: number): Promise<Body> {
  const encoding = String(request.headers['content-encoding'] ?? 'identity');
  const bytes = await edge.body(bytesMax, (packed) => unpack(packed, encoding, bytesMax));
  const text = bytes.toString('utf8');
  try {
    return { json: JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text), bytes: bytes.length };
  } catch {
    throw new Refusal(
      400,
      'TRACKING_JSON_INVALID',
      'the body must be JSON, plain or packed with gzip or deflate',
    );
  }
}

async function unpack(bytes: Buffer, encoding: string, bytesMax: number): Promise<Buffer> {
  const options = { maxOutputLength: bytesMax };
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await gunzipped(bytes, options);
    if (encoding.trim().toLowerCase() !== 'deflate') return bytes;
    // Per RFC 9110 it is wrapped in zlib's format, but some send it bare.
    return (bytes[0]! & 0x0f) === 8 ? await inflated(bytes, options) : await inflatedRaw(bytes, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw new Refusal(400, 'TRACKING_PACKING_INVALID', 'the body is not what gzip or deflate make');
  }
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(
    413,
    'TRACKING_BODY_TOO_LARGE',
    `a body is at most ${bytesMax} bytes (${Math.floor(bytesMax / 1_024)} KB), packed and unpacked; send several smaller batches`,
  );
}
