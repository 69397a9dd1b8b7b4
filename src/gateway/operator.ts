import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import type { System } from '../boot.js';
import { RapportError } from '../errors.js';
import { checkHealth } from './health.js';
import type { Metrics } from './metrics.js';

/** Paths that operators and load balancers ask of every process. */
export const operatorPaths: readonly string[] = ['/health/live', '/health/ready', '/metrics'];

export interface OperatorParts {
  readonly system: Pick<System, 'plugins'>;
  readonly metrics: Metrics;
  readonly isStopping: () => boolean;
  /** It answers requests already, and more slowly than it will. */
  readonly isWarming: () => boolean;
  /** Whether the request may see what only operators may. */
  readonly trusts: (request: IncomingMessage) => boolean;
  readonly fail: (response: ServerResponse, error: unknown) => void;
}

/** Health and metrics. Whether the process is live and ready is open to everybody, since load balancers send no key. */
export function createOperatorPages({ system, metrics, isStopping, isWarming, trusts, fail }: OperatorParts) {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health/live', (_, response) => {
    response.json({ live: true });
  });
  app.get('/health/ready', async (request, response) => {
    const health = await checkHealth(system);
    const stopping = isStopping();
    const ready = health.ready && !stopping && !isWarming();
    const details = trusts(request) ? { stopping, degraded: health.degraded, parts: health.parts } : {};
    response.status(ready ? 200 : 503).json({ ready, ...details });
  });
  app.get('/metrics', async (request, response) => {
    if (!trusts(request)) throw operatorOnly();
    const { body, contentType } = await metrics.text();
    response.type(contentType).send(body);
  });
  app.use((_: unknown, response: ServerResponse) => fail(response, nothingHere()));
  app.use((error: unknown, _: unknown, response: ServerResponse, __: unknown) => fail(response, error));
  return (request: IncomingMessage, response: ServerResponse): void => void app(request, response);
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
