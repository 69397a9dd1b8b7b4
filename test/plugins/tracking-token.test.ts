import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { contextOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { basic, openTracking, post } from '../support/tracking.js';

describe('tracking with the token of a customer', () => {
  const pair = keyPair();
  let provider: Server;
  let gateway: TestGateway;
  before(async () => {
    provider = createServer((_, response) => {
      void exportJWK(pair.publicKey).then((jwk) =>
        response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'k', alg: 'RS256' }] })),
      );
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const { port } = provider.address() as AddressInfo;
    gateway = await openTracking([], { RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${port}/` });
  });
  after(async () => {
    await gateway.close();
    provider.close();
  });

  async function send(customer: string, kind: string, message: object) {
    const token = await new SignJWT({ sub: customer })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setExpirationTime(Math.floor(gateway.system.clock.nowMs() / 1_000) + 60)
      .sign(pair.privateKey);
    const body = { userId: customer, writeKey: testKeys.STOREFRONT, ...message };
    return post(gateway, `/v1/${kind}`, body, { authorization: `Bearer ${token}` });
  }
  const asServer = async (kind: string, message: object) =>
    expect((await post(gateway, `/v1/${kind}`, message)).status).to.equal(200);
  const shopperOf = (sessionId: string) => gateway.system.port('customers').recognise(contextOf(sessionId));
  const isoOf = (ms: number) => new Date(ms).toISOString();

  it('gives one answer to alias, whether the id is a customer’s, linked, signed out or nobody’s', async () => {
    await asServer('identify', { userId: 'jane@example.com', anonymousId: 'of jane', messageId: 'i1' });
    const agoMs = gateway.system.clock.nowMs();
    gateway.system.clock.advance(60_000);
    await gateway.system.port('customers').signOut(contextOf('signed out'));
    const answers = new Set<string>();
    for (const previousId of ['jane@example.com', 'nobody@example.com', 'of jane', 'new', 'signed out']) {
      const message = { messageId: `a ${previousId}`, previousId, timestamp: isoOf(agoMs) };
      const { status, body } = await send('evil', 'alias', message);
      answers.add(JSON.stringify([status, body]));
    }
    expect([...answers]).to.have.length(1);
    expect((await shopperOf('of jane')).linkedTo).to.equal('jane@example.com');
    expect((await shopperOf('new')).linkedTo).to.equal('evil');
  });

  it('leaves a session to the next customer, also after a device whose clock is in the year 9999', async () => {
    const far = '9999-01-01T00:00:00Z';
    await send('evil', 'identify', { anonymousId: 'S', messageId: 'e1', timestamp: far, sentAt: far });
    const now = isoOf(gateway.system.clock.nowMs());
    const { body } = await send('jane', 'identify', {
      anonymousId: 'S',
      messageId: 'j1',
      timestamp: now,
      sentAt: now,
    });
    expect(body.warnings).to.equal(undefined);
    expect((await shopperOf('S')).linkedTo).to.equal('jane');
    expect((await shopperOf('S')).customerId, 'for a server that did not say so').to.equal(null);
  });

  it('names the session of an identification that came too late to link it', async () => {
    const agoMs = gateway.system.clock.nowMs();
    gateway.system.clock.advance(60_000);
    await gateway.system.port('customers').signOut(contextOf('T'));
    const late = { anonymousId: 'T', messageId: 'late', timestamp: isoOf(agoMs) };
    const { body } = await send('jane', 'identify', late);
    expect(body.warnings!.map(({ code, path }) => [code, ...path])).to.deep.equal([
      ['CUSTOMERS_LINK_OUTDATED', 'anonymousId'],
    ]);
    expect((await shopperOf('T')).linkedTo).to.equal(undefined);
  });

  it('binds the session for a server by the first message of the server that names the customer', async () => {
    await send('jane', 'identify', { anonymousId: 'V', messageId: 'v1' });
    expect((await shopperOf('V')).customerId).to.equal(null);
    await asServer('track', { userId: 'jane', anonymousId: 'V', event: 'Cart Viewed', messageId: 'v2' });
    expect((await shopperOf('V')).customerId).to.equal('jane');
  });

  it('is missing: a warning names the userId that was not believed', async () => {
    const message = { userId: 'jane', anonymousId: 'U', messageId: 'u1' };
    const { status, body } = await post(gateway, '/v1/identify', message, {
      authorization: basic(testKeys.STOREFRONT),
    });
    expect([status, body.accepted]).to.deep.equal([200, 1]);
    expect(body.warnings!.map(({ code, path }) => [code, ...path])).to.deep.equal([
      ['TRACKING_USER_UNPROVEN', 'userId'],
    ]);
  });
});
