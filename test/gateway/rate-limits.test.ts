import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { basic, openTracking, post } from '../support/tracking.js';
import { pantry } from './pantry.js';

describe('Rate limits', () => {
  const limited = (more: Record<string, string> = {}) =>
    openTestGateway([pantry], {
      environment: {
        RAPPORT_RATE_LIMITS: 'true',
        RAPPORT_RATE_KEYLESS: '1',
        RAPPORT_RATE_CLIENT: '2',
        ...more,
      },
    });

  async function answers(
    gateway: TestGateway,
    count: number,
    headers: Record<string, string>,
  ): Promise<number[]> {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) {
      const response = await fetch(`${gateway.url}/graphql?query={version}`, { headers });
      statuses.push(response.status);
      await response.text();
    }
    return statuses;
  }
  const countOf = (statuses: readonly number[], status: number) =>
    statuses.filter((one) => one === status).length;

  it('answer 429, name the limit, its value and what to change, and say when to try again', async () => {
    const gateway = await limited();
    try {
      const key = { 'x-api-key': testKeys.STOREFRONT };
      const statuses = await answers(gateway, 30, key);
      expect(countOf(statuses, 200)).to.be.within(19, 20);
      expect(statuses.at(-1)).to.equal(429);
      const response = await fetch(`${gateway.url}/graphql?query={version}`, { headers: key });
      expect(Number(response.headers.get('retry-after'))).to.be.within(1, 10);
      expect(response.headers.get('access-control-expose-headers')).to.contain('retry-after');
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      expect(error.code).to.equal('GATEWAY_RATE_LIMITED');
      expect(error.message).to.contain('STOREFRONT').and.contain('2 units a second and 20 at once');
      expect(error.message).to.contain('RAPPORT_RATE_CLIENT');
      gateway.system.clock.advance(5_000);
      expect(countOf(await answers(gateway, 12, key), 200)).to.be.within(9, 10);
    } finally {
      await gateway.close();
    }
  });

  it('hold for callers without a key and for those who try keys, and leave servers alone', async () => {
    const gateway = await limited();
    try {
      expect(countOf(await answers(gateway, 15, {}), 200)).to.be.within(9, 10);
      const tried = await answers(gateway, 3, { 'x-api-key': 'no-such-key' });
      expect(tried).to.deep.equal([429, 429, 429]);
      expect(countOf(await answers(gateway, 40, { 'x-api-key': testKeys.SERVER }), 200)).to.equal(40);
      expect((await fetch(`${gateway.url}/health/ready`)).status).to.equal(200);
    } finally {
      await gateway.close();
    }
  });

  it('count unknown keys on every path', async () => {
    const tries: readonly (readonly [path: string, method: string])[] = [
      ['/v1/track', 'POST'],
      ['/metrics', 'GET'],
      ['/health/ready', 'GET'],
      ['/graphql', 'GET'],
    ];
    for (const [path, method] of tries) {
      const environment = { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_KEYLESS: '1' };
      const gateway = await (path.startsWith('/v1')
        ? openTracking([], environment)
        : openTestGateway([pantry], { production: true, environment }));
      try {
        const statuses: number[] = [];
        for (let i = 0; i < 15; i++) {
          const response = await fetch(`${gateway.url}${path}`, {
            method,
            headers: { 'x-api-key': `no-such-key-${i}` },
          });
          statuses.push(response.status);
          await response.text();
        }
        expect(countOf(statuses, 401), path).to.be.within(9, 10);
        expect(statuses.at(-1), path).to.equal(429);
      } finally {
        await gateway.close();
      }
    }
  });

  it('believe X-Forwarded-For only from trusted proxies', async () => {
    const forwarded = (i: number) => ({
      'x-api-key': testKeys.STOREFRONT,
      'x-forwarded-for': `203.0.113.${i}`,
    });
    for (const [proxies, expected] of [
      ['0', 20],
      ['1', 60],
    ] as const) {
      const gateway = await limited({ RAPPORT_TRUST_PROXY: proxies });
      try {
        const statuses: number[] = [];
        for (let i = 0; i < 60; i++) statuses.push(...(await answers(gateway, 1, forwarded(i))));
        expect(countOf(statuses, 200), proxies).to.be.within(expected - 1, expected);
      } finally {
        await gateway.close();
      }
    }
  });

  it('count what nobody answers for: paths that are not there, preflights, and health that is asked from outside', async () => {
    const gateway = await limited({ RAPPORT_TRUST_PROXY: '1' });
    const ask = async (path: string, method: string, address: string, count: number) => {
      const statuses: number[] = [];
      for (let i = 0; i < count; i++) {
        const headers = { 'x-forwarded-for': address };
        statuses.push((await fetch(`${gateway.url}${path}`, { method, headers })).status);
      }
      return statuses;
    };
    try {
      expect(countOf(await ask('/nothing', 'GET', '203.0.113.1', 12), 404)).to.equal(10);
      expect(countOf(await ask('/health/ready', 'GET', '203.0.113.2', 12), 200)).to.equal(10);
      expect(countOf(await ask('/health/ready', 'GET', '127.0.0.1', 30), 200)).to.equal(30);
      expect(countOf(await ask('/health/ready', 'GET', '10.0.0.1', 30), 200)).to.equal(30);
      expect(countOf(await ask('/graphql', 'OPTIONS', '203.0.113.3', 110), 204)).to.equal(100);
      const refused = await fetch(`${gateway.url}/nothing`, {
        headers: { 'x-forwarded-for': '203.0.113.1' },
      });
      expect(refused.status).to.equal(429);
      expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
      expect(refused.headers.get('access-control-allow-origin')).to.equal('*');
    } finally {
      await gateway.close();
    }
  });

  it('count what an operation is expected to cost', async () => {
    const gateway = await limited({ RAPPORT_RATE_CLIENT: '0.5' });
    try {
      const jars = `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: jar { jars { jars { jars { id } } } }`).join(' ')} }`;
      const statuses: number[] = [];
      for (let i = 0; i < 3; i++) statuses.push((await gateway.ask(jars)).status);
      expect(statuses).to.include(429);
      const { headers, errors } = await gateway.ask(jars);
      expect(errors?.[0]?.extensions.code).to.equal('GATEWAY_RATE_LIMITED');
      expect(Number(headers.get('retry-after'))).to.be.at.least(1);
    } finally {
      await gateway.close();
    }
  });

  it('count events, so that one client cannot fill the log', async () => {
    const gateway = await openTracking([], { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '10' });
    const message = (id: string) => ({
      type: 'track',
      messageId: id,
      anonymousId: 'visitor',
      event: 'Product Viewed',
      properties: { product_id: 'kettle' },
    });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 20; i++) {
        const headers = { authorization: basic(testKeys.STOREFRONT) };
        const reply = await post(gateway, '/v1/t', message(`t${i}`), headers);
        statuses.push(reply.status);
        if (reply.status === 429) expect(Number(reply.headers['retry-after'])).to.be.at.least(1);
      }
      expect(countOf(statuses, 200)).to.be.within(8, 10);
      expect(countOf(statuses, 429)).to.equal(20 - countOf(statuses, 200));
    } finally {
      await gateway.close();
    }
  });

  it('count what a mutation stores, also of one variable that sixty fields are given', async () => {
    const gateway = await openTracking([], { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '1000' });
    const fields = Array.from(
      { length: 60 },
      (_, i) =>
        `a${i}: recordEvents(context: { channel: WEB, sessionId: "s${i}" }, events: $events) { accepted }`,
    );
    const events = Array.from({ length: 8 }, (_, i) => ({
      messageId: `m${i}`,
      type: 'CUSTOM',
      properties: { text: 'x'.repeat(29_000) },
    }));
    try {
      const { data, errors } = await gateway.ask(
        `mutation ($events: [EventInput!]!) { ${fields.join(' ')} }`,
        { variables: { events } },
      );
      const taken = Object.values(data as Record<string, { accepted: number } | null>).filter(
        (each) => each?.accepted === 8,
      );
      // 10,000 units at once; 232 KB count 1,800 each time.
      expect(taken.length).to.be.within(4, 6);
      expect(errors?.at(-1)?.extensions.code).to.equal('GATEWAY_RATE_LIMITED');
    } finally {
      await gateway.close();
    }
  });

  it('count a mutation of one field no more than its body', async () => {
    const gateway = await openTracking([], { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '100' });
    const query =
      'mutation ($events: [EventInput!]!) { recordEvents(context: { channel: WEB, sessionId: "s" }, events: $events) { accepted } }';
    let accepted = 0;
    try {
      for (let i = 0; i < 5; i++) {
        const events = [{ messageId: `m${i}`, type: 'CUSTOM', properties: { text: 'x'.repeat(25_000) } }];
        const { data } = await gateway.ask(query, { variables: { events } });
        accepted += (data as { recordEvents: { accepted: number } } | null)?.recordEvents?.accepted ?? 0;
      }
      // 25 KB are 200 units and some for the request and the event; at once there are 1,000.
      expect(accepted).to.equal(4);
    } finally {
      await gateway.close();
    }
  });

  it('count what a packed body holds, not the few bytes that it was packed into', async () => {
    const gateway = await openTracking([], { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '500' });
    const packed = (i: number) => {
      const properties = { text: 'x'.repeat(29_000) };
      const message = { type: 'track', anonymousId: 'visitor', event: 'Signed Up', properties };
      return gzipSync(
        JSON.stringify({
          batch: Array.from({ length: 16 }, (_, k) => ({ ...message, messageId: `${i}-${k}` })),
        }),
      );
    };
    try {
      const headers = { authorization: basic(testKeys.STOREFRONT), 'content-encoding': 'gzip' };
      const statuses: number[] = [];
      for (let i = 0; i < 3; i++)
        statuses.push((await post(gateway, '/v1/batch', packed(i), headers)).status);
      // 464 KB are 3,700 units; at once there are 5,000.
      expect(statuses).to.deep.equal([200, 429, 429]);
    } finally {
      await gateway.close();
    }
  });

  it('go on as before when the clock of the machine is set back', async () => {
    const gateway = await limited();
    try {
      const key = { 'x-api-key': testKeys.STOREFRONT };
      await answers(gateway, 25, key);
      gateway.system.clock.setBack(3_600_000);
      gateway.system.clock.advance(5_000);
      expect(countOf(await answers(gateway, 12, key), 200)).to.be.within(9, 10);
    } finally {
      await gateway.close();
    }
  });

  it('refuse the events of one operation beyond the limit, before they are recorded', async () => {
    const gateway = await openTracking([], { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '100' });
    try {
      const fields = Array.from(
        { length: 30 },
        (_, i) =>
          `a${i}: recordEvents(context: { channel: WEB, sessionId: "s${i}" }, events: $events) { accepted }`,
      );
      const { data, errors } = await gateway.ask(
        `mutation ($events: [EventInput!]!) { ${fields.join(' ')} }`,
        {
          variables: {
            events: Array.from({ length: 10 }, (_, i) => ({
              messageId: `m${i}`,
              type: 'PRODUCT_VIEWED',
              productIds: ['kettle'],
            })),
          },
        },
      );
      const accepted = Object.values(data ?? {}).filter((payload) => payload !== null);
      expect(accepted.length).to.be.within(8, 10);
      expect(errors).to.have.length(30 - accepted.length);
      expect(errors?.[0]?.extensions).to.include({ code: 'GATEWAY_RATE_LIMITED' });
      expect(errors?.[0]?.extensions.retryAfterSeconds).to.be.at.least(1);
    } finally {
      await gateway.close();
    }
  });
});
