import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Role } from '../context.js';
import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';

const kib = 1_024;
/** How long a body may be, by who sends it. A caller without a key can only look at the schema. */
const keylessBytesMax = 100 * kib;
const bytesMaxOfRole: Readonly<Record<Role, number>> = {
  STOREFRONT: 1_024 * kib,
  SERVER: 8_192 * kib,
  MERCHANDISER: 8_192 * kib,
  ADMIN: 8_192 * kib,
};
/** Of all requests in flight together. */
const heldBytesMax = 128 * 1_024 * kib;
/** The part of it that callers get who can be anybody: so those without a key take nothing from storefronts. */
const partWithoutKey = 1 / 16;
const partOfStorefronts = 1 / 2;
/** The part of those parts that one client address gets. */
const partOfAddress = 1 / 8;
/** Every so long at least so many bytes must have arrived, or the rest. */
export const windowMs = 10_000;
const windowBytesMin = 10 * kib;
/** A chunk takes about 300 bytes beside its own, so that so many are made one. */
const joinedChunks = 64;
/** How long the rest of a refused body is thrown away, so that its sender can read the answer. */
const lingerMs = 500;
/** Windows end up to so much late. */
const lookMs = 1_000;

export interface BodySender {
  readonly role: Role | null;
  /** As limits count it, see `addressOf`. */
  readonly address: string;
}

/** Reads the bodies of requests, and bounds the memory that all of them hold. */
export interface Bodies {
  /**
   * Reads the whole body; `bytesMax`: if less is allowed than for the role. What was read counts until the response is closed.
   * Throws when it is too long (413), too slow (408), cut off (400), or when there is no room for it (503).
   */
  read(
    request: IncomingMessage,
    response: ServerResponse,
    sender: BodySender,
    bytesMax?: number,
  ): Promise<Buffer>;
}

export function bodyBytesMaxOf(role: Role | null): number {
  return role === null ? keylessBytesMax : bytesMaxOfRole[role];
}

/** A body on its way. */
interface Arriving {
  /** The end of its window. */
  untilMs: number;
  onWindow(): void;
}

export function createBodies(clock: Pick<Clock, 'after' | 'nowMs'>, heldMax = heldBytesMax): Bodies {
  const all = createPool(heldMax);
  const withoutKey = createPool(heldMax * partWithoutKey, partOfAddress);
  const storefronts = createPool(heldMax * partOfStorefronts, partOfAddress);

  const poolsWithoutKey = [all, withoutKey];
  const poolsOfStorefronts = [all, storefronts];
  const poolsOfOthers = [all];

  function poolsOf(role: Role | null): readonly Pool[] {
    if (role === null) return poolsWithoutKey;
    return role === 'STOREFRONT' ? poolsOfStorefronts : poolsOfOthers;
  }

  const arriving = new Set<Arriving>();
  let isWatched = false;

  /** One timer looks at all bodies, and goes on for a while without any: starting one for each would cost more than reading it. */
  function watch(): void {
    if (isWatched) return;
    isWatched = true;
    clock.after(lookMs, () => {
      isWatched = false;
      if (arriving.size === 0) return;
      watch();
      const nowMs = clock.nowMs();
      for (const body of arriving) if (body.untilMs <= nowMs) body.onWindow();
    });
  }

  return {
    read(request, response, { role, address }, bytesMax = Number.POSITIVE_INFINITY) {
      const pools = poolsOf(role);
      const allowed = Math.min(bytesMax, bodyBytesMaxOf(role));
      const declared = Number(request.headers['content-length'] ?? 0);
      if (declared > allowed) return Promise.reject(tooLarge(declared, allowed, role));
      if (!haveRoom(pools, address, declared)) return Promise.reject(full());
      return new Promise((resolve, reject) => {
        /** Of many chunks: those that were joined. */
        let parts: Buffer[] | null = null;
        let chunks: Buffer[] = [];
        let length = 0;
        let lengthBefore = 0;
        const body: Arriving = { untilMs: clock.nowMs() + windowMs, onWindow };
        arriving.add(body);
        watch();
        response.on('close', () => {
          for (const pool of pools) pool.hold(address, -length);
        });

        function end(settle: () => void): void {
          arriving.delete(body);
          request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
          settle();
        }
        function fail(error: RapportError): void {
          end(() => {
            request.pause();
            reject(error);
          });
        }
        function onData(chunk: Buffer): void {
          const refusal =
            length + chunk.length > allowed
              ? tooLarge(length + chunk.length, allowed, role)
              : haveRoom(pools, address, chunk.length)
                ? null
                : full();
          if (refusal) {
            fail(refusal);
            return;
          }
          length += chunk.length;
          for (const pool of pools) pool.hold(address, chunk.length);
          chunks.push(chunk);
          if (chunks.length < joinedChunks) return;
          parts ??= [];
          parts.push(Buffer.concat(chunks));
          chunks = [];
        }
        function onWindow(): void {
          if (length - lengthBefore < windowBytesMin) fail(tooSlow());
          else {
            lengthBefore = length;
            body.untilMs = clock.nowMs() + windowMs;
          }
        }
        const onEnd = () =>
          end(() => {
            const pieces = parts === null ? chunks : [...parts, ...chunks];
            resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length));
          });
        const onLost = () => fail(lost());
        request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
      });
    },
  };
}

interface Pool {
  hasRoom(address: string, bytes: number): boolean;
  /** Of a negative number: lets go. */
  hold(address: string, bytes: number): void;
}

function haveRoom(pools: readonly Pool[], address: string, bytes: number): boolean {
  for (const pool of pools) if (!pool.hasRoom(address, bytes)) return false;
  return true;
}

function createPool(max: number, part = 1): Pool {
  let held = 0;
  const heldBy = new Map<string, number>();
  return {
    hasRoom: (address, bytes) =>
      held + bytes <= max && (part === 1 || (heldBy.get(address) ?? 0) + bytes <= max * part),
    hold(address, bytes) {
      held += bytes;
      if (part === 1) return;
      const left = (heldBy.get(address) ?? 0) + bytes;
      if (left > 0) heldBy.set(address, left);
      else heldBy.delete(address);
    },
  };
}

function tooLarge(bytes: number, allowed: number, role: Role | null): RapportError {
  return new RapportError(
    'invalid',
    'GATEWAY_BODY_TOO_LARGE',
    `The body has ${bytes} bytes or more; ${role === null ? 'without an API key' : `with a ${role} key`} it is at most ${allowed} bytes (${Math.round(allowed / kib)} KB)${adviceOf(allowed, role)}.`,
    { httpStatus: 413 },
  );
}

/** Nothing that would not help: some paths allow nobody more. */
function adviceOf(allowed: number, role: Role | null): string {
  if (allowed < bodyBytesMaxOf(role)) return ' on this path';
  if (role === null) return '; with an API key in a header it may be longer';
  if (role === 'STOREFRONT') return '; send several smaller requests, or use a SERVER key from a backend';
  return '; send several smaller requests';
}

function tooSlow(): RapportError {
  return new RapportError(
    'invalid',
    'GATEWAY_BODY_SLOW',
    `The body arrives too slowly: in each ${windowMs / 1_000} seconds at least ${windowBytesMin / kib} KB of it, or its rest, must arrive.`,
    { httpStatus: 408 },
  );
}

function lost(): RapportError {
  return new RapportError('invalid', 'GATEWAY_BODY_LOST', 'The body ended before it was complete.');
}

function full(): RapportError {
  return new RapportError(
    'unavailable',
    'GATEWAY_BODIES_FULL',
    'The bodies of the requests in flight, all together or those from this address, take all the memory they may take; try again in a second.',
    { retryAfterSeconds: 1 },
  );
}

/**
 * Ends a response whose request may not have been read to its end. The rest is thrown away for a moment and the connection
 * closed, so that nobody has to read it and the sender still gets the answer. To be called instead of `writeHead` and `end`.
 */
export function answerEarly(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  text: string,
): void {
  const request = response.req;
  if (request.complete || !hasBody(request)) {
    response.writeHead(status, headers);
    response.end(text);
    return;
  }
  response.shouldKeepAlive = false;
  response.writeHead(status, headers);
  response.write(text);
  const end = () => void response.end();
  request.once('end', end).once('close', end).resume();
  void pause(lingerMs).then(end);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
