import type { Context } from '../../src/context.js';

/** A server that speaks for an anonymous session, at a moment. */
export function contextOf(sessionId: string, atMs: number): Context {
  return {
    caller: { role: 'SERVER', source: 'bench', customerId: null, globalPrivacyControl: false },
    channel: 'WEB',
    sessionId,
    customerId: null,
    storeId: null,
    deviceId: null,
    locale: 'en',
    currency: 'EUR',
    atMs,
  };
}
