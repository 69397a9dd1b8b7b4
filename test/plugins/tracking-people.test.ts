import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import type { ShopEvent } from '../../src/ports/events.js';
import { contextOf, historyOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { basic, openTracking, post } from '../support/tracking.js';

let next = 0;
const track = (other: object = {}) => ({
  type: 'track',
  messageId: `m${next++}`,
  anonymousId: 'visitor',
  event: 'Product Viewed',
  properties: { product_id: 'kettle' },
  ...other,
});

describe('who somebody is, in tracking', () => {
  let gateway: TestGateway;
  let events: ShopEvent[];
  beforeEach(async () => {
    events = [];
    gateway = await openTracking();
    gateway.system.port('events').watch((accepted) => events.push(...accepted), 'ANALYTICS');
  });
  afterEach(() => gateway.close());
  const batch = (messages: readonly object[]) => post(gateway, '/v1/batch', { batch: messages });
  const shopper = (sessionId: string) =>
    gateway.system.port('customers').recognise({
      caller: { role: 'SERVER', source: 'test', customerId: null, globalPrivacyControl: false },
      channel: 'WEB',
      sessionId,
      customerId: null,
      storeId: null,
      deviceId: null,
      locale: 'en',
      currency: 'EUR',
      atMs: 0,
    });
  const traits = {
    email: 'ada@example.com',
    firstName: 'Ada',
    last_name: 'Lovelace',
    plan: 'gold',
    visits: 3,
    address: { city: 'London' },
    'a.b': 'no name for a trait',
  };

  it('is believed from a server: the session is linked and the profile saved', async () => {
    const reply = await batch([
      track(),
      { type: 'identify', messageId: 'i1', anonymousId: 'visitor', userId: 'ada', traits },
    ]);
    expect(reply.body).to.deep.include({ accepted: 2, rejected: 0 });
    expect((await shopper('visitor')).customerId).to.equal('ada');
    expect(await gateway.system.port('customers').get('ada')).to.deep.include({
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      traits: { plan: 'gold', visits: 3 },
    });
    // In the order of the batch: the view came before anybody was known.
    expect(events.map(({ customerId }) => customerId)).to.deep.equal([null, 'ada']);
    expect(reply.body.warnings!.map(({ path }) => path.join('.'))).to.have.members([
      '1.traits.address',
      '1.traits.a.b',
    ]);
    expect(JSON.stringify(events)).not.to.contain('example.com');
  });

  it('is not believed from a public key: nothing is linked', async () => {
    const headers = { authorization: basic(testKeys.STOREFRONT) };
    await post(gateway, '/v1/identify', { anonymousId: 'visitor', userId: 'ada', traits }, headers);
    await post(
      gateway,
      '/v1/alias',
      { anonymousId: 'visitor', previousId: 'visitor', userId: 'ada' },
      headers,
    );
    await post(gateway, '/v1/track', { ...track(), userId: 'ada' }, headers);
    expect((await shopper('visitor')).customerId).to.equal(null);
    expect(await gateway.system.port('customers').get('ada')).to.equal(null);
    expect(events.map(({ customerId }) => customerId)).to.deep.equal([null, null, null]);
    const alone = await post(
      gateway,
      '/v1/track',
      { ...track(), anonymousId: undefined, userId: 'ada' },
      headers,
    );
    expect(alone).to.deep.include({ status: 400 });
  });

  it('is anonymous if it is not the customer of the token', async () => {
    const pair = keyPair();
    const provider = createServer((_, response) => {
      void exportJWK(pair.publicKey).then((jwk) =>
        response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'k', alg: 'RS256' }] })),
      );
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    const proving = await openTracking([], { RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${port}/` });
    try {
      proving.system.port('events').watch((accepted) => events.push(...accepted), 'ANALYTICS');
      const token = await new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setExpirationTime(Math.floor(proving.system.clock.nowMs() / 1_000) + 60)
        .sign(pair.privateKey);
      const messages = [track(), track({ userId: 'bob' }), track({ userId: 'ada' }), track()];
      const { body } = await post(
        proving,
        '/v1/batch',
        { batch: messages, writeKey: testKeys.STOREFRONT },
        { authorization: `Bearer ${token}` },
      );
      expect(body.accepted).to.equal(4);
      expect(body.warnings).to.have.length(1);
      expect(body.warnings![0]).to.deep.include({ code: 'TRACKING_USER_UNPROVEN', path: ['1', 'userId'] });
      expect(JSON.stringify(body.warnings)).to.contain('bob');
      expect(events.map(({ customerId }) => customerId)).to.deep.equal(['ada', null, 'ada', 'ada']);
    } finally {
      await proving.close();
      provider.close();
    }
  });

  it('may be a name that stands for nobody: refused', async () => {
    const nobody = ['null', 'guest', 'Undefined', ' anonymous ', '0'];
    const good = track();
    const reply = await batch([
      good,
      ...nobody.map((userId) => track({ userId })),
      ...nobody.map((userId) => ({ type: 'identify', userId, anonymousId: 'visitor' })),
      track({ anonymousId: 'null' }),
    ]);
    expect(reply.body).to.deep.include({ accepted: 1, rejected: 11 });
    expect((await shopper('visitor')).customerId).to.equal(null);
  });

  it('is said later: alias takes an anonymous session along, never somebody else’s', async () => {
    await batch([track({ anonymousId: 'earlier' })]);
    await batch([{ type: 'alias', previousId: 'earlier', userId: 'ada' }]);
    expect((await shopper('earlier')).customerId).to.equal('ada');
    const taken = await batch([track(), { type: 'alias', previousId: 'earlier', userId: 'bob' }]);
    expect(taken.body.errors![0]).to.deep.include({
      code: 'TRACKING_ALIAS_TAKEN',
      path: ['1', 'previousId'],
    });
    const customer = await batch([track(), { type: 'alias', previousId: 'ada', userId: 'bob' }]);
    expect(customer.body).to.deep.include({ accepted: 1, rejected: 1 });
    expect((await shopper('earlier')).customerId).to.equal('ada');
  });

  it('goes to a session of their own when only the userId is known', async () => {
    await batch([
      track({ anonymousId: undefined, userId: 'ada' }),
      track({ anonymousId: undefined, userId: 7 }),
    ]);
    const ids = events.map(({ sessionId, customerId }) => [sessionId, customerId]);
    expect(ids).to.have.deep.members([
      ['customer:ada', 'ada'],
      ['customer:7', '7'],
    ]);
  });

  it('is never the session of a customer that a client names', async () => {
    await batch([track({ anonymousId: undefined, userId: 'ada' })]);
    const stolen = 'customer:ada';
    const names = (code: string, key: string) => ({ code, path: ['0', key] });
    for (const key of [testKeys.STOREFRONT, testKeys.SERVER]) {
      const headers = { authorization: basic(key) };
      const send = (message: object) => post(gateway, '/v1/batch', { batch: [message] }, headers);
      const acted = await send(track({ anonymousId: stolen }));
      expect(acted.body.errors![0]).to.deep.include(names('TRACKING_ID_RESERVED', 'anonymousId'));
      expect(acted.body.errors![0]!.message).to.contain(`"${stolen}"`);
      const linked = await send({ type: 'alias', anonymousId: 'visitor', userId: 'bob', previousId: stolen });
      expect(linked.body.errors![0]).to.deep.include(names('TRACKING_ID_RESERVED', 'previousId'));
    }
    for (const role of ['STOREFRONT', 'SERVER'] as const) {
      const read = await gateway.ask(
        '{ shopper(context: { channel: WEB, sessionId: "customer:ada" }) { known } }',
        {
          role,
        },
      );
      expect(read.errors?.[0]?.extensions?.code, role).to.equal('CONTEXT_ID_RESERVED');
      expect(read.errors?.[0]?.message).to.contain(`"${stolen}"`);
    }
    expect(events).to.have.length(1);
  });

  it('cannot be nobody in a context either', async () => {
    for (const context of ['sessionId: "undefined"', 'customerId: "null"', 'sessionId: "ｎｕｌｌ"']) {
      const read = await gateway.ask(`{ shopper(context: { channel: WEB, ${context} }) { known } }`, {
        role: 'SERVER',
      });
      expect(read.errors?.[0]?.extensions?.code, context).to.equal('CONTEXT_ID_RESERVED');
    }
  });

  it('is not shown to a public key under the id that was identified', async () => {
    await batch([
      track({ properties: { product_id: 'before' } }),
      { type: 'identify', messageId: 'i', anonymousId: 'visitor', userId: 'ada', traits: { plan: 'gold' } },
      track({ userId: 'ada', properties: { product_id: 'secret' } }),
    ]);
    const read = await gateway.ask(
      '{ shopper(context: { channel: WEB, sessionId: "visitor" }) { known profile { id } consentHistory { id } } }',
      { role: 'STOREFRONT' },
    );
    expect(read.data).to.deep.equal({ shopper: { known: false, profile: null, consentHistory: [] } });
    const storefront = {
      role: 'STOREFRONT',
      source: 's',
      customerId: null,
      globalPrivacyControl: false,
    } as const;
    const seen = await historyOf(gateway.system, contextOf('visitor', { caller: storefront }));
    expect(seen.flatMap(({ productIds }) => productIds)).to.deep.equal(['before']);
  });
});
