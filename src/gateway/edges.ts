import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Context } from '../context.js';
import { describeError, type ErrorKind, isRapportError } from '../errors.js';
import type { Edge, Host } from '../plugin.js';
import { addressOf } from './address.js';
import { type Authentication, missingKey } from './authentication.js';
import { answerEarly, type Bodies } from './bodies.js';
import { packLarge } from './compress.js';
import type { KeyOwner } from './keys.js';
import { bounded } from './mask-error.js';
import { bytesPerUnit, type RateLimits } from './rate-limits.js';
import type { RouteLimits, RouteRun } from './route-limits.js';
import type { FoundRoute, Routes } from './routes.js';
import { answerPreflight, secureForPages } from './secure.js';
import { createContext, type Defaults } from './shopper-context.js';
import type { WorkQueue } from './work-queue.js';

/** Units of work of a byte: a batch of 500 KB with as many people as messages takes 150 ms. */
const unitsOfByte = 0.3;
/** Smaller bodies take no turns: they are cheap. */
const waitingBytesMin = 4 * 1_024;

export interface EdgeParts {
  readonly routes: Routes;
  readonly authentication: Authentication;
  readonly bodies: Bodies;
  readonly limits: RateLimits;
  readonly routeLimits: RouteLimits;
  readonly workQueue: Pick<WorkQueue, 'enter'>;
  /** Trusted proxies in front of the gateway. */
  readonly proxies: number;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  readonly defaults: Defaults;
}

export interface Edges {
  /** Answers the request if an edge has its path; resolves to false otherwise, before anything is read. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

/** The HTTP endpoints of the plugins that speak somebody else's protocol. */
export function createEdges(parts: EdgeParts): Edges {
  const { routes, authentication, bodies, limits, routeLimits, workQueue, proxies, host, defaults } = parts;

  function edge(
    request: IncomingMessage,
    response: ServerResponse,
    { handle, params }: FoundRoute,
    run: RouteRun,
  ): Edge {
    const address = addressOf(request, proxies);
    let owner: KeyOwner | null = null;
    let client = limits.client(null, address);
    return new BoundEdge(run, {
      params,
      async caller(key, token): Promise<Caller> {
        owner = authentication.ownerOf(request, key);
        if (owner === null) throw missingKey();
        client = limits.client(owner, address);
        client.charge(1);
        const headers =
          token === undefined ? request.headers : { ...request.headers, authorization: `Bearer ${token}` };
        const caller = await authentication.caller(owner, headers, address);
        if (caller.role === null) throw missingKey();
        return caller;
      },
      async body(bytesMax, decode = async (packed) => packed) {
        if (owner === null) client.charge(1);
        const sender = { role: owner?.role ?? null, address };
        const packed = await run.outside(() => bodies.read(request, response, sender, bytesMax));
        client.charge(packed.length / bytesPerUnit);
        const body = await decode(packed);
        client.charge(Math.max(0, body.length - packed.length) / bytesPerUnit);
        if (body.length < waitingBytesMin || (owner !== null && owner.role !== 'STOREFRONT')) return body;
        const name = owner === null ? address : `${owner.source} ${address}`;
        // Bodies of one route are measured together.
        const turn = workQueue.enter(body.length * unitsOfByte, name, handle);
        if (turn !== null) run.holds(await run.outside(async () => turn));
        return body;
      },
      charge: (units) => client.charge(units),
      context: (caller, input): Context => createContext(caller, input, host, defaults, run),
    });
  }

  return {
    async handle(request, response) {
      const path = (request.url ?? '').split('?', 1)[0]!;
      const preflight = request.method === 'OPTIONS';
      const asked = preflight ? request.headers['access-control-request-method'] : request.method;
      const found = routes.match(asked ?? '', path);
      if (!found) return false;
      secureForPages(response);
      if (preflight) {
        answerPreflight(request, response);
        return true;
      }
      packLarge(request, response);
      try {
        await routeLimits.run(found, response, (run) =>
          found.handle(request, response, edge(request, response, found, run)),
        );
      } catch (error) {
        answerError(response, error, host);
      }
      return true;
    },
  };
}

/** An edge whose signal is created on first use; a class for the reason of `RequestContext`. */
class BoundEdge implements Edge {
  readonly params: Edge['params'];
  readonly caller: Edge['caller'];
  readonly body: Edge['body'];
  readonly charge: Edge['charge'];
  readonly context: Edge['context'];
  readonly #run: RouteRun;

  constructor(run: RouteRun, parts: Omit<Edge, 'signal'>) {
    this.params = parts.params;
    this.caller = parts.caller;
    this.body = parts.body;
    this.charge = parts.charge;
    this.context = parts.context;
    this.#run = run;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }
}

/** Answers a failure outside GraphQL: `{ error: { code, kind, message } }`, a defect masked and logged. */
export function answerError(response: ServerResponse, error: unknown, host: Pick<Host, 'ids' | 'log'>): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  let status = 500;
  let body: ErrorBody;
  if (isRapportError(error)) {
    status = error.httpStatus;
    body = { code: error.code, kind: error.kind, message: bounded(error.message) };
    if (error.retryAfterSeconds !== undefined)
      response.setHeader('retry-after', String(error.retryAfterSeconds));
  } else {
    const requestId = host.ids.next();
    host.log.error('a defect in an edge', {
      requestId,
      err: describeError(error),
    });
    body = { code: 'INTERNAL', kind: 'defect', message: 'Something went wrong on our side.', requestId };
  }
  const text = JSON.stringify(bodyOf(body));
  answerEarly(
    response,
    status,
    {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      // So that a page can read what was wrong.
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'retry-after',
    },
    text,
  );
}

interface ErrorBody {
  readonly code: string;
  readonly kind: ErrorKind | 'defect';
  readonly message: string;
  readonly requestId?: string;
}

/** Errors in the shape of GraphQL too, so that a GraphQL client shows them. */
export function bodyOf(error: ErrorBody): Record<string, unknown> {
  const { message, code, kind } = error;
  return { error, errors: [{ message, extensions: { code, kind } }] };
}
