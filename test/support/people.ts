import { join } from 'node:path';
import { type ExecutionResult, graphql } from 'graphql';
import type { Caller, Context, ContextInput } from '../../src/context.js';
import type { UserError } from '../../src/errors.js';
import { buildGraph } from '../../src/gateway/graph.js';
import { createRequest } from '../../src/gateway/request-context.js';
import { createContext, warningsOf } from '../../src/gateway/shopper-context.js';
import type { Plugin } from '../../src/plugin.js';
import { bootPlugins, type TestBootOptions, type TestSystem } from './boot.js';

const defaults = { locale: 'en', currency: 'EUR' };

export interface Asked extends ExecutionResult<Record<string, unknown>> {
  /** The codes of all errors, in order. */
  readonly codes: readonly unknown[];
  readonly personal: boolean;
  readonly degraded: readonly string[];
  readonly warnings: readonly UserError[];
  at(path: string): unknown;
}

export interface People extends TestSystem {
  /** Asks the graph as a caller whom the gateway has proven. Default: STOREFRONT, no customer. */
  ask(query: string, caller?: Partial<Caller>, variables?: Record<string, unknown>): Promise<Asked>;
  context(input?: Partial<ContextInput>, caller?: Partial<Caller>): Context;
}

export function callerOf(caller: Partial<Caller> = {}): Caller {
  return { role: 'STOREFRONT', source: 'test', customerId: null, globalPrivacyControl: false, ...caller };
}

/** Boots plugins and asks their graph directly, so that a test can be any caller without a token. */
export async function bootPeople(plugins: readonly Plugin[], options: TestBootOptions = {}): Promise<People> {
  const system = await bootPlugins(plugins, options);
  // Most tests ask ports only.
  let graph: ReturnType<typeof buildGraph> | undefined;
  let sessions = 0;
  const host = { clock: system.clock, ids: { next: () => `fresh-${++sessions}` } };
  return {
    ...system,
    async ask(query, caller, variables) {
      const request = createRequest(callerOf(caller), host, {
        ...defaults,
        warningsOf: warningsOf(system.plugins),
      });
      graph ??= buildGraph(join(import.meta.dirname, '..', '..', 'schema'), system.plugins);
      const result = await graphql({
        schema: graph,
        source: query,
        contextValue: request,
        ...(variables ? { variableValues: variables } : {}),
      });
      return {
        ...(result as ExecutionResult<Record<string, unknown>>),
        codes: (result.errors ?? []).map((error) => codeOf(error.originalError ?? error) ?? error.message),
        personal: request.isPersonal,
        degraded: request.degradedParts,
        warnings: request.warnings,
        at: (path) =>
          path
            .split('.')
            .reduce<unknown>(
              (value, step) => (value as Record<string, unknown> | null | undefined)?.[step],
              result.data,
            ),
      };
    },
    context: (input = {}, caller = {}) =>
      createContext(callerOf(caller), { channel: 'WEB', ...input }, host, defaults),
  };
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}
