import { join } from 'node:path';
import type { Role } from '../../src/context.js';
import { type Gateway, openGateway } from '../../src/gateway/http.js';
import { createApiKeys } from '../../src/gateway/keys.js';
import { createSurface } from '../../src/gateway/surface.js';
import type { Plugin } from '../../src/plugin.js';
import { projectDirectory } from '../../src/project-directory.js';
import { createPlugins, type TestBootOptions, type TestSystem } from './boot.js';

export const testKeys: Readonly<Record<Role, string>> = {
  STOREFRONT: 'storefront-key',
  SERVER: 'server-key',
  MERCHANDISER: 'merchandiser-key',
  ADMIN: 'admin-key',
};

/** As RAPPORT_API_KEYS has them. */
export const keysText = Object.entries(testKeys)
  .map(([role, key]) => `${role}=${key}`)
  .join(',');

export interface Answer {
  readonly status: number;
  readonly headers: Headers;

  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  /** Digs through the data: `at('shopper.recommendations.items.0.product.id')`; undefined for what is absent. */
  at(path: string): unknown;
  readonly errors:
    | readonly {
        readonly message: string;
        readonly path?: readonly (string | number)[];
        readonly locations?: readonly { readonly line: number; readonly column: number }[];
        readonly extensions: Record<string, unknown>;
      }[]
    | undefined;
  readonly extensions: {
    readonly rapport: {
      readonly context?: Record<string, unknown>;
      readonly degraded: readonly string[];
      readonly cacheScope: string;
    };
  };
  readonly text: string;
}

export interface AskOptions {
  /** Default: STOREFRONT. null: no key. */
  readonly role?: Role | null;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

export interface TestGateway {
  readonly url: string;
  readonly system: TestSystem;
  readonly gateway: Gateway;
  /** Sends a query over HTTP, as a frontend would. */
  ask(query: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface TestGatewayOptions extends TestBootOptions {
  readonly production?: boolean;
  readonly warmUp?: boolean;
}

/** A whole gateway on a free port, on the embedded drivers, with a clock that stands still. */
export async function openTestGateway(
  plugins: readonly Plugin[],
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const created = await createPlugins(plugins, {
    ...options,
    environment: {
      RAPPORT_PORT: '0',
      RAPPORT_BIND: '127.0.0.1',
      // The clock stands still, so no bucket would ever fill again.
      RAPPORT_RATE_LIMITS: 'false',
      ...options.environment,
    },
  });
  const surface = createSurface(join(projectDirectory(), 'schema'), created.plugins);
  const system = await created.start();
  let next = 0;
  const gateway = await openGateway({
    system,
    host: { clock: system.clock, ids: { next: () => `request-${++next}` }, log: system.log },
    surface,
    keys: createApiKeys(keysText, { development: false }),
    development: !(options.production ?? false),
    home: '/graphql',
    shownKeys: options.production ? null : testKeys,
    warmUp: options.warmUp ?? false,
  }).catch(async (error: unknown) => {
    await system.close();
    throw error;
  });
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    url,
    system,
    gateway,
    ask: askerOf(url),
    async close() {
      await gateway.close();
      await system.close();
    },
  };
}

/** Sends queries to a gateway over HTTP, as a frontend would. */
export function askerOf(url: string): TestGateway['ask'] {
  return async (query, { role = 'STOREFRONT', variables, headers } = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(role ? { 'x-api-key': testKeys[role] } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, ...(variables ? { variables } : {}) }),
    });
    const text = await response.text();
    const body = JSON.parse(text) as Pick<Answer, 'data' | 'errors' | 'extensions'>;
    return {
      ...body,
      status: response.status,
      headers: response.headers,
      text,
      at: (path) => dig(body.data, path),
    };
  };
}

function dig(value: unknown, path: string): unknown {
  let found = value;
  for (const step of path.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[step];
  return found;
}
