import type { ServerResponse } from 'node:http';
import { RapportError } from '../errors.js';
import type { Clock, Log } from '../plugin.js';
import type { Metrics } from './metrics.js';
import type { FoundRoute } from './routes.js';
import type { Slot } from './work-queue.js';

/** A handler must respond within this time after the body has arrived, and then write something in each such span. */
const deadlineMs = 30_000;
/** Requests to one plugin's routes that are in flight, including those that were given up. */
const inFlightMax = 200;
/** A handler that was given up and never ends is forgotten after this time, so that a rare fault does not close the routes for good. */
const forgetMs = 10 * 60_000;

export interface RouteLimitParts {
  readonly clock: Pick<Clock, 'after' | 'nowMs'>;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics: Pick<Metrics, 'routeRefused'>;
}

/** One run of a handler. */
export interface RouteRun {
  /** Aborted when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Waits for the client, for example for its body, which has a deadline of its own. The handler's deadline begins anew afterwards. */
  outside<T>(wait: () => Promise<T>): Promise<T>;
  /** Ends the slot with the run, or at once if that is over. */
  holds(slot: Slot): void;
}

/** Bounds the time and number of requests that a plugin's handlers hold. */
export interface RouteLimits {
  /** Resolves when the handler has. Throws `unavailable` for too many requests in flight, and for a handler that is late. */
  run(route: FoundRoute, response: ServerResponse, handle: (run: RouteRun) => Promise<void>): Promise<void>;
}

export function createRouteLimits(parts: RouteLimitParts): RouteLimits {
  const { clock, metrics } = parts;
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
    async run(route, response, handle) {
      const { owner } = route;
      const handlers = inFlight.get(owner) ?? { running: 0, late: 0 };
      if (handlers.running >= inFlightMax) {
        metrics.routeRefused(owner, 'in-flight');
        throw tooMany(owner, handlers);
      }
      handlers.running++;
      inFlight.set(owner, handlers);
      const run = new BoundedRun(parts, route, response);
      try {
        await run.outcomeOf(handle);
      } finally {
        const late = run.end();
        if (late) outlast(owner, handlers, late);
        else leave(owner, handlers);
      }
    },
  };
}

/** A class, as every request makes one: functions of its own for each would cost more than what they do. */
class BoundedRun implements RouteRun {
  private readonly parts: RouteLimitParts;
  private readonly route: FoundRoute;
  /** null: the run is over. Contexts refer to their run and stay in memory for a while, but need not hold the request with it. */
  private response: ServerResponse | null;
  /** Made when it is asked for: few handlers need one. */
  private aborting: AbortController | null = null;
  private isAborted = false;
  private handler: Promise<void> | null = null;
  private late: Promise<void> | null = null;
  private slot: Slot | null = null;
  /** The end of the handler's deadline; Infinity while it waits for the client. */
  private untilMs = Number.POSITIVE_INFINITY;
  /** Bytes of the response that were written when the deadline began. */
  private written = 0;
  private isTimed = false;
  private cancel: () => void = nothing;
  private giveUp: (error: RapportError) => void = nothing;

  constructor(parts: RouteLimitParts, route: FoundRoute, response: ServerResponse) {
    this.parts = parts;
    this.route = route;
    this.response = response;
  }

  get signal(): AbortSignal {
    this.aborting ??= new AbortController();
    if (this.isAborted) this.aborting.abort();
    return this.aborting.signal;
  }

  async outside<T>(wait: () => Promise<T>): Promise<T> {
    this.untilMs = Number.POSITIVE_INFINITY;
    try {
      return await wait();
    } finally {
      this.watch();
    }
  }

  holds(slot: Slot): void {
    this.slot?.end();
    this.slot = slot;
    if (this.response === null) this.leave();
  }

  private leave(): void {
    this.slot?.end();
    this.slot = null;
  }

  /** Resolves when the handler has, or when it throws because it was aborted. */
  outcomeOf(handle: (run: RouteRun) => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const { response } = this;
      this.giveUp = reject;
      response?.on('close', () => {
        if (!response.writableFinished) this.abort();
      });
      this.watch();
      this.handler = Promise.resolve(handle(this));
      this.handler.then(resolve, (error: unknown) =>
        this.isAborted && error === this.signal.reason ? resolve() : reject(error),
      );
    });
  }

  /** The handler if it was given up and may still be running. */
  end(): Promise<void> | null {
    const { late } = this;
    this.cancel();
    this.leave();
    this.response = null;
    this.handler = null;
    this.late = null;
    this.cancel = nothing;
    this.giveUp = nothing;
    return late;
  }

  /** Gives the handler the whole deadline, from now on. A timer that runs already is kept: starting one costs more than looking twice. */
  private watch(): void {
    const { response } = this;
    if (response === null) return;
    this.written = bytesWritten(response);
    this.untilMs = this.parts.clock.nowMs() + deadlineMs;
    if (!this.isTimed) this.time(response, deadlineMs);
  }

  private time(response: ServerResponse, delayMs: number): void {
    this.isTimed = true;
    this.cancel = this.parts.clock.after(delayMs, () => {
      this.isTimed = false;
      const leftMs = this.untilMs - this.parts.clock.nowMs();
      if (leftMs <= 0) this.look(response);
      else if (leftMs <= deadlineMs) this.time(response, leftMs);
    });
  }

  private look(response: ServerResponse): void {
    const { route, parts } = this;
    if (response.headersSent && bytesWritten(response) > this.written) {
      this.watch();
      return;
    }
    parts.metrics.routeRefused(route.owner, 'deadline');
    parts.log.warn('a plugin did not answer a request in time', {
      plugin: route.owner,
      route: `${route.method} ${route.path}`,
    });
    this.late = this.handler;
    this.giveUp(tooLate(route.owner));
    this.abort();
  }

  private abort(): void {
    this.isAborted = true;
    this.aborting?.abort();
  }
}

function nothing(): void {
  // There is nothing to cancel or to give up yet.
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
    `The plugin ${owner} did not answer within ${deadlineMs / 1_000} s; try again in 5 s. What was requested may have been done.`,
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
