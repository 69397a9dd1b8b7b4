import { expect } from 'chai';
import { createRequest } from '../../src/gateway/request-context.js';
import { createContext } from '../../src/gateway/shopper-context.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';

const host = {
  clock: { nowMs: () => 0, monotonicMs: () => 0, after: () => () => undefined },
  ids: { next: () => 'id' },
};
const defaults = { locale: 'en', currency: 'EUR' };

describe('The context of a request', () => {
  it('makes no signal and looks up no network for a plugin that asks for none', () => {
    const asked: string[] = [];
    const caller = {
      role: 'STOREFRONT' as const,
      source: 'storefront-1',
      customerId: null,
      globalPrivacyControl: false,
      get network() {
        asked.push('network');
        return '192.0.2.1';
      },
    };
    const waiting = {
      get signal() {
        asked.push('signal');
        return AbortSignal.abort();
      },
    };
    const context = createContext(caller, { channel: 'WEB', sessionId: 's' }, host, defaults, waiting);
    const shopper = deepFreeze({ context });
    expect(asked).to.deep.equal([]);
    expect(Object.isFrozen(shopper.context)).to.equal(true);
    expect(Object.isFrozen(shopper.context.caller)).to.equal(true);
    expect(shopper.context.signal?.aborted).to.equal(true);
  });

  it('has no accessor of its own, which V8 would keep with the request until a full collection', () => {
    const caller = {
      role: 'SERVER' as const,
      source: 'server-1',
      customerId: null,
      globalPrivacyControl: false,
    };
    const context = createContext(caller, { channel: 'WEB', sessionId: 's' }, host, defaults, {});
    const own = Object.values(Object.getOwnPropertyDescriptors(context));
    expect(own.filter((property) => property.get !== undefined)).to.deep.equal([]);
  });

  it('lets no plugin give its caller another role', () => {
    const caller = {
      role: 'STOREFRONT' as const,
      source: 'storefront-1',
      customerId: null,
      globalPrivacyControl: false,
    };
    const request = createRequest(caller, host, defaults);
    expect(() => Object.assign(request.caller, { role: 'ADMIN' })).to.throw(TypeError);
    expect(request.caller.role).to.equal('STOREFRONT');
  });
});
