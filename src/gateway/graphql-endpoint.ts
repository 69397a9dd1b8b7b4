import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Host } from '../plugin.js';
import type { Arrival } from './arrivals.js';
import type { Authentication } from './authentication.js';
import type { Bodies } from './bodies.js';
import { packLarge } from './compress.js';
import { createFastPath, type FastPathParts } from './fast-path.js';
import { readInTurn, smallBytesMax } from './large-bodies.js';
import { answerRefusal, mediaType, refusalOf } from './protocol.js';
import { bytesPerUnit } from './rate-limits.js';
import { createRequest } from './request-context.js';
import { answerPreflight, secureForPages, secureWithScripts } from './secure.js';
import type { Defaults } from './shopper-context.js';
import type { WorkQueue } from './work-queue.js';
import type { GraphServer } from './yoga.js';

export interface GraphqlEndpointParts extends FastPathParts {
  readonly yoga: GraphServer;
  readonly authentication: Pick<Authentication, 'caller'>;
  readonly bodies: Bodies;
  readonly workQueue: Pick<WorkQueue, 'enter'>;
  readonly host: Pick<Host, 'clock' | 'ids'>;
  readonly defaults: Defaults;
  readonly development: boolean;
}

/** Returns a function that answers a request of `/graphql`: by the fast path where it can, else by yoga. It rejects with what was not answered. */
export function createGraphqlEndpoint(parts: GraphqlEndpointParts) {
  const { yoga, authentication, bodies, workQueue, host, defaults, development } = parts;
  const takeFastPath = createFastPath(parts);
  return async function handleGraphql(
    request: IncomingMessage,
    response: ServerResponse,
    { address, owner, client, sender }: Arrival,
    streaming: () => void,
  ): Promise<void> {
    const isPage = development && request.method === 'GET' && request.headers.accept?.includes('text/html');
    // GraphiQL is a page with scripts of its own.
    if (isPage) secureWithScripts(response);
    else secureForPages(response);
    if (request.method === 'OPTIONS') return answerPreflight(request, response);
    const refusal = refusalOf(request, development);
    if (refusal) return answerRefusal(response, refusal);
    const caller = await authentication.caller(owner, request.headers, address);
    const tracked = createRequest(caller, host, defaults, client.charge, sender);
    if (request.method === 'POST') {
      const body = await bodies.read(request, response, { role: owner?.role ?? null, address });
      client.charge(body.length / bytesPerUnit);
      tracked.received(body.length);
      const mayBlock = owner?.role === 'STOREFRONT' && body.length > smallBytesMax;
      if (!mayBlock && (await takeFastPath(request, response, tracked, body))) return;
      const isJson = mediaType(request.headers['content-type'] ?? '').endsWith('json');
      const read = mayBlock
        ? await readInTurn(body, isJson, sender, workQueue)
        : { forYoga: Readable.from(body) };
      if ('refusal' in read) return answerRefusal(response, read.refusal);
      // yoga looks for a body here. It lists the keys of the value, of which a Buffer has one for each byte.
      Object.assign(request, { body: read.forYoga });
    }
    packLarge(request, response);
    await yoga(request, response, { caller, tracked, streaming });
  };
}
