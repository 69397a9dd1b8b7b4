import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { createPersistedDocuments } from '../../src/gateway/persisted-documents.js';
import { readTrustedDocuments } from '../../src/gateway/trusted-documents.js';
import { openShop } from '../journeys/shop.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

const listing = `query ($context: ShopperContext) { products(context: $context, first: 100) { nodes { id title price { amount currency } } } }`;
const swiss = { channel: 'WEB', currency: 'CHF', locale: 'de' };
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

describe('HTTP of the graph', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
  });
  after(() => gateway?.close());

  function getQuery(query: string, variables: unknown, headers: Record<string, string> = {}) {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    return fetch(`${gateway.url}/graphql?${search}`, {
      headers: { 'x-api-key': testKeys.STOREFRONT, ...headers },
    });
  }

  describe('in shared caches', () => {
    it('lets them keep a listing in any language and currency, and sends it once', async () => {
      const first = await getQuery(listing, { context: swiss });
      expect(first.headers.get('cache-control')).to.equal('public, max-age=10');
      expect(first.headers.get('vary')).to.equal('accept, accept-encoding, authorization, x-api-key');
      expect(await first.text()).to.include('"currency":"CHF"');
      const etag = first.headers.get('etag')!;
      const again = await getQuery(listing, { context: swiss }, { 'if-none-match': etag });
      expect(again.status).to.equal(304);
      for (const name of ['cache-control', 'vary', 'etag'])
        expect(again.headers.get(name), name).to.equal(first.headers.get(name));
      expect(await again.text()).to.equal('');
      const other = await getQuery(
        listing,
        { context: { ...swiss, currency: 'EUR' } },
        { 'if-none-match': etag },
      );
      expect(other.status).to.equal(200);
    });

    it('sends it anew once a price has changed', async () => {
      const etag = (await getQuery(listing, { context: swiss })).headers.get('etag')!;
      await gateway.ask(
        'mutation { setPrices(entries: [{ productId: "coffee-kettle", amount: "99.00", currency: CHF }]) { userErrors { message } } }',
        { role: 'SERVER' },
      );
      const changed = await getQuery(listing, { context: swiss }, { 'if-none-match': etag });
      expect(changed.status).to.equal(200);
      expect(await changed.text()).to.include('99.00');
    });

    it('keeps from them whatever names a person', async () => {
      for (const person of [{ sessionId: 's-1' }, { deviceId: 'd-1' }]) {
        const answer = await getQuery(listing, { context: { ...swiss, ...person } });
        expect(answer.headers.get('cache-control'), JSON.stringify(person)).to.equal('private, no-store');
        expect(answer.headers.get('etag')).to.equal(null);
      }
      const shopper = await getQuery(
        'query ($context: ShopperContext!) { shopper(context: $context) { sessionId } }',
        { context: swiss },
      );
      expect(shopper.headers.get('cache-control')).to.equal('private, no-store');
    });
  });

  it('lets browsers remember for two hours that they may call it', async () => {
    const preflight = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-max-age')).to.equal('7200');
  });

  describe('packs', () => {
    /** The body as it arrives; `fetch` would unpack it. */
    function arriving(path: string, encoding: string) {
      return new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
        const headers = { 'x-api-key': testKeys.STOREFRONT, 'accept-encoding': encoding };
        get(gateway.url + path, { headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) }),
          );
        }).on('error', reject);
      });
    }
    const path = `/graphql?query=${encodeURIComponent('{ products(first: 100) { nodes { id title description brand createdAt updatedAt categories { id name } prices { price { amount currency } } variants { id title prices { price { amount currency } minQuantity } } } } }')}`;

    it('large bodies with brotli or gzip, as the client takes them', async () => {
      const plain = await arriving(path, 'identity');
      expect(plain.encoding).to.equal(undefined);
      expect(plain.body.length).to.be.above(4_096);
      const brotli = await arriving(path, 'gzip, deflate, br');
      expect(brotli.encoding).to.equal('br');
      expect(brotliDecompressSync(brotli.body)).to.deep.equal(plain.body);
      expect(brotli.body.length).to.be.below(plain.body.length / 3);
      const gzip = await arriving(path, 'gzip, br;q=0');
      expect(gzip.encoding).to.equal('gzip');
      expect(gunzipSync(gzip.body)).to.deep.equal(plain.body);
    });

    it('no small ones', async () => {
      expect((await arriving('/graphql?query={version}', 'br')).encoding).to.equal(undefined);
    });

    it('also what the fast path answers', async () => {
      const query =
        '{ products(first: 12) { nodes { id title description brand createdAt updatedAt categories { id name } prices { price { amount currency } } variants { id title prices { price { amount currency } minQuantity } } } } }';
      const lengths = new Set<string | null>();
      for (let i = 0; i < 6; i++) {
        const response = await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: {
            'x-api-key': testKeys.STOREFRONT,
            'content-type': 'application/json',
            accept: 'application/json',
            'accept-encoding': 'br',
          },
          body: JSON.stringify({ query }),
        });
        expect(response.headers.get('content-encoding')).to.equal('br');
        lengths.add(await response.text());
      }
      expect(lengths.size).to.equal(1);
    });
  });

  describe('persisted documents', () => {
    async function send(body: Record<string, unknown>, key: string = testKeys.STOREFRONT) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, ...((await response.json()) as Record<string, never>) } as {
        status: number;
        data?: unknown;
        errors?: { message: string; extensions: { code: string; kind: string } }[];
      };
    }
    const persisted = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

    it('are registered with their hash, and known by it from then on, by POST and by GET', async () => {
      const query = '{ products(first: 1) { totalCount } }';
      const unknown = await send({ extensions: persisted(hashOf(query)) });
      expect(unknown.status).to.equal(200);
      expect(unknown.errors![0]).to.deep.include({ message: 'PersistedQueryNotFound' });
      expect(unknown.errors![0]!.extensions).to.include({
        code: 'PERSISTED_QUERY_NOT_FOUND',
        kind: 'missing',
      });
      const registered = await send({ query, extensions: persisted(hashOf(query)) });
      expect(registered.errors).to.equal(undefined);
      for (let i = 0; i < 5; i++)
        expect(await send({ extensions: persisted(hashOf(query)) })).to.deep.equal(registered);
      const search = new URLSearchParams({ extensions: JSON.stringify(persisted(hashOf(query))) });
      const got = await fetch(`${gateway.url}/graphql?${search}`, {
        headers: { 'x-api-key': testKeys.STOREFRONT },
      });
      expect(got.headers.get('cache-control')).to.equal('public, max-age=10');
      expect(((await got.json()) as { data: unknown }).data).to.deep.equal(registered.data);
    });

    it('are refused with a hash that is not theirs', async () => {
      const wrong = await send({ query: '{ version }', extensions: persisted(hashOf('{ other }')) });
      expect(wrong.errors![0]!.extensions).to.include({ code: 'PERSISTED_QUERY_HASH', kind: 'invalid' });
      const none = await send({ query: '{ version }', extensions: persisted('abc') });
      expect(none.errors![0]!.extensions).to.include({ code: 'PERSISTED_QUERY_INVALID', kind: 'invalid' });
      expect(none.errors![0]!.message).to.include('the version 1 and the sha256Hash "abc"; it must');
    });

    it('of a manifest may be the only ones that storefronts send', async () => {
      const [own, other] = ['{ a }', '{ b }'];
      const file = join(await mkdtemp(join(tmpdir(), 'manifest-')), 'manifest.json');
      await writeFile(file, JSON.stringify({ [hashOf(own!)]: own }));
      const documents = createPersistedDocuments(await readTrustedDocuments(file), true);
      const sender = (role: 'STOREFRONT' | 'SERVER') => ({
        anonymous: false,
        caller: { role, source: role, customerId: null, globalPrivacyControl: false },
      });
      expect(documents.textOf({ extensions: persisted(hashOf(own!)) }, sender('STOREFRONT'))).to.equal(own);
      expect(documents.textOf({ query: own }, sender('STOREFRONT'))).to.equal(own);
      for (const parameters of [{ query: other }, { extensions: persisted(hashOf(other!)) }])
        expect(() => documents.textOf(parameters, sender('STOREFRONT'))).to.throw(/manifest/);
      expect(documents.textOf({ query: other }, sender('SERVER'))).to.equal(other);

      await writeFile(file, JSON.stringify({ operations: [{ id: hashOf(own!), name: 'A', body: own }] }));
      expect((await readTrustedDocuments(file)).textOf(hashOf(own!))).to.equal(own);
      await writeFile(file, JSON.stringify({ [hashOf(own!)]: other }));
      const fault = await readTrustedDocuments(file).catch((error: Error) => error.message);
      expect(fault).to.match(/is not the SHA-256 of its document/);
      await writeFile(file, '{');
      const unread = await readTrustedDocuments(file).catch((error: Error) => error.message);
      expect(unread).to.match(/^RAPPORT_TRUSTED_DOCUMENTS: .*manifest\.json cannot be read: /);
    });
  });

  it('refuses several queries in one body', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'x-api-key': testKeys.STOREFRONT, 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ version }' }, { query: '{ version }' }]),
    });
    expect(response.status).to.equal(400);
  });

  it('serves its schema as a file, in production not to storefronts', async () => {
    const file = await fetch(`${gateway.url}/schema.graphql`);
    expect(await file.text()).to.include('type Shopper');
    expect(file.headers.get('vary')).to.equal('accept-encoding');
    const again = await fetch(file.url, { headers: { 'if-none-match': file.headers.get('etag')! } });
    expect(again.status).to.equal(304);
    expect(again.headers.get('vary')).to.equal('accept-encoding');
    const production = await openTestGateway(plugins, { production: true });
    try {
      const statusFor = async (headers: Record<string, string>) =>
        (await fetch(`${production.url}/schema.graphql`, { headers })).status;
      expect(await statusFor({})).to.equal(403);
      expect(await statusFor({ 'x-api-key': testKeys.STOREFRONT })).to.equal(403);
      expect(await statusFor({ 'x-api-key': testKeys.SERVER })).to.equal(200);
    } finally {
      await production.close();
    }
  });
});
