import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { pantry } from './pantry.js';

const cpuMicrosMax = 1_000_000;

describe('Requests the gateway refuses', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([pantry]);
  });
  after(() => gateway.close());

  const nested = (depth: number) => `{ jar ${'{ inner '.repeat(depth)}{ id }${' }'.repeat(depth)} }`;
  const table: readonly (readonly [string, string, RegExp])[] = [
    ['3,000 levels', nested(3_000), /4000 tokens|depth limit/i],
    ['17 levels', nested(17), /depth limit of 16/i],
    [
      '101 aliases',
      `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: jar { id }`).join(' ')} }`,
      /aliases limit of 60/i,
    ],
    [
      'ten times the same directive',
      `{ jar { id ${'@include(if: true) '.repeat(10)} } }`,
      /can only be used once/,
    ],
    [
      '61 directives',
      `{ ${Array.from({ length: 61 }, () => 'version @include(if: true)').join(' ')} }`,
      /directives limit of 60/i,
    ],
    [
      'a circle of fragments',
      '{ jar { ...a } } fragment a on Jar { ...b } fragment b on Jar { ...a }',
      /Cannot spread fragment/,
    ],
    ['a field 3,000 times', `{ jar { ${'id '.repeat(3_999)} } }`, /4000 tokens/i],
    [
      'great cost',
      `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: jar { ${'jars { '.repeat(12)} id label ${'}'.repeat(12)} }`).join(' ')} }`,
      /cost limit of 50000 is exceeded: the operation has \d+ units/,
    ],
    ['a far year', '{ moment(at: "+275760-09-13T00:00:00Z") }', /DateTime/],
    ['no currency', '{ whereabouts(context: { channel: WEB, currency: "EURO" }) { locale } }', /ISO 4217/],
    [
      'no locale',
      '{ whereabouts(context: { channel: WEB, locale: "%%" }) { locale } }',
      /BCP 47 language tag such as "de-CH", not "%%"/,
    ],
    [
      'no channel',
      '{ whereabouts(context: { channel: TV }) { locale } }',
      /Channel must be one of WEB, APP, KIOSK, .*, not "?TV/,
    ],
    [
      'a date without a time',
      '{ moment(at: "2026-11-30") }',
      /RFC 3339 date with a time.*, not "2026-11-30"/,
    ],
    [
      'a session id of control characters',
      '{ whereabouts(context: { channel: WEB, sessionId: "a\\u0000b" }) { locale } }',
      /1 to 128 printable characters/,
    ],
    [
      'a session id of 129 characters',
      `{ whereabouts(context: { channel: WEB, sessionId: "${'x'.repeat(129)}" }) { locale } }`,
      /1 to 128 printable characters/,
    ],
  ];
  for (const [name, query, message] of table) {
    it(`refuses ${name}, cheaply and with a word on what is allowed`, async () => {
      const before = process.cpuUsage();
      const { errors, status } = await gateway.ask(query);
      const { user, system } = process.cpuUsage(before);
      expect(status).to.be.below(500);
      expect(errors?.[0]?.message).to.match(message);
      expect(user + system, 'CPU').to.be.below(cpuMicrosMax);
    });
  }

  it('names the line and column of a literal that a scalar refuses', async () => {
    for (const [argument, column] of [
      ['{ moment(at: "tomorrow") }', 14],
      ['{ whereabouts(context: { channel: WEB, locale: "%%" }) { locale } }', 48],
      ['{ whereabouts(context: { channel: WEB, currency: 5 }) { locale } }', 50],
    ] as const) {
      const { errors } = await gateway.ask(`query {\n  a: version\n  ${argument.slice(2)}`);
      expect(errors?.[0]?.locations, argument).to.deep.equal([{ line: 3, column }]);
    }
  });

  it('gives storefront keys no hint at the schema, and servers one', async () => {
    const { errors: storefront } = await gateway.ask('{ jarr { id } }');
    expect(storefront?.[0]?.message).to.equal('Cannot query field "jarr" on type "Query".');
    const { errors: server } = await gateway.ask('{ jarr { id } }', { role: 'SERVER' });
    expect(server?.[0]?.message).to.contain('Did you mean "jar"?');
  });

  it('names the first unknown field of an input, and none of the others', async () => {
    const wish = { inners: [{}, Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]))] };
    for (let turn = 0; turn < 6; turn++) {
      const query = 'query ($wish: Wish) { shapes { wish(wish: $wish) } }';
      const { errors, text } = await gateway.ask(query, { variables: { wish } });
      expect(errors).to.have.length(1);
      expect(errors![0]!.message).to.equal(
        'Variable "$wish" got invalid value 0 at "wish.inners[1].f0"; Field "f0" is not defined by type "Wish".',
      );
      expect(errors![0]!.extensions.code).to.equal('GRAPHQL_REQUEST_INVALID');
      expect(text.length).to.be.below(1_000);
      const server = await gateway.ask(query, { variables: { wish }, role: 'SERVER' });
      expect(server.errors![0]!.message).to.contain('It has: word, times, inner, inners.');
    }
  });

  it('tells the value of an unknown field, cut, and lists and objects by their kind', async () => {
    const query = 'query ($wish: Wish) { shapes { wish(wish: $wish) } }';
    for (const [value, told] of [
      ['a'.repeat(100_000), `"${'a'.repeat(40)}…"`],
      ['a "word"', '"a \\"word\\""'],
      [null, 'null'],
      [Array.from({ length: 1_000 }, () => 'b'), 'a list of 1000'],
      [{ large: 'c'.repeat(10_000) }, 'an object'],
    ]) {
      const { errors, text } = await gateway.ask(query, { variables: { wish: { size: value } } });
      expect(errors?.[0]?.message).to.equal(
        `Variable "$wish" got invalid value ${told} at "wish.size"; Field "size" is not defined by type "Wish".`,
      );
      expect(text.length).to.be.below(1_000);
    }
  });

  it('refuses variables that are nested too deeply, whatever type reads them, and names the limit', async () => {
    const lists = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    const wishes = `${'{"inner":'.repeat(3_000)}{}${'}'.repeat(3_000)}`;
    for (const [query, value] of [
      ['query ($v: Decimal!) { price(amount: $v) }', lists],
      ['query ($v: CurrencyCode) { whereabouts(context: { channel: WEB, currency: $v }) { locale } }', lists],
      ['query ($v: DateTime!) { moment(at: $v) }', lists],
      ['query ($v: ID) { jar(id: $v) { id } }', lists],
      ['query ($v: Wish) { shapes { wish(wish: $v) } }', wishes],
    ]) {
      for (let turn = 0; turn < 5; turn++) {
        const response = await post(`{"query":${JSON.stringify(query)},"variables":{"v":${value}}}`);
        const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
        expect(errors[0]?.message, query).to.contain('The nesting limit of 100 is exceeded');
        expect(errors[0]?.extensions).to.include({ code: 'GRAPHQL_LIMIT', limit: 'nesting', max: 100 });
      }
    }
    const deep = `${'{"inner":'.repeat(97)}{}${'}'.repeat(97)}`;
    const fine = await post(
      `{"query":"query ($v: Wish) { shapes { wish(wish: $v) } }","variables":{"v":${deep}}}`,
    );
    expect(await fine.json()).to.have.nested.property('data.shapes.wish.inner');
  });

  it('refuses sixty thousand variables and a body of brackets, before it parses them', async () => {
    const variables = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`v${i}`, i]));
    const bodies = {
      members: JSON.stringify({ query: '{ version }', variables }),
      nesting: `{"query":"{ version }","variables":{"a":${'['.repeat(500_000)}`,
    };
    for (const [limit, body] of Object.entries(bodies)) {
      const headers = { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT };
      const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
      expect(response.status).to.equal(400);
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      expect(error.code).to.equal('GRAPHQL_LIMIT');
      expect(error.message).to.contain(`The ${limit} limit of`);
    }
  });

  it('refuses a body of 30 MB', async () => {
    const response = await post(JSON.stringify({ query: `{ version } # ${'x'.repeat(30_000_000)}` })).catch(
      () => null,
    );
    if (response) expect(response.status).to.equal(413);
  });

  it('refuses a truncated body, an array of operations and an unknown parameter', async () => {
    for (const body of [
      '{"query": "{ ver',
      '[{"query":"{ version }"}]',
      '{"query":"{ version }","sql":"1"}',
      '',
      '['.repeat(45_000),
    ]) {
      const response = await post(body);
      expect(response.status, body).to.be.within(400, 499);
      const text = await response.text();
      expect(text).to.contain('errors');
      expect(text.length, 'repeats nothing of the body').to.be.below(1_000);
    }
  });

  it('says which type, encoding, size or parameter of a request it does not take, and what it takes', async () => {
    const url = `${gateway.url}/graphql`;
    const json = { 'x-api-key': testKeys.STOREFRONT, 'content-type': 'application/json' };
    const form = { ...json, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = '{"query":"{ version }"}';
    const post = { method: 'POST', body };
    const faults: readonly (readonly [string, RequestInit, number, string])[] = [
      [url, { ...post, headers: { ...json, 'content-type': 'text/plain' } }, 415, 'application/json'],
      [url, { ...post, headers: { ...json, 'content-type': 'application/jsonx' } }, 415, 'application/json'],
      [url, { ...post, headers: { ...json, 'content-encoding': 'gzip' } }, 415, 'gzip'],
      [url, { ...post, headers: { ...json, accept: 'image/png' } }, 406, 'application/json'],
      [`${url}?query={version}&variables={bad`, { headers: json }, 400, 'variables'],
      [url, { ...post, headers: form, body: 'query={version}' }, 415, 'application/json'],
    ];
    for (const [address, request, status, allowed] of faults) {
      const response = await fetch(address, request);
      expect(response.status, allowed).to.equal(status);
      expect(response.headers.get('cache-control')).to.contain('no-store');
      expect(response.headers.get('access-control-allow-origin')).to.equal('*');
      const { errors } = (await response.json()) as { errors: { message: string }[] };
      expect(errors[0]?.message).to.contain(allowed);
    }
  });

  it('lets a page of the shop read why its key was refused', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': 'mistyped',
        origin: 'https://shop.example',
      },
      body: '{"query":"{ version }"}',
    });
    expect(response.status).to.equal(401);
    expect(response.headers.get('access-control-allow-origin')).to.equal('*');
  });

  it('answers what could not run with 400 to those who speak the new media type, the first time and later', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const { status, errors } = await gateway.ask('query ($id: ID!) { jar(id: $id) { id } }', {
        headers: { accept: 'application/graphql-response+json' },
      });
      expect(status).to.equal(400);
      expect(errors?.[0]?.message).to.contain('$id');
    }
  });

  it('lets nobody keep an answer with an error in it', async () => {
    for (const query of ['{ version refused }', '{ nothing }', '']) {
      const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { 'x-api-key': testKeys.STOREFRONT },
      });
      expect(response.headers.get('cache-control'), query).to.equal('private, no-store');
    }
  });

  it('never runs a mutation by GET', async () => {
    const response = await fetch(
      `${gateway.url}/graphql?query=${encodeURIComponent('mutation { fill(label: "x") { id } }')}`,
      {
        headers: { 'x-api-key': testKeys.SERVER },
      },
    );
    expect(response.status).to.equal(405);
  });

  it('hides the schema from storefront keys in production', async () => {
    const production = await openTestGateway([pantry], { production: true });
    try {
      const query = '{ __schema { queryType { name } } }';
      expect((await production.ask(query)).errors?.[0]?.extensions.code).to.equal('GRAPHQL_INTROSPECTION');
      expect((await production.ask(query, { role: 'SERVER' })).at('__schema.queryType.name')).to.equal(
        'Query',
      );
    } finally {
      await production.close();
    }
  });

  function post(body: string): Promise<Response> {
    return fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT },
      body,
    });
  }
});

describe('Who may ask', () => {
  let gateway: TestGateway;
  let provider: Server;
  const rsa = keyPair(0);
  const stranger = keyPair(1);
  const whereabouts = (customerId?: string) =>
    `{ whereabouts(context: { channel: WEB${customerId ? `, customerId: "${customerId}"` : ''} }) { customerId } }`;

  before(async () => {
    const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    provider = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    gateway = await openTestGateway([pantry], {
      environment: {
        RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`,
        RAPPORT_JWT_ISSUER: 'https://id.shop.example',
        RAPPORT_JWT_AUDIENCE: 'rapport',
      },
    });
  });
  after(async () => {
    await gateway.close();
    provider.close();
  });

  function token(
    change: {
      sub?: string;
      issuer?: string;
      audience?: string;
      expiresInSeconds?: number;
      key?: typeof rsa.privateKey;
    } = {},
  ): Promise<string> {
    const nowSeconds = Math.floor(gateway.system.clock.nowMs() / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setSubject(change.sub ?? 'ada')
      .setIssuer(change.issuer ?? 'https://id.shop.example')
      .setAudience(change.audience ?? 'rapport')
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + (change.expiresInSeconds ?? 300))
      .sign(change.key ?? rsa.privateKey);
  }
  const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } });

  it('takes a customer from a token of the identity provider', async () => {
    expect((await gateway.ask(whereabouts(), bearer(await token()))).at('whereabouts.customerId')).to.equal(
      'ada',
    );
    expect(
      (await gateway.ask(whereabouts('ada'), bearer(await token()))).at('whereabouts.customerId'),
    ).to.equal('ada');
  });

  it('lets a server name any customer, and a storefront none but its own', async () => {
    expect(
      (await gateway.ask(whereabouts('grace'), { role: 'SERVER' })).at('whereabouts.customerId'),
    ).to.equal('grace');
    for (const options of [{}, bearer(await token())]) {
      const { at, errors } = await gateway.ask(whereabouts('grace'), options);
      expect(at('whereabouts')).to.equal(null);
      expect(errors?.[0]?.extensions.code).to.equal('CONTEXT_CUSTOMER');
    }
  });

  it('refuses forged, foreign and expired tokens', async () => {
    const claims = Buffer.from(
      JSON.stringify({ sub: 'ada', iss: 'https://id.shop.example', aud: 'rapport', exp: 4_000_000_000 }),
    ).toString('base64url');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const confused = `${header({ alg: 'HS256', kid: 'k1' })}.${claims}`;
    const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const forged: Readonly<Record<string, string>> = {
      'alg none': `${header({ alg: 'none' })}.${claims}.`,
      'the public key as an HMAC secret': `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`,
      "a stranger's key": await token({ key: stranger.privateKey }),
      'another issuer': await token({ issuer: 'https://evil.example' }),
      'another audience': await token({ audience: 'elsewhere' }),
      'an expired token': await token({ expiresInSeconds: -60 }),
      garbage: 'a.b.c',
    };
    const forgedCodes: Readonly<Record<string, string>> = {
      'another issuer': 'AUTHENTICATION_TOKEN_CLAIM',
      'another audience': 'AUTHENTICATION_TOKEN_CLAIM',
      'an expired token': 'AUTHENTICATION_TOKEN_EXPIRED',
    };
    for (const [name, value] of Object.entries(forged)) {
      const { status, errors } = await gateway.ask(whereabouts(), bearer(value));
      expect(status, name).to.equal(401);
      const code = forgedCodes[name] ?? 'AUTHENTICATION_TOKEN_INVALID';
      expect(errors?.[0]?.extensions.code, name).to.equal(code);
    }
  });

  it('refuses unknown keys, and answers without a key only what is open', async () => {
    const unknown = await gateway.ask('{ version }', { role: null, headers: { 'x-api-key': 'revoked-key' } });
    expect(unknown.status).to.equal(401);
    expect(unknown.errors?.[0]?.extensions).to.deep.equal({
      code: 'AUTHENTICATION_KEY_UNKNOWN',
      kind: 'denied',
    });
    expect((await gateway.ask('{ __typename version }', { role: null })).at('__typename')).to.equal('Query');
    for (const query of [
      '{ jar { id } }',
      '{ ... { jar { id } } }',
      '{ ...a } fragment a on Query { jar { id } }',
    ]) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const { status, data, errors } = await gateway.ask(query, { role: null, headers: { accept } });
        expect(status, `${query} ${accept}`).to.equal(401);
        expect(data, query).to.equal(undefined);
        expect(errors?.[0]?.extensions.code, query).to.equal('AUTHENTICATION_KEY_MISSING');
        expect(errors?.[0]?.extensions, 'nothing of HTTP').to.not.have.property('http');
      }
    }
    const seen = '{ jar { id } version }';
    expect((await gateway.ask(seen)).status).to.equal(200);
    const again = await gateway.ask(seen, { role: null });
    expect(again.status, 'a document that was seen before').to.equal(401);
    expect(again.text).to.equal((await gateway.ask('{ jar { id } }', { role: null })).text);
    const byGet = await fetch(`${gateway.url}/graphql?query={jar{id}}`);
    expect(byGet.status, 'GET').to.equal(401);
  });

  it('refuses a server key that a foreign page sends, and lets roles do only their own', async () => {
    for (const role of ['SERVER', 'ADMIN', 'MERCHANDISER'] as const) {
      const browser = await gateway.ask('{ version }', { role, headers: { origin: 'https://shop.example' } });
      expect(browser.errors?.[0]?.extensions.code, role).to.equal('AUTHENTICATION_KEY_EXPOSED');
    }
    expect(
      (await gateway.ask('{ version }', { role: 'SERVER', headers: { origin: gateway.url } })).status,
    ).to.equal(200);
    const mutation = 'mutation { fill(label: "plums") { label } }';
    expect((await gateway.ask(mutation)).errors?.[0]?.extensions.code).to.equal('AUTHENTICATION_ROLE');
    for (const role of ['SERVER', 'ADMIN'] as const)
      expect((await gateway.ask(mutation, { role })).at('fill.label')).to.equal('plums');
  });

  it('shows a merchandiser a blank shopper at the moment they name, and no real one', async () => {
    const query =
      '{ whereabouts(context: { channel: WEB, sessionId: "ada-1", at: "2027-01-01T00:00:00Z" }) { sessionId } }';
    expect((await gateway.ask(query)).errors?.[0]?.extensions.code).to.equal('CONTEXT_AT');
    const { at } = await gateway.ask(query, { role: 'MERCHANDISER' });
    expect(at('whereabouts.sessionId')).not.to.equal('ada-1');
  });
});
