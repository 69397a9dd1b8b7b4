import type { Caller, Context } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import { isId } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { ShopperNames } from '../../src/ports/customers.js';

/** Code of the shop itself, which may name any customer. */
const inside: Caller = Object.freeze({
  role: 'SERVER',
  source: 'inside',
  customerId: null,
  globalPrivacyControl: false,
});

/** The context of a person whom no request names. Without a session it is a new one, in which nothing was decided. */
export function outsideRequest(names: ShopperNames, { clock, ids }: Pick<Host, 'clock' | 'ids'>): Context {
  const { customerId = null, sessionId = null, channel = 'WEB', storeId = null } = names;
  for (const id of [customerId, sessionId]) {
    if (id === null || isId(id)) continue;
    throw new RapportError(
      'invalid',
      'CUSTOMERS_ID_INVALID',
      `${JSON.stringify(id)} is not the id of a person`,
    );
  }
  if (customerId === null && sessionId === null)
    throw new RapportError('invalid', 'CUSTOMERS_ID_INVALID', 'give a customerId, a sessionId or both');
  return {
    caller: inside,
    channel,
    sessionId: sessionId ?? ids.next(),
    customerId,
    storeId,
    deviceId: null,
    locale: names.locale ?? 'en',
    currency: names.currency ?? 'EUR',
    atMs: clock.nowMs(),
  };
}
