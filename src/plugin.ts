import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodObject, z } from 'zod';
import type { Capabilities, Capability, Contributions, Drivers, ExtensionPoint } from './capabilities.js';
import type { Caller, Context, ContextInput } from './context.js';
import type { Contributed } from './contributed.js';
import type { UserError } from './errors.js';
import type { Reactions } from './facts.js';
import { refuseUnknownFields } from './plugin-fields.js';
import type { NodeType, Resolvers, SteadyKey } from './plugin-graph.js';
import type { ScheduledJob } from './ports/queue.js';
import type { RateStore } from './ports/queue-driver.js';

export type { FoundIdentity, NodeIdentity, NodeType, Resolvers, SteadyKey } from './plugin-graph.js';

/** Version of the contract between plugins and the core; a plugin's `compatibility` range is checked against it. */
export const contractVersion = '1.0.0';

export interface Log {
  /** Somebody must act. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Somebody should look when it repeats. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Clock {
  /** Milliseconds since the epoch: for dates. The machine may set it back or forward at any time. */
  nowMs(): number;
  /** Milliseconds since a fixed moment of this process: for durations, deadlines and rates. It never goes back. */
  monotonicMs(): number;
  /** Runs once after a delay; answers the function that cancels it. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** All that a plugin gets from the process: what differs between runs comes from here, so that a decision can be replayed. */
export interface Host {
  readonly clock: Clock;
  /** Unique, URL-safe, ordered by time. */
  readonly ids: { next(): string };
  /** Uniform in [0, 1). */
  random(): number;
  readonly log: Log;
  /** Where embedded drivers keep their files. */
  readonly dataDir: string;
  /** The part of this process: `gateway` answers requests, `worker` reacts to facts, `all` does both. */
  readonly role: 'all' | 'gateway' | 'worker';
}

/** A module under `drivers/`, loaded only when it is the one chosen. */
export interface DriverModule<D> {
  /** Strict: an unknown setting is a fault. */
  readonly settings: ZodObject;
  /** Time limit of `open`. If omitted, 15 seconds. */
  readonly openDeadlineMs?: number;
  /** Members of the driver that do not depend on the backend. `create` may read these; all others exist from `start` on. */
  readonly traits?: Partial<D>;
  /** Rejects unless the backend answered. */
  open(settings: never, host: Host): Promise<D & { close(): Promise<void> }>;
}

/** Mounts HTTP endpoints of an edge. Handlers get the raw request; what they throw is answered as a masked JSON error. */
export interface Router {
  route(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    handle: (request: IncomingMessage, response: ServerResponse, edge: Edge) => Promise<void>,
  ): void;
}

/** Facts that the gateway has proven about one HTTP request of an adapter. */
export interface Edge {
  /**
   * Throws `denied` for a missing or unknown key, and `limited` when the key or its client sends too much. `key`: where the
   * protocol carries it, if not in `x-api-key`. `token`: the customer's bearer token, if the protocol does not carry it in `authorization`. To be called before `body`, unless only the body holds the key.
   */
  caller(key?: string, token?: string): Promise<Caller>;
  /**
   * Reads the whole body, at most `bytesMax` bytes. Before `caller` has resolved, 100 KB are the most. Throws for a body that is
   * too long, too slow or cut off, and `unavailable` when the bodies in flight take all the memory they may take. `decode` unpacks
   * what arrived, and bounds what it returns; the limits of the caller count the larger of both. If omitted, nothing is unpacked.
   */
  body(bytesMax: number, decode?: (packed: Buffer) => Promise<Buffer>): Promise<Buffer>;
  /** Counts further units against the limits of the caller, for what costs more than a request. Throws `limited`. */
  charge(units: number): void;
  /** The same checks as `Request.context` of a GraphQL request. */
  context(caller: Caller, input: ContextInput): Context;
  /** Aborted when the client is gone or the handler took longer than 30 s. */
  readonly signal: AbortSignal;
  /** The path with its parameters cut out of it. */
  readonly params: Readonly<Record<string, string>>;
}

/** A count since the start of the process, for `/metrics`. */
export interface PluginCounter {
  /** One sentence for operators. */
  readonly help: string;
  /** Never falls. Called whenever the metrics are written; a counter that throws shows 0. */
  read(): number;
}

/** A running plugin. */
export interface Instance<P> {
  readonly port: P;
  readonly resolvers?: Resolvers;
  /**
   * By type of the graph: what the answer to its plugin's own fields of an object, and to all below them, hangs on; null: on
   * more. While it is the same, so are they, and the gateway need not ask for them again. Must be quick, and count
   * whatever an acknowledged write may have changed.
   * @internal For plugins of this repository.
   */
  readonly steady?: Readonly<Record<string, (parent: never, request: never) => SteadyKey | null>>;
  /** By type of the graph: every type of the plugin that implements `Node`. */
  readonly nodes?: Readonly<Record<string, NodeType>>;
  /**
   * Warnings about the values of a context that no answer can be right for, such as an unknown store. Called for each context of a request.
   * @internal For the catalog.
   */
  readonly contextWarnings?: (context: Context) => readonly UserError[];
  readonly reactions?: Reactions;
  /** Its jobs by name (kebab case). They run in processes whose role is `worker` or `all`, after all plugins have started. */
  readonly schedule?: Readonly<Record<string, ScheduledJob>>;
  /** Its metrics by name (snake case): `unknown_products` of the plugin `events` is `rapport_events_unknown_products_total`. */
  readonly counters?: Readonly<Record<string, PluginCounter>>;
  /** Its contributions to other plugins, by extension point. */
  readonly contributes?: { readonly [K in ExtensionPoint]?: readonly Contributions[K][] };
  /**
   * Shares rate limits between the gateways of a shop. If no plugin has one, each gateway limits by itself. Read after `start`.
   * @internal For the queue; a driver of the queue has its own `rateStore`.
   */
  readonly rateStore?: RateStore | undefined;
  /** Called after `create` and before `start`. */
  readonly routes?: (router: Router) => void;
  /** First I/O of the plugin itself, after its needs have started: load, warm, rebuild. Bounded by a deadline of 120 seconds. */
  readonly start?: () => Promise<void>;
  /**
   * Rejects when the plugin cannot do its part now; shown by `/health/ready`. With `unavailable`: it is degraded, and what can be
   * answered without it goes on. With anything else: this process should get no more requests.
   */
  readonly check?: () => Promise<void>;
  /** Called once if `start` was called, also if it failed; after a start that missed its deadline, when that has settled. */
  readonly close?: () => Promise<void>;
}

/** Returns what all plugins contribute to an extension point, in the order of plugins. Throws before `start`. */
export type ReadContributions = <K extends ExtensionPoint>(
  point: K,
) => readonly Contributed<Contributions[K]>[];

type PortOf<P> = P extends Capability ? Capabilities[P] : null;

type DriverLoaders<D> = Readonly<Record<string, () => Promise<DriverModule<D>>>>;

export type DriversFor = { readonly [C in keyof Drivers]?: DriverLoaders<Drivers[C]> };

export interface PluginSpec<P extends Capability | null, N extends Capability, S extends ZodObject, D> {
  /** Kebab case; names the folder, the settings (`RAPPORT_<NAME>_…`) and the schema file. */
  readonly name: string;
  /** null for an edge. */
  readonly provides: P;
  /** Exactly these ports are handed over. */
  readonly needs: readonly N[];
  /** The semver range of `contractVersion` it was written for. Required of plugins outside this repository. */
  readonly compatibility?: string;
  /** SDL that extends the graph; plugins of this repository keep theirs in `schema/<name>.graphql`. */
  readonly sdl?: string;
  /**
   * The name of a plugin of this repository whose place it takes: that one is not created, and this one provides the same capability.
   * Without `sdl` the SDL of that plugin stays, so that clients see no difference. This one inherits that plugin's `resolvers`, and resolves
   * the other root and added fields itself.
   */
  readonly replaces?: string;
  /** Resolvers that use nothing but the port and the needs. A plugin that replaces this one inherits them. */
  readonly resolvers?: (parts: {
    readonly port: PortOf<P>;
    readonly needs: { readonly [C in N]: Capabilities[C] };
  }) => Resolvers;
  readonly settings?: S;
  /** Only `store`, `search` and `queue`. `embedded` is the default; another one is chosen by its name, or the scheme of the URL. */
  readonly drivers?: { readonly embedded: () => Promise<DriverModule<D>> } & DriverLoaders<D>;
  /**
   * Drivers of other plugins, by capability and name: `RAPPORT_STORE=postgres` chooses the store's driver `postgres`. They are part of the
   * declaration, since the settings of the one that is chosen are checked before anything is created.
   */
  readonly driversFor?: DriversFor;
  /** Puts the parts together; no I/O here. Drivers are open, and ports of others are in service, from `start` on. */
  create(parts: {
    readonly driver: D;
    readonly needs: { readonly [C in N]: Capabilities[C] };
    readonly host: Host;
    readonly settings: z.output<S>;
    readonly contributions: ReadContributions;
  }): Instance<PortOf<P>>;
}

/** A plugin as the core sees it. */
export interface Plugin {
  readonly name: string;
  readonly provides: Capability | null;
  readonly needs: readonly Capability[];
  readonly compatibility?: string;
  /** File or package that a third party's plugin was loaded from; set by the core. */
  readonly source?: string;
  readonly sdl?: string;
  readonly replaces?: string;
  /** The plugin whose place it takes; set by the core. */
  readonly replaced?: Plugin;
  resolvers?(parts: { readonly port: unknown; readonly needs: Readonly<Partial<Capabilities>> }): Resolvers;
  readonly settings?: ZodObject;
  readonly drivers?: DriverLoaders<object>;
  readonly driversFor?: DriversFor;
  create(parts: {
    readonly driver: unknown;
    readonly needs: Readonly<Partial<Capabilities>>;
    readonly host: Host;
    readonly settings: unknown;
    readonly contributions: ReadContributions;
  }): Instance<unknown>;
}

type Names<T> = Readonly<Record<keyof T, true>>;

/** The fields of a plugin. The compiler checks that none is missing. */
const specFields: Names<PluginSpec<never, never, never, never>> = {
  name: true,
  provides: true,
  needs: true,
  compatibility: true,
  sdl: true,
  replaces: true,
  resolvers: true,
  settings: true,
  drivers: true,
  driversFor: true,
  create: true,
};

/** The fields of the instance that `create` returns. */
export const instanceFields: Names<Instance<unknown>> = {
  port: true,
  resolvers: true,
  steady: true,
  nodes: true,
  contextWarnings: true,
  reactions: true,
  schedule: true,
  counters: true,
  contributes: true,
  rateStore: true,
  routes: true,
  start: true,
  check: true,
  close: true,
};

/**
 * Checks a plugin's types against each other; at run time the core knows it only as `Plugin`. Throws an Error for a field that
 * plugins do not have.
 */
export function definePlugin<
  const P extends Capability | null,
  const N extends Capability = never,
  S extends ZodObject = ZodObject<Record<never, never>>,
  D = undefined,
>(spec: PluginSpec<P, N, S, D>): Plugin {
  refuseUnknownFields(spec, specFields, `plugin ${spec.name}`);
  return spec as unknown as Plugin;
}
