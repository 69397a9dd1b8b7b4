import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  execute as interpret,
} from 'graphql';
import { type Bytes, textOfBytes } from '../../../src/gateway/bytes.js';
import { createExecute, type Execute } from '../../../src/gateway/execute.js';
import { plainValue } from '../../../src/gateway/field-guard.js';
import { maskError } from '../../../src/gateway/mask-error.js';
import type { Prepared } from '../../../src/gateway/prepare.js';
import { createRequest, type TrackedRequest } from '../../../src/gateway/request-context.js';
import { createSteadiness } from '../../../src/gateway/steady.js';
import type { Log } from '../../../src/plugin.js';
import type { Node, World } from './world.js';

/** All that somebody could tell of an execution. */
export interface Observed {
  readonly data: string | undefined;
  readonly errors: readonly string[];
  /** Names and messages of defects. */
  readonly logged: readonly string[];
  readonly trace: readonly string[];
}

export interface Asked {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Runs to the end while promises are settled one at a time. */
export async function observe(
  world: World,
  start: (
    request: TrackedRequest,
    log: Log,
  ) => Promise<{ data: string | undefined; errors: readonly GraphQLError[] }>,
): Promise<Observed> {
  const logged: string[] = [];
  const ignore = () => undefined;
  const log: Log = {
    error(_, fields) {
      const { name, message } = fields!.err as { readonly name: string; readonly message: string };
      logged.push(`${name}: ${message}`);
    },
    warn: ignore,
    info: ignore,
    debug: ignore,
  };
  world.begin();
  let outcome: Awaited<ReturnType<typeof start>> | { readonly failure: unknown } | null = null;
  start(newRequest(), log).then(
    (value) => {
      outcome = value;
    },
    (failure: unknown) => {
      outcome = { failure };
    },
  );
  await settled();
  while (outcome === null && world.release()) await settled();
  const trace = world.trace;
  world.trace = [];
  while (world.release()) await settled();
  const found = outcome as Awaited<ReturnType<typeof start>> | { readonly failure: unknown } | null;
  if (found === null) throw new Error('never settled');
  if ('failure' in found) throw found.failure;
  return {
    data: found.data,
    errors: found.errors.map((error) => JSON.stringify(error)),
    logged,
    trace,
  };
}

/** When nothing is left to do but to wait. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function newRequest(): TrackedRequest {
  const caller = {
    role: 'STOREFRONT',
    source: 'fuzz',
    customerId: null,
    globalPrivacyControl: false,
  } as const;
  return createRequest(
    caller,
    {
      clock: { nowMs: () => 0, monotonicMs: () => 0, after: () => () => undefined },
      ids: { next: () => 'request' },
    },
    { locale: 'en', currency: 'EUR' },
  );
}

export function observeInterpreted(world: World, schema: GraphQLSchema, asked: Asked): Promise<Observed> {
  return observe(world, async (request, log) => {
    const { data, errors = [] } = await interpret({
      schema,
      document: asked.document,
      contextValue: request,
      fieldResolver: plainValue as GraphQLFieldResolver<unknown, unknown>,
      variableValues: asked.variables,
      operationName: asked.operationName,
      hideSuggestions: true,
    });
    return {
      data: data === undefined ? undefined : JSON.stringify(data),
      errors: errors.map((error) => maskError(error, request.id, log)),
    };
  });
}

export interface Compiled {
  /** Whether the last operation was answered by a plan. */
  planned: boolean;
  observe(asked: Asked): Promise<Observed>;
}

/** The gateway's own executor, which plans at the first use. `steadyTypes`: types whose texts are kept. */
export function compiledExecutor(
  world: World,
  schema: GraphQLSchema,
  steadyTypes: readonly string[],
): Compiled {
  const keyOf = (of: Node) =>
    typeof of === 'object' && of !== null && typeof of.id === 'string' ? { of, beside: '' } : null;
  const steady = Object.fromEntries(steadyTypes.map((type) => [type, keyOf]));
  const resolvers = Object.fromEntries(
    Object.values(schema.getTypeMap()).map((type) => [
      type.name,
      'getFields' in type
        ? Object.fromEntries(Object.keys(type.getFields()).map((name) => [name, () => null]))
        : {},
    ]),
  );
  let log: Log;
  const forward: Log = {
    error: (...told) => log.error(...told),
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
  };
  const plugin = { name: 'world' } as never;
  const steadiness = createSteadiness(
    steadyTypes.length === 0 ? [] : [{ plugin, instance: { port: null, steady } as never, resolvers }],
    forward,
  );
  const execute: Execute = createExecute(schema, steadiness, forward, undefined, { planAfterUses: 0 });
  const compiled: Compiled = {
    planned: false,
    observe: ({ document, operationName, variables }) =>
      observe(world, async (request, toLog) => {
        log = toLog;
        const prepared = { document, errors: [], open: true, costOf: () => 0 } as unknown as Prepared;
        const outcome = await execute({ prepared, variables, operationName }, request);
        compiled.planned = outcome.written !== undefined;
        return { data: dataOf(outcome.written, outcome.tree), errors: outcome.errors ?? [] };
      }),
  };
  return compiled;
}

function dataOf(written: Bytes | undefined, tree: unknown): string | undefined {
  if (written !== undefined) return textOfBytes(written);
  return tree === undefined ? undefined : JSON.stringify(tree);
}
