import { request } from 'node:http';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { RapportError } from '../../src/errors.js';
import { definePlugin } from '../../src/plugin.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { basic, openTracking, post, recorded } from '../support/tracking.js';

const authorization = basic(testKeys.SERVER);
const event = (messageId: string, text = '') => ({
  type: 'track',
  messageId,
  anonymousId: 'visitor',
  event: 'Signed Up',
  ...(text ? { properties: { text } } : {}),
});
const sized = (bytes: number, make: (text: string) => object) => {
  const empty = JSON.stringify(make('x')).length - 1;
  return make('x'.repeat(bytes - empty));
};

describe('bodies of tracking', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTracking();
  });
  after(() => gateway.close());

  it('may call themselves anything and be packed, whatever the label says', async () => {
    const text = (n: number) => Buffer.from(JSON.stringify({ batch: [event(`p${n}`)] }));
    const ways: readonly [body: Buffer, headers: Record<string, string>][] = [
      [text(0), { 'content-type': 'application/json' }],
      [text(1), { 'content-type': 'text/plain;charset=UTF-8' }],
      [text(2), { 'content-type': 'application/x-www-form-urlencoded' }],
      [text(3), {}],
      [gzipSync(text(4)), { 'content-encoding': 'gzip' }],
      [gzipSync(text(5)), { 'content-type': 'application/x-www-form-urlencoded' }],
      [deflateSync(text(6)), { 'content-encoding': 'deflate' }],
      [deflateRawSync(text(7)), { 'content-encoding': 'deflate' }],
      [Buffer.concat([Buffer.from('\ufeff'), text(8)]), {}],
      [text(9), { 'content-encoding': 'gzip' }],
    ];
    for (const [body, headers] of ways) {
      const reply = await post(gateway, '/v1/batch', body, { authorization, ...headers });
      expect(reply.body, JSON.stringify(headers)).to.deep.include({ success: true, accepted: 1 });
    }
    expect((await recorded(gateway)).filter(({ id }) => /[.]p[0-9]*$/.test(id))).to.have.length(ways.length);
  });

  it('are refused by name when they are no batch', async () => {
    const bad: readonly (string | Buffer)[] = [
      '',
      '{"batch":[',
      '[]',
      'null',
      '{}',
      '{"batch":{}}',
      gzipSync('{"batch":[]}').subarray(0, 15),
      Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip at all')]),
    ];
    for (const body of bad) {
      const reply = await post(gateway, '/v1/batch', body, { authorization });
      expect(reply.status, String(body)).to.equal(400);
      expect(reply.body).to.include({ success: false });
      expect(reply.body.code).to.match(/^TRACKING_/);
      expect(reply.body.message).to.be.a('string').and.not.equal('');
    }
    expect((await post(gateway, '/v1/batch', { batch: [] })).body).to.deep.include({
      success: true,
      accepted: 0,
    });
  });

  it('take 512,000 bytes and not one more, packed or unpacked', async () => {
    const of = (bytes: number) => Buffer.from(JSON.stringify({ batch: [event(`b${bytes}`)] }).padEnd(bytes));
    expect((await post(gateway, '/v1/batch', of(511_999))).body.accepted).to.equal(1);
    expect((await post(gateway, '/v1/batch', of(512_000))).body.accepted).to.equal(1);
    for (const body of [of(512_001), gzipSync(of(512_001)), gzipSync(Buffer.alloc(20_000_000, 'x'))]) {
      const reply = await post(gateway, '/v1/batch', body, { authorization });
      expect(reply.status).to.equal(413);
      expect(reply.body.message).to.contain('512000').and.contain('500 KB');
    }
    const chunked = await post(gateway, '/v1/batch', of(512_001), {
      authorization,
      'transfer-encoding': 'chunked',
    });
    expect(chunked.status).to.equal(413);
    expect((await post(gateway, '/v1/batch', gzipSync(of(512_000)))).body.duplicates).to.equal(1);
  });

  it('take messages of 32,768 bytes and not one more', async () => {
    const other = event('other', 'x'.repeat(2_000));
    const of = (bytes: number) => sized(bytes, (text) => event(`e${bytes}`, text));
    const reply = await post(gateway, '/v1/batch', { batch: [of(32_767), of(32_768), of(32_769), other] });
    expect(reply.status).to.equal(200);
    expect(reply.body).to.deep.include({ accepted: 3, rejected: 1 });
    expect(reply.body.errors![0]).to.deep.include({ code: 'TRACKING_MESSAGE_TOO_LARGE', path: ['2'] });
    expect(reply.body.errors![0]!.message).to.contain('32768').and.contain('32 KB');
    expect((await post(gateway, '/v1/track', of(32_768))).status).to.equal(200);
    expect((await post(gateway, '/v1/track', of(32_769))).status).to.equal(413);
  });

  it('take no message that nests deeper than they can be read, and the others beside it', async () => {
    const good = JSON.stringify(event('shallow'));
    for (const levels of [200, 10_000, 30_000]) {
      const properties = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
      const deep = JSON.stringify({ ...event(`deep${levels}`), properties: 0 }).replace(
        '"properties":0',
        `"properties":${properties}`,
      );
      const alone = await post(gateway, '/v1/track', deep);
      expect(alone.status, String(levels)).to.equal(400);
      const { body } = await post(gateway, '/v1/batch', `{"batch":[${deep},${good}]}`);
      expect(body.errors?.map(({ code, path }) => [code, ...path])).to.deep.equal([
        ['TRACKING_MESSAGE_TOO_DEEP', '0'],
      ]);
      expect(body.rejected).to.equal(1);
    }
  });

  it('take 2,500 messages and not one more', async () => {
    const of = (count: number) => ({ batch: Array.from({ length: count }, (_, i) => event(`n${i}`)) });
    expect((await post(gateway, '/v1/batch', of(2_499))).body).to.deep.include({
      accepted: 2_499,
      duplicates: 0,
    });
    expect((await post(gateway, '/v1/batch', of(2_500))).body).to.deep.include({
      accepted: 1,
      duplicates: 2_499,
    });
    const reply = await post(gateway, '/v1/batch', of(2_501));
    expect(reply.status).to.equal(413);
    expect(reply.body.message).to.contain('2500').and.contain('2501');
  });

  it('must arrive within ten seconds, however slowly they drip', async () => {
    const sent = request(`${gateway.url}/v1/batch`, {
      method: 'POST',
      headers: { authorization },
      agent: false,
    });
    let status: number | null = null;
    sent.on('response', (response) => {
      status = response.resume().statusCode!;
    });
    sent.on('error', () => undefined);
    sent.write('{');
    for (let step = 0; status === null && step < 2_000; step++) {
      sent.write('"');
      gateway.system.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(status).to.equal(408);
    sent.destroy();
  });

  it('pollute nothing', async () => {
    const body = `{"batch":[{"type":"track","messageId":"x","anonymousId":"v","event":"E","properties":{"__proto__":{"admin":true}}},
      {"type":"identify","messageId":"y","userId":"ada","traits":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}},
      {"type":"track","messageId":"z","anonymousId":"v","event":"E","value":1e400,"properties":{"v":1e400}}]}`;
    const reply = await post(gateway, '/v1/batch', body);
    expect(reply.body).to.deep.include({ accepted: 1, rejected: 2 });
    expect(({} as { admin?: boolean }).admin).to.equal(undefined);
    expect(reply.body.errors!.map(({ code }) => code)).to.deep.equal([
      'EVENTS_VALUE_INVALID',
      'EVENTS_VALUE_INVALID',
    ]);
  });
});

describe('tracking without a store', () => {
  it('asks senders to come again', async () => {
    const broken = definePlugin({
      name: 'events',
      provides: 'events',
      needs: [],
      create() {
        const unavailable = () => {
          throw new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the store cannot answer now');
        };
        return {
          port: {
            record: unavailable,
            history: unavailable,
            replay: unavailable,
            watch: () => () => undefined,
            follow: () => async () => undefined,
            orders: unavailable,
            wishlist: unavailable,
            ordersChangedSince: unavailable,
            totals: unavailable,
            scan: unavailable,
            report: unavailable,
          },
        };
      },
    });
    const gateway = await openTracking([broken]);
    const reply = await post(gateway, '/v1/batch', { batch: [event('m1')] });
    expect(reply.status).to.equal(503);
    expect(Number(reply.headers['retry-after'])).to.be.within(1, 60);
    expect(reply.body).to.deep.include({ success: false, code: 'STORE_UNAVAILABLE' });
    await gateway.close();
  });
});
