import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import type { Clock } from '../../src/plugin.js';
import { Refusal } from './refusal.js';

/** Of a request, as it arrives and once it is unpacked. */
export const bodyBytesMax = 512_000;
/** By when the whole body must have arrived. */
export const bodyDeadlineMs = 10_000;

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
 * Unpacks gzip by its first bytes, as some label it wrongly, and deflate by its header. Throws a `Refusal`.
 */
export async function readBody(request: IncomingMessage, clock: Clock): Promise<Body> {
  const packed = await readBytes(request, clock);
  const bytes = await unpack(packed, String(request.headers['content-encoding'] ?? 'identity'));
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

function readBytes(request: IncomingMessage, clock: Clock): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const cancel = clock.after(bodyDeadlineMs, () =>
      end(() =>
        reject(
          new Refusal(
            408,
            'TRACKING_BODY_SLOW',
            `a body must have arrived within ${bodyDeadlineMs / 1_000} seconds`,
          ),
        ),
      ),
    );

    function end(settle: () => void): void {
      cancel();
      request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
      settle();
    }
    function onData(part: Buffer): void {
      length += part.length;
      if (length > bodyBytesMax) end(() => reject(tooLarge()));
      else parts.push(part);
    }
    const onEnd = () => end(() => resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)));
    const onLost = () =>
      end(() => reject(new Refusal(400, 'TRACKING_BODY_LOST', 'the body ended before it was complete')));
    request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
  });
}

async function unpack(bytes: Buffer, encoding: string): Promise<Buffer> {
  const options = { maxOutputLength: bodyBytesMax };
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return await gunzipped(bytes, options);
    if (encoding.trim().toLowerCase() !== 'deflate') return bytes;
    // Per RFC 9110 it is wrapped in zlib's format, but some send it bare.
    return (bytes[0]! & 0x0f) === 8 ? await inflated(bytes, options) : await inflatedRaw(bytes, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new Refusal(400, 'TRACKING_PACKING_INVALID', 'the body is not what gzip or deflate make');
  }
}

function tooLarge(): Refusal {
  return new Refusal(
    413,
    'TRACKING_BODY_TOO_LARGE',
    `a body is at most ${bodyBytesMax} bytes (500 KB), packed and unpacked; send several smaller batches`,
  );
}
