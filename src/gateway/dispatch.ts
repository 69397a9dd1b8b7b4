import type { IncomingMessage, ServerResponse } from 'node:http';
import { RapportError } from '../errors.js';
import { addressOf, isPublicNetwork } from './address.js';
import type { Admission } from './admission.js';
import type { Arrival, createArrivals } from './arrivals.js';
import type { Edges } from './edges.js';
import type { createGraphqlEndpoint } from './graphql-endpoint.js';
import { refuseOtherHosts } from './loopback.js';
import type { Metrics } from './metrics.js';
import { nothingHere, operatorPaths } from './operator.js';
import { answerPrivacyControl, privacyControlPath } from './privacy-control.js';
import { answerOverload } from './protocol.js';
import type { RateLimits } from './rate-limits.js';
import { schemaPath } from './sdl.js';
import { secure } from './secure.js';
import type { Turns } from './turns.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface DispatchParts {
  readonly development: boolean;
  readonly isWorker: boolean;
  /** The address that `/` leads to, in development mode only. */
  readonly home: string;
  /** Trusted proxies in front of the gateway. */
  readonly proxies: number;
  readonly isStopping: () => boolean;
  readonly turns: Pick<Turns, 'arrived'>;
  readonly limits: Pick<RateLimits, 'client'>;
  readonly admission: Admission;
  readonly metrics: Pick<Metrics, 'refused'>;
  readonly warnOfProxy: (request: IncomingMessage) => void;
  readonly arrive: ReturnType<typeof createArrivals>;
  readonly answerGraphql: ReturnType<typeof createGraphqlEndpoint>;
  readonly answerSdl: Answer;
  readonly answerOperators: Answer;
  readonly edges: Edges;
  readonly fail: (response: ServerResponse, error: unknown) => void;
}

/** Passes each request to the part that answers it, by its path, unless there is no room for it. */
export interface Dispatch {
  readonly answer: Answer;
  /** Requests that are not answered yet, and streams that are open. */
  readonly open: number;
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const { development, isWorker, proxies, isStopping, admission, metrics, edges, fail } = parts;
  let streams = 0;

  /** Charges the address for requests that need no key. */
  function chargeAddress(address: string): void {
    parts.limits.client(null, address).charge(1);
  }

  /** Answers a request to any path but those of GraphQL and of operators. */
  async function answerOther(
    request: IncomingMessage,
    response: ServerResponse,
    { path, address }: Arrival,
  ): Promise<void> {
    if (isWorker) throw workerOnly();
    if (path === privacyControlPath) return answerPrivacyControl(response);
    if (path === schemaPath && request.method === 'GET') {
      chargeAddress(address);
      return parts.answerSdl(request, response);
    }
    if (await edges.handle(request, response)) return;
    if (request.method !== 'OPTIONS') chargeAddress(address);
    if (path !== '/' || !development) throw nothingHere();
    response.writeHead(302, { location: parts.home });
    response.end();
  }

  function operate(request: IncomingMessage, response: ServerResponse): void {
    secure(response);
    const address = addressOf(request, proxies);
    // Load balancers and orchestrators ask from networks of their own, and must never be refused.
    if (isPublicNetwork(address)) chargeAddress(address);
    parts.answerOperators(request, response);
  }

  function admit(request: IncomingMessage, response: ServerResponse, path: string): void {
    const arrival = parts.arrive(request, path);
    const leave = admission.enter(arrival.sender);
    if (leave === null) {
      metrics.refused();
      answerOverload(response, isStopping());
      return;
    }
    let isWaiting = true;
    function answered(): void {
      if (!isWaiting) return;
      isWaiting = false;
      leave!();
    }
    response.on('close', answered);
    /** A stream may be open for minutes, so it takes no place of requests that wait. */
    function streaming(): void {
      answered();
      streams++;
      response.on('close', () => streams--);
    }
    secure(response);
    const handled =
      path === '/graphql' && !isWorker
        ? parts.answerGraphql(request, response, arrival, streaming)
        : answerOther(request, response, arrival);
    handled.catch((error: unknown) => fail(response, error));
  }

  return {
    answer(request, response) {
      parts.turns.arrived();
      parts.warnOfProxy(request);
      if (isStopping()) response.setHeader('connection', 'close');
      const path = (request.url ?? '').split('?', 1)[0]!;
      try {
        if (development) refuseOtherHosts(request);
        if (operatorPaths.includes(path)) operate(request, response);
        else admit(request, response, path);
      } catch (error) {
        secure(response);
        fail(response, error);
      }
    },
    get open() {
      return admission.inFlight + streams;
    },
  };
}

function workerOnly(): RapportError {
  return new RapportError(
    'missing',
    'WORKER_ANSWERS_NO_SHOPPERS',
    `This process is a worker: it reacts to facts, and answers ${operatorPaths.join(', ')} only. Queries and events go to a gateway.`,
  );
}
