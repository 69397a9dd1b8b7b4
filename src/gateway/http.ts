import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '../boot.js';
import type { Role } from '../context.js';
import { RapportError } from '../errors.js';
import { durationsOf } from '../host.js';
import { sendFile } from '../kit/static-file.js';
import type { Host } from '../plugin.js';
import { addressOf, createProxyWarning, isPublicNetwork } from './address.js';
import { createAdmission } from './admission.js';
import { type Arrival, createArrivals } from './arrivals.js';
import { createAuthentication } from './authentication.js';
import { createBodies } from './bodies.js';
import { createBusyTime } from './busy-time.js';
import { packLarge } from './compress.js';
import { connectionBoundsOf } from './connections.js';
import { createDocuments } from './documents.js';
import { answerError, createEdges } from './edges.js';
import { type Admittance, createExecute } from './execute.js';
import { createGraphiQL } from './graphiql.js';
import { createGraphqlEndpoint } from './graphql-endpoint.js';
import { checkHealth } from './health.js';
import type { ApiKeys } from './keys.js';
import { loopback, notLoopback, refuseOtherHosts } from './loopback.js';
import { createMetrics } from './metrics.js';
import { openNodeKey } from './node-key.js';
import {
  createOperatorPages,
  healthRate,
  metricsRate,
  nothingHere,
  operatorPaths,
  throttled,
} from './operator.js';
import { createPersistedDocuments } from './persisted-documents.js';
import { createPreparation } from './preparation.js';
import { answerPrivacyControl, privacyControlPath } from './privacy-control.js';
import { answerOverload } from './protocol.js';
import { createRateLimits, workPerUnit } from './rate-limits.js';
import { createRequest } from './request-context.js';
import { createRouteLimits } from './route-limits.js';
import { createSdl, schemaPath, sdlHidden } from './sdl.js';
import { secure, secureForPages } from './secure.js';
import { createHttpServer, listen, portOf } from './server.js';
import { createSharedRates } from './shared-rates.js';
import { warningsOf } from './shopper-context.js';
import { createSteadiness } from './steady.js';
import { createSubscriptions } from './subscriptions.js';
import type { Surface } from './surface.js';
import { createTokens } from './tokens.js';
import type { TrustedDocuments } from './trusted-documents.js';
import { afterYield, createTurns } from './turns.js';
import { unreadBoundsOf } from './unread.js';
import { visitor, warmUp } from './warm-up.js';
import { createWorkMeter } from './work-meter.js';
import { createWorkQueue } from './work-queue.js';
import { createGraphServer } from './yoga.js';

const drainPollMs = 50;
/** How long a connection that was taken may need to send its first request. */
const arrivalMs = 200;

export interface GatewayParts {
  readonly system: System;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log'>;
  readonly surface: Surface;
  readonly keys: ApiKeys;
  /** Loopback only; GraphiQL, the schema and the details of health for everybody who can reach it. */
  readonly development: boolean;
  /** Where `/` leads, in development mode only. */
  readonly home: string;
  /** Shown in GraphiQL: keys that were generated, never an operator's own. */
  readonly shownKeys: Readonly<Record<Role, string>> | null;
  /** Resolve, and be ready, only after a warm-up (`warm-up.ts`). If omitted, false. */
  readonly warmUp?: boolean;
  /** The manifest of the shop's documents. If omitted, there is none. */
  readonly trusted?: TrustedDocuments | null;
}

export interface Gateway {
  readonly port: number;
  /** null: there is none. */
  readonly operatorPort: number | null;
  /**
   * Answers 503 to readiness from now on, takes no new connection, and resolves when requests in flight are answered or
   * the time is up. `noticeMs`: so long before, requests are still answered, each with `connection: close`, so
   * that no client writes into a connection that is just being closed.
   */
  close(noticeMs?: number): Promise<void>;
}

/** Opens the gateway. Rejects when an address is not allowed or a port is taken. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { system, host, development } = parts;
  const { core } = system;
  const bind = core.bind ?? (development ? '127.0.0.1' : '0.0.0.0');
  if (development && !loopback.includes(bind)) throw notLoopback(bind);
  const clock = durationsOf(host.clock);
  const { locale, currency } = core;
  const defaults = { locale, currency, warningsOf: warningsOf(system.plugins) };
  const { schema, routes, nodeIds } = parts.surface;
  nodeIds.use(await openNodeKey(system, host));
  const isWorker = core.role === 'worker';
  const rateStore = system.plugins.map(({ instance }) => instance.rateStore).find((store) => store);
  const shared =
    rateStore && core.rateLimits && !isWorker ? createSharedRates(rateStore, { ...host, clock }) : null;
  const rateLimits = createRateLimits(core, clock, shared);
  const proxies = core.trustProxy;
  const authentication = createAuthentication({
    keys: parts.keys,
    tokens: createTokens(core, host.clock, host.log),
    limits: rateLimits,
    proxies,
  });
  const arrive = createArrivals({ authentication, limits: rateLimits, proxies, isWorker });
  const bodies = createBodies(clock);
  const metrics = createMetrics();
  metrics.followContributions(system.leftOut);
  metrics.followPlugins(system.plugins);
  if (shared) metrics.follow(shared);
  const documents = createDocuments(schema);
  const persisted = createPersistedDocuments(parts.trusted ?? null, core.trustedDocumentsOnly);
  const turns = createTurns(clock);
  const workQueue = createWorkQueue(createWorkMeter(createBusyTime(), afterYield), turns, afterYield);
  const admittance: Admittance = {
    charge(cost, request) {
      if (request.sender !== null) request.charge(cost / workPerUnit);
    },
    enter: (cost, request, document) => workQueue.enter(cost, request.sender ?? '', document),
    turns,
  };
  const uncounted = createExecute(schema, createSteadiness(system.plugins, host.log), host.log, admittance);
  const execute = metrics.measured(uncounted);
  const subscriptions = createSubscriptions({ schema, execute, log: host.log, clock });
  const yoga = createGraphServer({
    schema,
    documents,
    persisted,
    preparation: createPreparation(documents, admittance),
    execute,
    subscriptions,
    log: host.log,
    development,
    graphiql: development ? createGraphiQL(parts.shownKeys) : null,
  });
  const handleGraphql = createGraphqlEndpoint({
    yoga,
    documents,
    execute,
    persisted,
    authentication,
    bodies,
    workQueue,
    host,
    defaults,
    development,
  });
  const routeLimits = createRouteLimits({ clock, log: host.log, metrics });
  const edges = createEdges({
    routes,
    authentication,
    bodies,
    limits: rateLimits,
    routeLimits,
    workQueue,
    proxies,
    host,
    defaults,
  });
  const admission = createAdmission(clock, setImmediate, idleMs);
  const warnOfProxy = createProxyWarning(proxies, host.log);
  let stopping = false;
  let streams = 0;
  let warming = parts.warmUp === true && !isWorker;
  const fail = (response: ServerResponse, error: unknown) => answerError(response, error, host);
  const health = throttled(() => checkHealth(system), healthRate, clock);
  metrics.followHealth(health);
  const pages = {
    health,
    metrics: throttled(metrics.text, metricsRate, clock),
    isStopping: () => stopping,
    isWarming: () => warming,
    fail,
  };
  const operatorPages = createOperatorPages({
    ...pages,
    trusts: (request) => development || authentication.ownerOf(request)?.role === 'ADMIN',
  });

  /** Charges the address for requests that need no key. */
  function chargeAddress(address: string, units: number): void {
    rateLimits.client(null, address).charge(units);
  }

  async function handle(request: IncomingMessage, response: ServerResponse, arrival: Arrival): Promise<void> {
    const { path, address } = arrival;
    if (isWorker) throw workerOnly();
    if (path === privacyControlPath) return answerPrivacyControl(response);
    if (path === schemaPath && request.method === 'GET') return answerSchema(request, response, arrival);
    if (await edges.handle(request, response)) return;
    if (request.method !== 'OPTIONS') chargeAddress(address, 1);
    if (path !== '/' || !development) throw nothingHere();
    response.writeHead(302, { location: parts.home });
    response.end();
  }

  const sdl = createSdl(schema);
  function answerSchema(request: IncomingMessage, response: ServerResponse, { address }: Arrival): void {
    chargeAddress(address, 1);
    if (!development && (authentication.ownerOf(request)?.role ?? 'STOREFRONT') === 'STOREFRONT')
      throw sdlHidden();
    secureForPages(response);
    packLarge(request, response);
    sendFile(request, response, sdl(), { 'cache-control': 'private, no-cache' });
  }

  function operate(request: IncomingMessage, response: ServerResponse): void {
    secure(response);
    const address = addressOf(request, proxies);
    // Load balancers and orchestrators ask from networks of their own, and must never be refused.
    if (isPublicNetwork(address)) chargeAddress(address, 1);
    operatorPages(request, response);
  }

  function answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    const arrival = arrive(request, path);
    const leave = admission.enter(arrival.sender);
    if (leave === null) {
      metrics.refused();
      answerOverload(response, stopping);
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
        ? handleGraphql(request, response, arrival, streaming)
        : handle(request, response, arrival);
    handled.catch((error: unknown) => fail(response, error));
  }

  function take(request: IncomingMessage, response: ServerResponse): void {
    turns.arrived();
    warnOfProxy(request);
    if (stopping) response.setHeader('connection', 'close');
    const path = (request.url ?? '').split('?', 1)[0]!;
    try {
      if (development) refuseOtherHosts(request);
      if (operatorPaths.includes(path)) operate(request, response);
      else answer(request, response, path);
    } catch (error) {
      secure(response);
      fail(response, error);
    }
  }

  const bounds = {
    connections: connectionBoundsOf(proxies, metrics.connectionClosed, clock),
    unread: unreadBoundsOf(proxies, metrics.connectionClosed, clock),
  };
  const server = createHttpServer(take, host.log, bounds);
  server.on('connection', turns.arrived);
  await listen(server, core.port, bind, 'RAPPORT_PORT');
  const operatorServer =
    core.operatorPort === undefined
      ? null
      : createHttpServer(createOperatorPages({ ...pages, trusts: () => true }), host.log, bounds);
  if (operatorServer) {
    await listen(operatorServer, core.operatorPort!, bind, 'RAPPORT_OPERATOR_PORT').catch(
      (error: unknown) => {
        server.close();
        throw error;
      },
    );
  }

  if (warming) {
    const request = () => createRequest(visitor, host, defaults);
    await warmUp({ documents, execute: uncounted, clock, log: host.log, request });
    warming = false;
  }
  return {
    port: portOf(server),
    operatorPort: operatorServer && portOf(operatorServer),
    async close(noticeMs = 0) {
      stopping = true;
      if (noticeMs > 0) await pause(noticeMs);
      subscriptions.close();
      // Of net, since http's own would at once close connections whose first request is still on its way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      if (noticeMs > 0) await pause(Math.min(noticeMs, arrivalMs));
      server.closeIdleConnections();
      const untilMs = clock.nowMs() + core.shutdownMs;
      while (admission.inFlight + streams > 0 && clock.nowMs() < untilMs) await pause(drainPollMs);
      server.closeAllConnections();
      await closed;
      // Ends the interval in which http looks for slow connections, which would keep all of the gateway in memory.
      server.close();
      shared?.close();
      operatorServer?.close();
      operatorServer?.closeAllConnections();
    },
  };
}

/** How long the event loop has been idle. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle;
}

function workerOnly(): RapportError {
  return new RapportError(
    'missing',
    'WORKER_ANSWERS_NO_SHOPPERS',
    `This process is a worker: it reacts to facts, and answers ${operatorPaths.join(', ')} only. Queries and events go to a gateway.`,
  );
}
