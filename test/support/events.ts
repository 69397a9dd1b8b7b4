import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Caller, Context } from '../../src/context.js';
import type { Plugin } from '../../src/plugin.js';
import type { Permit } from '../../src/ports/consent.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { bootPlugins, type TestBootOptions, type TestSystem } from './boot.js';

/** The event log with all that it needs. */
export const eventPlugins: readonly Plugin[] = [store, queue, customers, consent, events];

/** The event log with all that it needs, and what further plugins a test is about. Nobody has to say yes first. */
export function bootEvents(
  options: TestBootOptions = {},
  further: readonly Plugin[] = [],
): Promise<TestSystem> {
  return bootPlugins([...eventPlugins, ...further], {
    ...options,
    environment: { RAPPORT_CONSENT_MODE: 'opt-out', ...options.environment },
  });
}

export const server: Caller = {
  role: 'SERVER',
  source: 'server-1',
  customerId: null,
  globalPrivacyControl: false,
};

/** A shopper in the web shop, unless told otherwise. */
export function contextOf(sessionId: string, other: Partial<Context> = {}): Context {
  return {
    caller: server,
    channel: 'WEB',
    sessionId,
    customerId: null,
    storeId: null,
    deviceId: null,
    locale: 'en',
    currency: 'EUR',
    atMs: 0,
    ...other,
  };
}

export function view(messageId: string, productId = 'kettle', at?: Date): Record<string, unknown> {
  return { messageId, type: 'PRODUCT_VIEWED', productIds: [productId], ...(at ? { at } : {}) };
}

export async function historyOf(
  system: TestSystem,
  context: Context,
  options: { readonly limit?: number; readonly types?: ShopEvent['type'][] } = {},
): Promise<readonly ShopEvent[]> {
  const shopper = await system.port('customers').recognise({ ...context });
  const permit = await system.port('consent').permit(shopper, 'PERSONALIZATION');
  return system.port('events').history(permit as Permit<'PERSONALIZATION'>, { limit: 100, ...options });
}

export async function replayed(system: TestSystem, fromMs?: number): Promise<ShopEvent[]> {
  const all: ShopEvent[] = [];
  for await (const page of system.port('events').replay(fromMs === undefined ? {} : { fromMs }))
    all.push(...page);
  return all;
}

/** The sender and message id in an event's id, without the digest of the session. */
export function sentId(id: string): string {
  return id.replace(/:[0-9a-z]+\./, ':');
}
