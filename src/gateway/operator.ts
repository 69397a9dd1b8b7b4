import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { RapportError } from '../errors.js';
import type { Clock } from '../plugin.js';
import { answerEarly } from './bodies.js';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';
import { createBuckets, type Rate } from './token-bucket.js';

/** Paths that operators and load balancers ask of every process. */
export const operatorPaths: readonly string[] = ['/health/live', '/health/ready', '/metrics'];

/** Rates at which a process checks its health and writes its metrics, far above those of probes. Further requests get the last result. */
export const healthRate: Rate = { perSecond: 20, burst: 40 };
export const metricsRate: Rate = { perSecond: 4, burst: 20 };

export interface OperatorParts {
  readonly health: () => Promise<Health>;
  readonly metrics: Metrics['text'];
  readonly isStopping: () => boolean;
  /** It answers requests already, and more slowly than it will. */
  readonly isWarming: () => boolean;
  /** Whether the request may see what only operators may. */
  readonly trusts: (request: IncomingMessage) => boolean;
  readonly fail: (response: ServerResponse, error: unknown) => void;
}

/** Health and metrics. Whether the process is live and ready is open to everybody, since load balancers send no key. */
export function createOperatorPages({ health, metrics, isStopping, isWarming, trusts, fail }: OperatorParts) {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health/live', (_, response) => send(response, 200, live));
  app.get('/health/ready', async (request, response) => {
    const isTrusted = trusts(request);
    const { ready: isHealthy, degraded, parts } = await health();
    const stopping = isStopping();
    const ready = isHealthy && !stopping && !isWarming();
    const details = isTrusted ? { stopping, degraded, parts } : {};
    send(response, ready ? 200 : 503, JSON.stringify({ ready, ...details }));
  });
  app.get('/metrics', async (request, response) => {
    if (!trusts(request)) throw operatorOnly();
    const { body, contentType } = await metrics();
    send(response, 200, body, contentType);
  });
  app.use((_: unknown, response: ServerResponse) => fail(response, nothingHere()));
  app.use((error: unknown, _: unknown, response: ServerResponse, __: unknown) => fail(response, error));
  return (request: IncomingMessage, response: ServerResponse): void => void app(request, response);
}

const live = JSON.stringify({ live: true });

function send(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'application/json; charset=utf-8',
): void {
  answerEarly(
    response,
    status,
    { 'content-type': contentType, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' },
    text,
  );
}

/**
 * Returns a function that calls `make` at `rate` at most; beyond it, returns what the last call returned. A flood of probes costs little, and
 * no probe is refused: behind a proxy all of them come from one address.
 */
export function throttled<T>(make: () => T, rate: Rate, clock: Pick<Clock, 'nowMs'>): () => T {
  const calls = createBuckets(rate, clock, 1);
  let last: { readonly made: T } | null = null;
  return () => {
    if (calls.take('', 1) === 0 || last === null) last = { made: make() };
    return last.made;
  };
}

export function nothingHere(): RapportError {
  return new RapportError('missing', 'NOT_FOUND', 'There is nothing here; queries go to /graphql.');
}

function operatorOnly(): RapportError {
  return new RapportError(
    'denied',
    'AUTHENTICATION_OPERATOR',
    'Metrics need an ADMIN key in the x-api-key header, or the port of RAPPORT_OPERATOR_PORT.',
  );
}
