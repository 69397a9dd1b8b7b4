import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { ClientOptions, RapportClientError } from '../../plugins/client/browser/api.js';
import { createClientIn } from '../../plugins/client/browser/client.js';
import { client as clientPlugin } from '../../plugins/client/plugin.js';
import { plugins } from '../../plugins/index.js';
import { projectDirectory } from '../../src/project-directory.js';
import { openShop, recorded } from '../journeys/shop.js';
import { buildBrowserClient, createDevice } from '../support/browser-client.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';

const gzipBytesMax = 10_240;
const busy = () =>
  new Response(
    '{"errors":[{"message":"full","extensions":{"code":"GATEWAY_OVERLOADED","kind":"unavailable"}}]}',
    {
      status: 503,
      headers: { 'retry-after': '7' },
    },
  );

describe('The browser client', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
  });
  after(() => gateway?.close());

  function openClient(options: Partial<ClientOptions> = {}, device = createDevice()) {
    const errors: RapportClientError[] = [];
    const client = createClientIn(device.environment, {
      url: gateway.url,
      key: testKeys.STOREFRONT,
      currency: 'EUR',
      onError: (error) => errors.push(error),
      ...options,
    });
    return { client, device, errors };
  }

  const countOf = (type: string) => recorded(gateway, type);

  it('reads lists, search results, suggestions and products', async () => {
    const { client } = openClient();
    const { popular, page } = await client.recommendAll({
      popular: { placement: 'home', first: 3 },
      page: { placement: 'similar', productId: 'coffee-kettle', first: 2 },
    });
    expect(popular.items).to.have.length(3);
    expect(page.items[0]!.reasons[0]!.text).to.be.a('string');
    expect(popular.items[0]!.product.price).to.have.keys('amount', 'currency');
    const idOf = ({ product }: { readonly product: { readonly id: string } }) => product.id;
    const rest = await client.recommend({
      placement: 'home',
      filter: { categoryId: 'coffee' },
      exclude: ['coffee-kettle'],
    });
    expect(rest.items.map(idOf)).to.have.length.above(0);
    for (const id of rest.items.map(idOf)) expect(id).to.match(/^coffee-(?!kettle)/);
    expect(popular.fallback).to.equal(false);
    const further = await client.recommend({ placement: 'home', first: 100, after: popular.next! });
    expect(further.items.map(idOf)).to.have.length.above(0);
    const shown = popular.items.map(idOf);
    expect(further.items.map(idOf).filter((id) => shown.includes(id))).to.deep.equal([]);
    expect(further.next).to.equal(null);
    expect(await client.recommend({ placement: 'similar', productId: 'unknown' })).to.include({
      fallback: true,
    });
    const found = await client.search('ketle', { first: 1, facets: ['category'] });
    expect(found).to.include({ correctedQuery: 'kettle' });
    expect(found.items[0]!.product.id).to.equal('coffee-kettle');
    expect(found.facets[0]).to.include({ name: 'category' });
    expect((await client.suggest('ket'))[0]).to.have.keys('text', 'kind', 'id');
    const listing = await client.products({ first: 2 });
    expect(listing.items).to.have.length(2);
    expect((await client.products({ first: 2, after: listing.next! })).items[0]).to.not.deep.equal(
      listing.items[0],
    );
    expect(await client.product('coffee-kettle')).to.include({ id: 'coffee-kettle' });
    expect(await client.product('nothing-of-the-kind')).to.equal(null);
  });

  it('names an option that is missing or cannot be one', () => {
    for (const key of [undefined, ''])
      expect(() => openClient({ key: key as string })).to.throw(`key is ${JSON.stringify(key)}; it must be`);
    const { environment } = createDevice();
    for (const options of [undefined, {}])
      expect(() => createClientIn(environment, options as ClientOptions)).to.throw(
        'createClient: url is undefined',
      );
    for (const url of [undefined, 'localhost:4000'])
      expect(() => openClient({ url: url as string })).to.throw(
        `url is ${JSON.stringify(url)}; it must begin`,
      );
  });

  it('rejects with the code and the remedy of a refusal', async () => {
    const { client } = openClient({ currency: 'eur' });
    const failure = await client.recommend({ placement: 'home' }).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'CONTEXT_CURRENCY', kind: 'invalid' });
    const unknown = await openClient({ key: 'nobody' })
      .client.suggest('k')
      .catch((error: unknown) => error);
    expect(unknown).to.include({ kind: 'denied', status: 401 });
  });

  it('sends events of a second in one request, and each once', async () => {
    const { client, device } = openClient({ remember: 'always' });
    const before = await countOf('PRODUCT_VIEWED');
    client.events.viewed('coffee-kettle');
    client.events.viewed('coffee-mill');
    client.events.addedToCart('coffee-mill', 2);
    expect(device.sent).to.have.length(0);
    device.advance(1_000);
    await client.events.flush();
    expect(device.sent).to.have.length(1);
    expect(client.events.waiting).to.equal(0);
    expect(await countOf('PRODUCT_VIEWED')).to.equal(before + 2);
  });

  it('waits longer after each failure, at least as long as the gateway says, and loses nothing', async () => {
    const { client, device } = openClient();
    device.answer = busy;
    client.events.viewed('coffee-kettle');
    await client.events.flush();
    device.advance(6_999);
    expect(device.sent).to.have.length(1);
    device.advance(1);
    await client.events.flush();
    // Twice the first pause is still shorter than what the gateway says.
    device.answer = () => Promise.reject(new TypeError('no route'));
    expect(device.sent).to.have.length(2);
    device.advance(7_000);
    await client.events.flush();
    expect(device.sent).to.have.length(3);
    device.advance(3_999);
    expect(device.sent).to.have.length(3);
    device.answer = null;
    device.advance(1);
    await client.events.flush();
    expect(device.sent).to.have.length(4);
    expect(client.events.waiting).to.equal(0);
  });

  it('keeps events while the device is offline, also for the next page, and counts each once', async () => {
    const before = await countOf('PRODUCT_DISMISSED');
    const { client, device } = openClient({ remember: 'always' });
    device.isOnline = false;
    client.events.dismissed('coffee-kettle');
    client.events.dismissed('coffee-mill');
    await client.events.flush();
    expect(device.sent).to.have.length(0);

    device.isOnline = true;
    const again = openClient({ remember: 'always' }, device).client;
    expect(again.events.waiting).to.equal(2);
    expect(again.sessionId).to.equal(client.sessionId);
    await again.events.flush();
    // The tab of before still has them, too.
    await client.events.flush();
    expect(await countOf('PRODUCT_DISMISSED')).to.equal(before + 2);
    expect([...device.kept.keys()].filter((key) => key.includes('event'))).to.deep.equal([]);
  });

  it('drops the oldest of more than 1,000 events, and those that the gateway might count twice', async () => {
    const { client, device, errors } = openClient({ remember: 'always' });
    device.isOnline = false;
    for (let i = 0; i < 1_001; i++) client.events.viewed(`p-${i}`);
    expect(client.events.waiting).to.equal(1_000);
    expect(errors.map(({ code }) => code)).to.deep.equal(['CLIENT_QUEUE_FULL']);
    device.advance(7 * 86_400_000);
    expect(openClient({ remember: 'always' }, device).client.events.waiting).to.equal(0);
  });

  it('reports events that the gateway refuses, and goes on', async () => {
    const { client, errors } = openClient();
    client.events.track({ type: 'PRODUCT_RATED', productIds: ['coffee-kettle'], value: 9 });
    client.events.viewed('coffee-kettle');
    await client.events.flush();
    expect(client.events.waiting).to.equal(0);
    expect(errors).to.have.length(1);
    expect(errors[0]!.message).to.match(/^1 event was refused: ./);
  });

  it('sends a beacon when the page is left, which with its retry counts once', async () => {
    const before = await countOf('ORDER_COMPLETED');
    const { client, device, errors } = openClient({ remember: 'always' });
    client.events.ordered({
      orderId: 'o-1',
      lines: [{ productId: 'coffee-kettle', quantity: 2, price: '15.00' }],
      currency: 'EUR',
    });
    device.leave();
    const [beacon] = device.beacons;
    expect(beacon!.url).to.equal(`${gateway.url}/v1/batch`);
    const response = await fetch(beacon!.url, { method: 'POST', body: beacon!.body });
    expect(await response.json()).to.include({ success: true, accepted: 1 });
    device.comeBack();
    await client.events.flush();
    expect(await countOf('ORDER_COMPLETED')).to.equal(before + 1);
    expect(client.events.waiting).to.equal(0);
    expect(errors).to.deep.equal([]);
    for (const { body } of [beacon!, ...device.sent])
      expect(body)
        .to.match(/"order_?id":"o-1"/i)
        .and.include('"price":"15.00"');
  });

  it('sends by fetch what the browser takes no beacon for', async () => {
    const { client, device } = openClient();
    device.takesBeacons = false;
    client.events.viewed('coffee-kettle');
    const sent = new Promise<void>((resolve) => {
      device.answer = () => {
        resolve();
        return busy();
      };
    });
    device.leave();
    await sent;
    expect(device.sent[0]!.body).to.include('PRODUCT_VIEWED');
  });

  it('goes on with a subscription whose handler throws, and reports the exception', async () => {
    const { client, device } = openClient();
    const message = (count: number) => `event: next\ndata: {"data":{"count":${count}}}\n\n`;
    device.answer = () => new Response(message(1) + message(2));
    const counts: number[] = [];
    await new Promise<void>((resolve) => {
      const stream = client.subscribe<{ count: number }>(
        'subscription { count }',
        {},
        {
          next({ count }) {
            counts.push(count);
            if (count === 1) throw new Error('of the page');
            stream.close();
            resolve();
          },
        },
      );
    });
    expect(counts).to.deep.equal([1, 2]);
    expect(() => device.advance(0)).to.throw('of the page');
  });

  it('stores no id before consent, one id after it, and none after a withdrawal', async () => {
    const { client, device } = openClient();
    expect(client.consent.mustAsk()).to.equal(true);
    await client.recommend({ placement: 'home' });
    client.events.viewed('coffee-kettle');
    expect([...device.kept.keys()]).to.deep.equal([]);

    await client.consent.grant(['PERSONALIZATION'], { noticeVersion: '2026-01' });
    expect(device.kept.get('rapport:session')).to.equal(client.sessionId);
    expect((await client.consent.read()).find(({ purpose }) => purpose === 'PERSONALIZATION')).to.include({
      status: 'GRANTED',
    });
    const next = openClient({}, device).client;
    expect(next.sessionId).to.equal(client.sessionId);
    expect(next.consent.mustAsk()).to.equal(false);

    const before = client.sessionId;
    await client.consent.refuse(['PERSONALIZATION']);
    expect(client.sessionId).to.not.equal(before);
    expect(device.kept.has('rapport:session')).to.equal(false);
    expect([...device.kept.values()].join()).to.not.include(before);
    expect(client.consent.mustAsk(), 'a refusal is remembered').to.equal(false);
    const ledger = await gateway.ask(
      `{ shopper(context: { channel: WEB, sessionId: "${before}" }) { consents { purpose status } } }`,
    );
    expect(ledger.text).to.include('WITHDRAWN');
  });

  it('sends a refusal again until the gateway has it', async () => {
    const { client, device } = openClient();
    await client.consent.grant(['PERSONALIZATION']);
    const before = client.sessionId;
    device.answer = busy;
    await client.consent.refuse(['PERSONALIZATION']);
    device.answer = null;
    const sent = device.sent.length;
    openClient({}, device);
    while (device.kept.has('rapport:consent-unsent')) await new Promise((resolve) => setImmediate(resolve));
    expect(device.sent.length).to.be.above(sent);
    const ledger = await gateway.ask(
      `{ shopper(context: { channel: WEB, sessionId: "${before}" }) { consents { purpose status } } }`,
    );
    expect(ledger.text).to.include('WITHDRAWN');
  });

  it('sends refusals before a later grant, which they would revoke otherwise', async () => {
    const { client, device } = openClient();
    const statusOf = async () =>
      (await client.consent.read()).find(({ purpose }) => purpose === 'MARKETING_EMAIL')?.status;
    await client.consent.grant(['MARKETING_EMAIL']);
    device.answer = busy;
    await client.consent.refuse(['MARKETING_EMAIL']);
    const failure = await client.consent.grant(['MARKETING_EMAIL']).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'GATEWAY_OVERLOADED' });
    expect(client.consent.decisions).to.deep.equal({ MARKETING_EMAIL: 'WITHDRAWN' });
    device.answer = null;
    expect(await statusOf()).to.equal('GRANTED');

    await client.consent.grant(['MARKETING_EMAIL']);
    expect(device.kept.has('rapport:consent-unsent')).to.equal(false);
    expect(await statusOf()).to.equal('GRANTED');
    const refusals = device.sent.filter(({ body }) => body.includes('WITHDRAWN')).length;
    device.comeBack();
    await client.consent.grant(['ANALYTICS']);
    expect(device.sent.filter(({ body }) => body.includes('WITHDRAWN'))).to.have.length(refusals);
  });

  it('holds to a refusal that overtakes a grant', async () => {
    const { client, device } = openClient();
    const { sessionId } = client;
    const granted = client.consent.grant(['PERSONALIZATION']);
    await client.consent.refuse(['PERSONALIZATION']);
    await granted;
    expect(client.consent.decisions).to.deep.equal({ PERSONALIZATION: 'DENIED' });
    expect(device.kept.has('rapport:session')).to.equal(false);
    const ledger = await gateway.ask(
      `{ shopper(context: { channel: WEB, sessionId: "${sessionId}" }) { consents { purpose status } } }`,
    );
    expect(ledger.at('shopper.consents')).to.deep.include({ purpose: 'PERSONALIZATION', status: 'DENIED' });
  });

  it('keeps a refusal while its key or token is refused, and reports one that the gateway cannot enter', async () => {
    const { client, device, errors } = openClient();
    device.answer = () => new Response('{}', { status: 401 });
    await client.consent.refuse(['ANALYTICS']);
    expect(device.kept.has('rapport:consent-unsent')).to.equal(true);
    device.answer = null;
    await client.consent.refuse(['MARKETING_EMAIL'], { noticeVersion: 'x'.repeat(10_000) });
    expect(device.kept.has('rapport:consent-unsent')).to.equal(false);
    expect(errors.map(({ code }) => code)).to.deep.equal(['CONSENT_NOTICE_INVALID']);
    const states = await client.consent.read();
    expect(states.find(({ purpose }) => purpose === 'ANALYTICS')).to.include({ status: 'DENIED' });
  });

  it('keeps the session in a cookie that a server can read, and takes over the session of a rendered page', () => {
    const { client, device } = openClient({
      session: 'cookie',
      remember: 'always',
      cookie: { domain: 'a.example' },
    });
    expect(device.cookie.cookie).to.equal(
      `rapport_session=${client.sessionId}; max-age=31536000; path=/; samesite=lax; domain=a.example; secure`,
    );
    expect(openClient({ sessionId: 'from-the-server' }).client.sessionId).to.equal('from-the-server');
    const kiosk = openClient({ remember: 'never' });
    kiosk.client.events.viewed('coffee-kettle');
    expect([...kiosk.device.kept.keys()]).to.deep.equal([]);
  });
});

describe('The files of the browser client', () => {
  let gateway: TestGateway;
  before(async () => {
    await buildBrowserClient();
    gateway = await openTestGateway([clientPlugin]);
  });
  after(() => gateway?.close());

  it(`have less than ${gzipBytesMax} bytes, packed with gzip`, async () => {
    const script = await readFile(join(projectDirectory(), 'dist', 'client', 'client.js'));
    expect(gzipSync(script, { level: 9 }).length).to.be.below(gzipBytesMax);
  });

  it('are served to pages of every origin, and sent once', async () => {
    for (const path of ['/client.js', '/client.d.ts', '/client/react.js', '/client/react.d.ts']) {
      const response = await fetch(gateway.url + path);
      expect(response.status, path).to.equal(200);
      expect(response.headers.get('access-control-allow-origin')).to.equal('*');
      expect(response.headers.get('cache-control')).to.equal('public, max-age=600');
      const etag = response.headers.get('etag')!;
      const again = await fetch(gateway.url + path, { headers: { 'if-none-match': `"other", ${etag}` } });
      expect(again.status, path).to.equal(304);
    }
  });
});
