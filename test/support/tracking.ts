import { request } from 'node:http';
import { plugins } from '../../plugins/index.js';
import type { Plugin } from '../../src/plugin.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { openTestGateway, type TestGateway, testKeys } from './gateway.js';

const needed = new Set(['store', 'queue', 'customers', 'consent', 'events', 'tracking']);

/** A gateway with the tracking edge and what it needs; `instead` replaces plugins of the same name. */
export function openTracking(
  instead: readonly Plugin[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const own = plugins.filter(({ name }) => needed.has(name) && !instead.some((other) => other.name === name));
  return openTestGateway([...own, ...instead], {
    environment: { RAPPORT_CONSENT_MODE: 'opt-out', ...environment },
  });
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: {
    readonly success: boolean;
    readonly accepted?: number;
    readonly duplicates?: number;
    readonly rejected?: number;
    readonly errors?: readonly {
      readonly code: string;
      readonly message: string;
      readonly path: readonly string[];
    }[];
    readonly warnings?: readonly { readonly code: string; readonly path: readonly string[] }[];
    readonly code?: string;
    readonly message?: string;
  };
}

export function basic(key: string): string {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}

/** Sends a body as it is, with the SERVER key unless other headers are given. */
export function post(
  { url }: TestGateway,
  path: string,
  body: string | Buffer | object,
  headers: Readonly<Record<string, string>> = { authorization: basic(testKeys.SERVER) },
): Promise<Reply> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method: 'POST', headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: JSON.parse(Buffer.concat(parts).toString()) as Reply['body'],
        }),
      );
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

export async function recorded({ system }: TestGateway): Promise<ShopEvent[]> {
  const all: ShopEvent[] = [];
  for await (const page of system.port('events').replay()) all.push(...page);
  return all;
}
