import type { ServerResponse } from 'node:http';
import { RapportError } from '../errors.js';
import type { Clock, Log } from '../plugin.js';
import type { Metrics } from './metrics.js';
import type { FoundRoute } from './routes.js';

/** A handler must respond within this time after the body has arrived, and then write something in each such span. */
const deadlineMs = 30_000;
/** Requests to one plugin's routes that are in flight, including those that were given up. */
const inFlightMax = 200;
/** A handler that was given up and never ends is forgotten after this time, so that a rare fault does not close the routes for good. */
const forgetMs = 10 * 60_000;

export interface RouteLimitParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics: Pick<Metrics, 'routeRefused'>;
}

/** One run of a handler. */
export interface RouteRun {
  /** Aborted when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Waits for the client, for example for its body, which has a deadline of its own. The handler's deadline begins anew afterwards. */
  outside<T>(wait: () => Promise<T>): Promise<T>;
}

/** Bounds the time and number of requests that a plugin's handlers hold. */
export interface RouteLimits {
  /** Resolves when the handler has. Throws `unavailable` for too many requests in flight, and for a handler that is late. */
  run(route: FoundRoute, response: ServerResponse, handle: (run: RouteRun) => Promise<void>): Promise<void>;
}

export function createRouteLimits({ clock, log, metrics }: RouteLimitParts): RouteLimits {
  const inFlight = new Map<string, Handlers>();

  function leave(owner: string, handlers: Handlers): void {
    if (--handlers.running === 0) inFlight.delete(owner);
  }

  /** Goes on counting a handler that was given up, until it ends. */
  function outlast(owner: string, handlers: Handlers, handler: Promise<void>): void {
    handlers.late++;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      forget();
      handlers.late--;
      leave(owner, handlers);
    };
    const forget = clock.after(forgetMs, end);
    handler.then(end, end);
  }

  return {
    async run({ owner, method, path }, response, handle) {
      const handlers = inFlight.get(owner) ?? { running: 0, late: 0 };
      if (handlers.running >= inFlightMax) {
        metrics.routeRefused(owner, 'in-flight');
        throw tooMany(owner, handlers);
      }
      handlers.running++;
      inFlight.set(owner, handlers);
      let handler: Promise<void> | null = null;
      let isLate = false;
      /** Made when it is asked for: few handlers need one. */
      let aborting: AbortController | null = null;
      let isAborted = false;
      function abort(): void {
        isAborted = true;
        aborting?.abort();
      }
      let cancel = (): void => undefined;
      try {
        await new Promise<void>((resolve, reject) => {
          function wait(): void {
            const written = bytesWritten(response);
            cancel();
            cancel = clock.after(deadlineMs, () => {
              if (response.headersSent && bytesWritten(response) > written) return wait();
              metrics.routeRefused(owner, 'deadline');
              log.warn('a plugin did not answer a request in time', {
                plugin: owner,
                route: `${method} ${path}`,
              });
              isLate = true;
              reject(tooLate(owner));
              abort();
            });
          }
          async function outside<T>(pause: () => Promise<T>): Promise<T> {
            cancel();
            try {
              return await pause();
            } finally {
              wait();
            }
          }
          response.once('close', () => {
            if (!response.writableFinished) abort();
          });
          wait();
          const run: RouteRun = {
            get signal() {
              aborting ??= new AbortController();
              if (isAborted) aborting.abort();
              return aborting.signal;
            },
            outside,
          };
          handler = Promise.resolve(handle(run));
          handler.then(resolve, (error: unknown) =>
            isAborted && error === run.signal.reason ? resolve() : reject(error),
          );
        });
      } finally {
        cancel();
        if (isLate && handler) outlast(owner, handlers, handler);
        else leave(owner, handlers);
      }
    },
  };
}

interface Handlers {
  running: number;
  /** The number of running handlers that were given up. */
  late: number;
}

function bytesWritten({ socket }: ServerResponse): number {
  return socket?.bytesWritten ?? 0;
}

function tooLate(owner: string): RapportError {
  return new RapportError(
    'unavailable',
    'GATEWAY_ROUTE_DEADLINE',
    `The plugin ${owner} did not answer within ${deadlineMs / 1_000} s; try again in 5 s. What was asked for may have been done.`,
    { retryAfterSeconds: 5 },
  );
}

function tooMany(owner: string, { late }: Handlers): RapportError {
  const given = late > 0 ? ` ${late} of them were not answered within ${deadlineMs / 1_000} s.` : '';
  return new RapportError(
    'unavailable',
    'GATEWAY_ROUTE_BUSY',
    `The plugin ${owner} handles ${inFlightMax} requests at the moment, which is the most; try again in a second.${given}`,
    { retryAfterSeconds: 1 },
  );
}
