import type { KeyObject } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { type Answer, openTestGateway, type TestGateway } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { pantry } from './pantry.js';

const whereabouts = '{ whereabouts(context: { channel: WEB }) { customerId } }';

describe('Bearer tokens', () => {
  const first = keyPair(0);
  const second = keyPair(1);
  let provider: Server;
  let url = '';
  let keys: Readonly<Record<string, KeyObject>> = { k1: first.publicKey };
  let failure: 'none' | 'large' | 'many' | 'status' | 'text' | 'shape' | 'hang' = 'none';
  let gateway: TestGateway;

  let isCut = false;
  function sendWithoutEnd(response: ServerResponse): void {
    const more = (): void => {
      if (response.destroyed) isCut = true;
      else if (response.write(' '.repeat(65_536))) setImmediate(more);
    };
    response.on('drain', more).on('close', () => {
      isCut = true;
    });
    more();
  }

  before(async () => {
    provider = createServer((_, response) => {
      if (failure === 'hang') return;
      if (failure === 'status') response.writeHead(502).end('bad gateway');
      else if (failure === 'many') response.end(JSON.stringify({ keys: Array(51).fill({ kty: 'RSA' }) }));
      else if (failure === 'large') sendWithoutEnd(response);
      else if (failure === 'text') response.end('<html>');
      else if (failure === 'shape') response.end('{"keys":"none"}');
      else
        void Promise.all(
          Object.entries(keys).map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid, alg: 'RS256' })),
        ).then((jwks) => response.end(JSON.stringify({ keys: jwks })));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`;
  });
  beforeEach(async () => {
    failure = 'none';
    keys = { k1: first.publicKey };
    gateway = await open({});
  });
  afterEach(() => gateway.close());
  after(() => provider.close());

  const open = (environment: Record<string, string>) =>
    openTestGateway([pantry], {
      environment: {
        RAPPORT_JWT_JWKS_URL: url,
        RAPPORT_JWT_ISSUER: 'https://one.example, https://two.example',
        RAPPORT_JWT_AUDIENCE: 'rapport,shop',
        ...environment,
      },
    });

  async function ask(
    claims: Record<string, unknown>,
    kid: string | null = 'k1',
    key = first,
    header: Record<string, unknown> = {},
    scheme = 'Bearer ',
  ): Promise<Answer> {
    const nowSeconds = Math.floor(gateway.system.clock.nowMs() / 1_000);
    const token = await new SignJWT({
      iss: 'https://one.example',
      aud: 'rapport',
      exp: nowSeconds + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', ...(kid === null ? {} : { kid }), ...header })
      .sign(key.privateKey);
    return gateway.ask(whereabouts, { headers: { authorization: `${scheme}${token}` } });
  }

  it('are refused when their customer id is not 1 to 128 printable characters', async () => {
    const bad: readonly unknown[] = [
      7,
      ['ada'],
      { id: 'ada' },
      true,
      null,
      '',
      'x'.repeat(5_000),
      'a\u0000b',
      '\ud800',
    ];
    for (const sub of bad) {
      const { status, errors } = await ask({ sub });
      expect(status, JSON.stringify(sub)).to.equal(401);
      expect(errors?.[0]?.extensions.code).to.equal('AUTHENTICATION_TOKEN_INVALID');
      expect(errors?.[0]?.message).to.contain('1 to 128 printable characters');
      expect(errors?.[0]?.message.length).to.be.below(300);
    }
    expect((await ask({})).errors?.[0]?.message).to.contain('is missing');
    expect((await ask({ sub: 'x'.repeat(128) })).at('whereabouts.customerId')).to.equal('x'.repeat(128));
  });

  const why = async (answer: Promise<Answer>) => {
    const { status, errors } = await answer;
    return status === 200 ? null : errors?.[0]?.message;
  };

  it('that are made for another use are refused', async () => {
    const typed = (typ: unknown) => why(ask({ sub: 'ada' }, 'k1', first, { typ }));
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])
      expect(await typed(typ), typ).to.equal(null);
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', ''])
      expect(await typed(typ), typ).to.contain(`its typ is ${JSON.stringify(typ)}`);
  });

  it('of the future, and those that are good for years, are refused', async () => {
    const nowSeconds = Math.floor(gateway.system.clock.nowMs() / 1_000);
    const timed = (claims: object) => why(ask({ sub: 'ada', ...claims }));
    expect(await timed({ iat: nowSeconds + 3 })).to.equal(null);
    expect(await timed({ iat: nowSeconds + 3_600 })).to.contain('"iat"');
    expect(await timed({ exp: nowSeconds + 365 * 86_400 })).to.equal(null);
    for (const exp of [1e300, nowSeconds + 401 * 86_400]) expect(await timed({ exp })).to.contain('400 days');
  });

  it('are refused without their scheme rather than ignored', async () => {
    for (const scheme of ['Bearer\t', 'bearer,', 'Bearer='])
      expect(await why(ask({ sub: 'ada' }, 'k1', first, {}, scheme)), scheme).to.contain('not separated');
    for (const scheme of ['', 'Token '])
      expect(await why(ask({ sub: 'ada' }, 'k1', first, {}, scheme))).to.contain(
        'authorization: Bearer <token>',
      );
    const basic = { headers: { authorization: 'Basic c2hvcDpzZWNyZXQ=' } };
    expect((await gateway.ask(whereabouts, basic)).at('whereabouts.customerId')).to.equal(null);
  });

  it('take the customer id from the claim that the settings name', async () => {
    await gateway.close();
    gateway = await open({ RAPPORT_JWT_CUSTOMER_CLAIM: 'https://shop.example/customer' });
    const claims = { sub: 'somebody', 'https://shop.example/customer': 'ada' };
    expect((await ask(claims)).at('whereabouts.customerId')).to.equal('ada');
    expect((await ask({ sub: 'ada' })).status).to.equal(401);
  });

  it('may come from several issuers and be for several audiences, and from no others', async () => {
    expect((await ask({ sub: 'ada', iss: 'https://two.example', aud: 'shop' })).status).to.equal(200);
    expect((await ask({ sub: 'ada', iss: 'https://three.example' })).status).to.equal(401);
    expect((await ask({ sub: 'ada', aud: 'elsewhere' })).status).to.equal(401);
  });

  it('signed by a key that the provider has just made are accepted, with a key id and without', async () => {
    expect((await ask({ sub: 'ada' })).status).to.equal(200);
    keys = { k1: first.publicKey, k2: second.publicKey };
    expect((await ask({ sub: 'ada' }, 'k2', second)).at('whereabouts.customerId')).to.equal('ada');
    expect((await ask({ sub: 'ada' }, null, second)).at('whereabouts.customerId')).to.equal('ada');
    expect((await ask({ sub: 'ada' }, null, keyPair(2))).status).to.equal(401);
  });

  it('cannot be judged while the provider fails: 503 with Retry-After, not 401', async () => {
    for (const way of ['status', 'text', 'shape'] as const) {
      failure = way;
      const { status, headers, errors } = await ask({ sub: 'ada' });
      expect(status, way).to.equal(503);
      expect(errors?.[0]?.extensions.code).to.equal('AUTHENTICATION_UNAVAILABLE');
      expect(Number(headers.get('retry-after'))).to.be.at.least(1);
    }
    failure = 'none';
    expect((await ask({ sub: 'ada' })).status).to.equal(200);
    await gateway.close();
    gateway = await open({ RAPPORT_JWT_JWKS_URL: 'http://127.0.0.1:1/jwks' });
    expect((await ask({ sub: 'ada' })).status).to.equal(503);
  });

  it('cannot be judged by a key set of more bytes or keys than any provider has', async () => {
    for (const [way, why] of [
      ['large', 'more than 1048576 bytes'],
      ['many', '51 keys; at most 50'],
    ] as const) {
      failure = way;
      const { status, errors } = await ask({ sub: 'ada' });
      expect(status, way).to.equal(503);
      expect(errors![0]!.message).to.include(why);
    }
    // What the provider still had to send was given up.
    expect(isCut).to.equal(true);
  });

  it('are judged by the keys that are known while the provider fails or hangs, for an hour', async () => {
    expect((await ask({ sub: 'ada' })).status).to.equal(200);
    for (const way of ['status', 'hang'] as const) {
      failure = way;
      gateway.system.clock.advance(11 * 60_000);
      expect((await ask({ sub: 'ada' })).at('whereabouts.customerId'), way).to.equal('ada');
      expect((await ask({ sub: 'ada' }, 'k1', second)).status, way).to.equal(401);
    }
    gateway.system.clock.advance(61 * 60_000);
    expect((await ask({ sub: 'ada' })).status).to.equal(503);
  });

  it('are judged by new keys of the provider within ten minutes', async () => {
    expect((await ask({ sub: 'ada' })).status).to.equal(200);
    keys = { k2: second.publicKey };
    gateway.system.clock.advance(11 * 60_000);
    await ask({ sub: 'ada' });
    let status: number;
    do ({ status } = await ask({ sub: 'ada' }));
    while (status === 200);
    expect(status).to.equal(401);
  });

  it('are warned of at the start when any issuer or audience would do', async () => {
    const warned = () =>
      gateway.system.log.lines.some(({ message }) => message.includes('RAPPORT_JWT_ISSUER'));
    expect(warned()).to.equal(false);
    await gateway.close();
    gateway = await open({ RAPPORT_JWT_ISSUER: '' });
    expect(warned()).to.equal(true);
  });

  it('are refused at the start when issuers and addresses of keys do not go together', async () => {
    const failed = await open({ RAPPORT_JWT_JWKS_URL: `${url},${url},${url}` }).catch(
      (error: Error) => error,
    );
    expect((failed as Error).message).to.contain('RAPPORT_JWT_JWKS_URL');
  });
});

describe('Global Privacy Control', () => {
  it('is recognised in every form of the header', async () => {
    const gateway = await openTestGateway([pantry]);
    try {
      const forms: readonly (readonly [string, boolean])[] = [
        ['1', true],
        [' 1 ', true],
        ['1, 1', true],
        ['0, 1', true],
        ['0', false],
        ['', false],
        ['10', false],
      ];
      for (const [value, expected] of forms) {
        const { at } = await gateway.ask('{ privacy }', { headers: { 'sec-gpc': value } });
        expect(at('privacy'), value).to.equal(expected);
      }
      const statement = await fetch(`${gateway.url}/.well-known/gpc.json`);
      expect(statement.headers.get('content-type')).to.contain('application/json');
      expect(await statement.json()).to.deep.include({ gpc: true });
    } finally {
      await gateway.close();
    }
  });
});

describe('The operator of a gateway', () => {
  it('alone sees metrics and the parts of health; whether it is ready is open to load balancers', async () => {
    const gateway = await openTestGateway([pantry], {
      production: true,
      environment: { RAPPORT_OPERATOR_PORT: '0' },
    });
    const get = (path: string, key?: string) =>
      fetch(`${gateway.url}${path}`, key ? { headers: { 'x-api-key': key } } : {});
    const operator = `http://127.0.0.1:${gateway.gateway.operatorPort}`;
    try {
      expect(await (await get('/health/ready')).json()).to.deep.equal({ ready: true });
      expect((await get('/health/live')).status).to.equal(200);
      expect((await get('/metrics')).status).to.equal(401);
      expect((await get('/metrics', 'server-key')).status).to.equal(401);
      expect((await get('/metrics', 'admin-key')).status).to.equal(200);
      expect(await (await get('/health/ready', 'admin-key')).json()).to.include.keys('parts', 'degraded');
      expect(await (await fetch(`${operator}/health/ready`)).json()).to.include.keys('parts', 'degraded');
      expect((await fetch(`${operator}/metrics`)).status).to.equal(200);
      expect((await fetch(`${operator}/graphql?query={version}`)).status).to.equal(404);
    } finally {
      await gateway.close();
    }
  });

  it('cannot open development mode to other machines', async () => {
    const opened = await openTestGateway([pantry], { environment: { RAPPORT_BIND: '0.0.0.0' } }).catch(
      (error: Error) => error,
    );
    expect((opened as Error).message)
      .to.contain('0.0.0.0')
      .and.contain('--dev');
  });
});
