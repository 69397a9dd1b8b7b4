import { IncomingMessage, type ServerResponse } from 'node:http';
import { hasBody } from './bodies.js';
import { bodyOf } from './edges.js';
import type { Refusal } from './protocol.js';

/** Node calls back, and allocates, for each chunk of a body: so many may be as small as their sender likes, and one more for so many bytes. */
const smallChunksMax = 1_000;
const bytesPerChunk = 64;
/** So many pieces smaller than a packet of a network are still read of a body that was answered, so that its sender gets the answer. */
const readAfterwardsMax = 1_000;
const packetBytes = 1_024;
/** Whose bodies nobody would read. */
const bodyless: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const shownCharacters = 60;
const rightHostsMax = 100;

/**
 * What a request may look like on the wire, whatever its path. Answers, and closes the connection of, one whose head is wrong; returns
 * whether it may be handled. A body in too many small chunks is refused as they arrive.
 */
export function admitsWire(request: CountedRequest, response: ServerResponse): boolean {
  const refusal = refusalOfHead(request);
  if (refusal) close(response, refusal);
  else if (hasBody(request)) request.bound(response);
  return !refusal;
}

function refusalOfHead(request: IncomingMessage): Refusal | null {
  const { method = '' } = request;
  const { host = '' } = request.headers;
  if (host !== '' && !isHost(host)) {
    return {
      status: 400,
      code: 'GATEWAY_HOST_INVALID',
      message: `The host header must be a host name or an address, with a port or without, not ${JSON.stringify(host.slice(0, shownCharacters))}.`,
    };
  }
  if (bodyless.includes(method) && hasBody(request)) {
    return {
      status: 400,
      code: 'GATEWAY_BODY_UNEXPECTED',
      message: `A ${method} request has no body here; send what you have as a POST.`,
    };
  }
  return null;
}

/** Those that were found right lately: a shop has few, and each of its requests names one. */
let rightHosts = new Set<string>();

function isHost(host: string): boolean {
  if (rightHosts.has(host)) return true;
  if (!hostForm.test(host) || !URL.canParse(`http://${host}`)) return false;
  if (rightHosts.size >= rightHostsMax) rightHosts = new Set();
  rightHosts.add(host);
  return true;
}

/** A request that counts the pieces of its body, once `bound` was called. A class, as functions of its own for each request would cost more. */
export class CountedRequest extends IncomingMessage {
  #response: ServerResponse | null = null;
  #chunks = 0;
  #bytes = 0;
  #afterwards = 0;
  #isRefused = false;

  bound(response: ServerResponse): void {
    this.#response = response;
    if (this.headers['transfer-encoding'] === undefined) return;
    // An own property, since express replaces the prototype of requests.
    this.push = CountedRequest.prototype.push;
    // Otherwise Node would read to its end, and through chunks that nobody counts, what no handler has read.
    response.on('finish', () => {
      if (!this.complete) this.socket.destroySoon();
    });
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#isRefused) return false;
    if (chunk !== null && this.#response !== null) {
      this.#chunks++;
      this.#bytes += chunk.length;
      if (this.#response.headersSent && chunk.length < packetBytes) this.#afterwards++;
      if (
        this.#chunks > smallChunksMax + this.#bytes / bytesPerChunk ||
        this.#afterwards > readAfterwardsMax
      ) {
        this.#isRefused = true;
        close(this.#response, {
          status: 400,
          code: 'GATEWAY_BODY_CHUNKS',
          message: `The body came in ${this.#chunks} pieces with ${this.#bytes} bytes; ${smallChunksMax} are allowed, and one more for each ${bytesPerChunk} bytes. Write it in larger ones, or with a content-length.`,
        });
        return false;
      }
    }
    return super.push(chunk, encoding);
  }
}

/** Nothing more of the connection is read. */
function close(response: ServerResponse, { status, code, message }: Refusal): void {
  // Its answer would have to wait for others, or has begun.
  if (response.socket === null || response.headersSent) return void response.req.socket.destroy();
  const text = JSON.stringify(bodyOf({ code, kind: 'invalid', message }));
  response.shouldKeepAlive = false;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  });
  response.end(text);
}
