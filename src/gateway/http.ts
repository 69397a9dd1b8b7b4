import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import helmet from 'helmet';
import type { System } from '../boot.js';
import type { Role } from '../context.js';
import { RapportError } from '../errors.js';
import type { Host } from '../plugin.js';
import { createAdmission } from './admission.js';
import { createAuthentication } from './authentication.js';
import { createDocuments } from './documents.js';
import { answerError, bodyOf, createEdges } from './edges.js';
import { createExecute } from './execute.js';
import { buildGraph } from './graph.js';
import { createGraphiQL } from './graphiql.js';
import { checkHealth } from './health.js';
import { createLane } from './lane.js';
import { createMetrics } from './metrics.js';
import { answerRefusal, refusalOf } from './protocol.js';
import { createRequest } from './request-context.js';
import { createSteadiness } from './steady.js';
import { createGraphServer } from './yoga.js';

/** A whole request, its body included, must have arrived by then. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
const keepAliveMs = 65_000;
const drainPollMs = 50;
/** How long a connection that was taken may need to send its first request. */
const arrivalMs = 200;

/** What an operator asks of every process. */
const operatorPaths: readonly string[] = ['/health/live', '/health/ready', '/metrics'];

export interface GatewayParts {
  readonly system: System;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  readonly schemaDirectory: string;
  /** As RAPPORT_API_KEYS has them. */
  readonly apiKeys: string;
  readonly production: boolean;
  /** Where `/` leads, outside production only. */
  readonly home: string;
  /** Shown in GraphiQL, outside production only. */
  readonly keyOf: (role: Role) => string | undefined;
}

export interface Gateway {
  readonly port: number;
  /**
   * Answers 503 to readiness from now on, takes no new connection, and resolves when requests in flight are answered or
   * the time is up. `noticeMs`: so long before, requests are still answered, each with `connection: close`, so
   * that no client writes into a connection that is just being closed.
   */
  close(noticeMs?: number): Promise<void>;
}

/** Opens the gateway. Rejects when the schema does not hold together or the port is taken. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { system, host, production } = parts;
  const { core } = system;
  const defaults = { locale: core.locale, currency: core.currency };
  const schema = buildGraph(parts.schemaDirectory, system.plugins);
  const authentication = createAuthentication(core, parts.apiKeys, host.clock);
  const metrics = createMetrics();
  const documents = createDocuments(schema);
  const execute = metrics.measured(createExecute(schema, createSteadiness(system.plugins), host.log));
  const yoga = createGraphServer({
    schema,
    documents,
    execute,
    log: host.log,
    production,
    graphiql: production ? null : createGraphiQL(parts.keyOf),
  });
  const lane = createLane({ documents, execute });
  const edges = createEdges({ authentication, host, defaults });
  const isWorker = core.role === 'worker';
  if (!isWorker) for (const { instance } of system.plugins) instance.routes?.(edges);
  const admission = createAdmission(host.clock, setImmediate);
  let stopping = false;
  let inFlight = 0;

  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({ contentSecurityPolicy: false, crossOriginResourcePolicy: { policy: 'cross-origin' } }));
  app.get('/health/live', (_, response) => {
    response.json({ live: true });
  });
  app.get('/health/ready', async (_, response) => {
    const health = await checkHealth(system);
    const ready = health.ready && !stopping;
    response
      .status(ready ? 200 : 503)
      .json({ ready, stopping, degraded: health.degraded, parts: health.parts });
  });
  app.get('/metrics', async (_, response) => {
    const { body, contentType } = await metrics.text();
    response.type(contentType).send(body);
  });
  app.get('/', (_, response) => {
    if (production)
      response.status(404).json({ error: { code: 'NOT_FOUND', message: 'Queries go to /graphql.' } });
    else response.redirect(parts.home);
  });
  app.use((_, response) => {
    response
      .status(404)
      .json({ error: { code: 'NOT_FOUND', message: 'There is nothing here; queries go to /graphql.' } });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0]!;
    if (isWorker && !operatorPaths.includes(path)) throw workerOnly();
    if (path === '/graphql') {
      if (request.method === 'OPTIONS') return void (await yoga(request, response));
      const refusal = refusalOf(request, !production);
      if (refusal) return answerRefusal(response, refusal);
      const caller = await authentication.caller(request.headers);
      const tracked = createRequest(caller, host, defaults);
      if (await lane(request, response, tracked)) return;
      await yoga(request, response, { caller, tracked });
      return;
    }
    if (await edges.handle(request, response)) return;
    app(request, response);
  }

  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs, keepAliveTimeout: keepAliveMs },
    (request, response) => {
      if (!admission.admits(inFlight) && !operatorPaths.includes(request.url ?? '')) {
        metrics.refused();
        refuse(response, stopping);
        return;
      }
      inFlight++;
      response.on('close', () => inFlight--);
      if (stopping) response.setHeader('connection', 'close');
      handle(request, response).catch((error: unknown) => answerError(response, error, host));
    },
  );
  await listen(server, core.port, core.bind);

  return {
    port: (server.address() as AddressInfo).port,
    async close(noticeMs = 0) {
      stopping = true;
      if (noticeMs > 0) await pause(noticeMs);
      // Of net, since http's own would at once close connections whose first request is still on its way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      if (noticeMs > 0) await pause(Math.min(noticeMs, arrivalMs));
      server.closeIdleConnections();
      const untilMs = host.clock.nowMs() + core.shutdownMs;
      while (inFlight > 0 && host.clock.nowMs() < untilMs) await pause(drainPollMs);
      server.closeAllConnections();
      await closed;
    },
  };
}

const overloaded = JSON.stringify(
  bodyOf({
    code: 'GATEWAY_OVERLOADED',
    message: 'More is asked for than can be answered at the moment; try again in a second.',
  }),
);
const overloadedHead = [
  ['content-type', 'application/json; charset=utf-8'],
  ['content-length', String(overloaded.length)],
  ['retry-after', '1'],
  ['cache-control', 'no-store'],
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'retry-after'],
].flat();

/** At next to no cost: nothing of the request is read, and head and body, plain ASCII, are one piece. */
function refuse(response: ServerResponse, last: boolean): void {
  if (last) response.shouldKeepAlive = false;
  response.sendDate = false;
  response.writeHead(503, overloadedHead);
  response.end(overloaded, 'latin1');
}

function workerOnly(): RapportError {
  return new RapportError(
    'missing',
    'WORKER_ANSWERS_NO_SHOPPERS',
    `This process is a worker: it reacts to facts, and answers ${operatorPaths.join(', ')} only. Queries and events go to a gateway.`,
  );
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken; set RAPPORT_PORT to another one`)
          : error,
      );
    });
    server.listen(port, address, resolve);
  });
}
