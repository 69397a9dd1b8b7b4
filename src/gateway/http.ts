import type { ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { System } from '../boot.js';
import type { Role } from '../context.js';
import { durationsOf } from '../host.js';
import type { Host } from '../plugin.js';
import { createProxyWarning } from './address.js';
import { createAdmission } from './admission.js';
import { createArrivals } from './arrivals.js';
import { createAuthentication } from './authentication.js';
import { createBodies } from './bodies.js';
import { createBusyTime } from './busy-time.js';
import { connectionBoundsOf } from './connections.js';
import { createDispatch } from './dispatch.js';
import { createDocuments } from './documents.js';
import { answerError, createEdges } from './edges.js';
import { type Admittance, createExecute } from './execute.js';
import { createGraphiQL } from './graphiql.js';
import { createGraphqlEndpoint } from './graphql-endpoint.js';
import { checkHealth } from './health.js';
import type { ApiKeys } from './keys.js';
import { loopback, notLoopback } from './loopback.js';
import { createMetrics } from './metrics.js';
import { openNodeKey } from './node-key.js';
import { createOperatorPages, healthRate, metricsRate, throttled } from './operator.js';
import { createPersistedDocuments } from './persisted-documents.js';
import { createPreparation } from './preparation.js';
import { createRateLimits, workPerUnit } from './rate-limits.js';
import { createRequest } from './request-context.js';
import { createRouteLimits } from './route-limits.js';
import { createSdl } from './sdl.js';
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
  const answerGraphql = createGraphqlEndpoint({
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
  let stopping = false;
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
  const answerOperators = createOperatorPages({
    ...pages,
    trusts: (request) => development || authentication.ownerOf(request)?.role === 'ADMIN',
  });

  const dispatch = createDispatch({
    development,
    isWorker,
    home: parts.home,
    proxies,
    isStopping: () => stopping,
    turns,
    limits: rateLimits,
    admission: createAdmission(clock, setImmediate, idleMs),
    metrics,
    warnOfProxy: createProxyWarning(proxies, host.log),
    arrive,
    answerGraphql,
    answerSdl: createSdl({ schema, authentication, development }),
    answerOperators,
    edges,
    fail,
  });
  const bounds = {
    connections: connectionBoundsOf(proxies, metrics.connectionClosed, clock),
    unread: unreadBoundsOf(proxies, metrics.connectionClosed, clock),
  };
  const server = createHttpServer(dispatch.answer, host.log, bounds);
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
      while (dispatch.open > 0 && clock.nowMs() < untilMs) await pause(drainPollMs);
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
