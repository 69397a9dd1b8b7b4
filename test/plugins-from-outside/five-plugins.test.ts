import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { definePlugin } from 'rapport/plugin.js';
import { openTestShop, type TestShop, testKeys } from 'rapport/testing.js';
import { plugin as cohorts } from './cohorts.js';
import { plugin as contentSlots } from './content-slots.js';
import { plugin as pointsLedger } from './points-ledger.js';
import { plugin as signedWebhooks } from './signed-webhooks.js';
import { plugin as voiceEndpoint } from './voice-endpoint.js';

const secret = 'a-secret-of-the-shop';

/** Imports nothing of Rapport but what its package exports, so that it also runs against the packed package, from another folder. */
describe('Plugins from outside', function () {
  this.timeout(60_000);
  let shop: TestShop;
  let isDown = true;
  const received: { body: { id: string; value: number }; headers: Record<string, unknown>; text: string }[] =
    [];
  const changes: (readonly string[])[] = [];
  const listener = definePlugin({
    name: 'listener',
    provides: null,
    needs: ['cohorts'],
    create: () => ({
      port: null,
      reactions: { 'cohorts.changed': async (fact) => void changes.push(fact.cohorts) },
    }),
  });
  const partner = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (!isDown) received.push({ body: JSON.parse(text), headers: request.headers, text });
    response.writeHead(isDown ? 503 : 204).end();
  });

  before(async () => {
    await new Promise<void>((resolve) => partner.listen(0, '127.0.0.1', resolve));
    const { port } = partner.address() as AddressInfo;
    const plugins = [contentSlots, pointsLedger, cohorts, signedWebhooks, voiceEndpoint, listener];
    shop = await openTestShop(plugins, {
      environment: {
        RAPPORT_CONSENT_MODE: 'opt-out',
        RAPPORT_SIGNED_WEBHOOKS_URL: `http://127.0.0.1:${port}/orders`,
        RAPPORT_SIGNED_WEBHOOKS_SECRET: secret,
      },
    });
    await mutate(
      `mutation { saveProducts(products: [
        { id: "grinder", title: "Hand coffee grinder", prices: [{ amount: "40.00", currency: EUR }] }
        { id: "beans", title: "Coffee beans", prices: [{ amount: "12.00", currency: EUR }] }
      ]) { userErrors { message } } }`,
    );
    await mutate(
      `mutation { identify(context: { channel: WEB, sessionId: "s-ada" }, customer: { id: "ada" }) { userErrors { message } } }`,
    );
  });
  after(async () => {
    await shop.close();
    partner.close();
  });

  async function mutate(query: string, variables: Record<string, unknown> = {}): Promise<void> {
    const { errors, text } = await shop.ask(query, { role: 'ADMIN', variables });
    expect(errors, text).to.equal(undefined);
    expect(text).to.not.match(/"userErrors":\[\{/);
  }

  const record = (event: Record<string, unknown>): Promise<void> =>
    mutate(
      `mutation ($events: [EventInput!]!) { recordEvents(context: { channel: WEB, sessionId: "s-ada" }, events: $events) { userErrors { message } } }`,
      { events: [event] },
    );

  async function ada(fields: string): Promise<Record<string, unknown>> {
    const { data, text } = await shop.ask(
      `{ shopper(context: { channel: WEB, sessionId: "s-ada", customerId: "ada" }) { ${fields} } }`,
      { role: 'SERVER' },
    );
    expect(data?.shopper, text).to.be.an('object');
    return data!.shopper as Record<string, unknown>;
  }

  const order = (messageId: string, value: number) => ({
    messageId,
    type: 'ORDER_COMPLETED',
    productIds: ['beans'],
    value,
    currency: 'EUR',
  });

  it('are told of orders: points are booked once, webhooks arrive signed and in order', async () => {
    await record(order('o-1', 300));
    await record(order('o-1', 300));
    expect((await ada('points { ordersThisYear }')).points).to.deep.equal({ ordersThisYear: 1 });
    const balance = async () =>
      ((await ada('points { balance }')).points as { balance: number } | null)?.balance;
    await shop.until(async () => (await balance()) === 300);
    expect(received).to.deep.equal([]);
    isDown = false;
    shop.system.clock.advance(1_000);
    await record(order('o-2', 250.5));
    await shop.until(() => received.length === 2, 1_000);
    expect(received.map(({ body }) => body.value)).to.deep.equal([30_000, 25_050]);
    const [first] = received;
    const [, timestamp, signature] = /^t=(\d+),v1=(.+)$/.exec(String(first!.headers['x-signature']))!;
    const expected = createHmac('sha256', secret).update(`${timestamp}.${first!.text}`).digest('hex');
    expect(signature).to.equal(expected);
    await shop.until(async () => (await balance()) === 550);
  });

  it('sort people into cohorts, and publish a change', async () => {
    expect((await ada('cohorts')).cohorts).to.deep.equal(['big-spenders', 'regulars']);
    await mutate(
      `mutation { identify(context: { channel: WEB, sessionId: "s-ada" }, customer: { id: "ada", traits: { vip: true } }) { userErrors { message } } }`,
    );
    expect((await ada('cohorts')).cohorts).to.deep.equal(['big-spenders', 'regulars', 'vips']);
    await shop.until(() => changes.at(-1)?.includes('vips') ?? false);
    // Three months later the job of a night finds that the orders are too old.
    await shop.until(() => changes.at(-1)?.join() === 'vips', 24 * 3_600_000);
  });

  it('fill slots by channel, time and history', async () => {
    const { clock } = shop.system;
    const contents = [
      { id: 'all', slot: 'hero', body: { title: 'Welcome' } },
      { id: 'buyers', slot: 'hero', priority: 5, buyersOnly: true, body: { title: 'Welcome back' } },
      { id: 'voice', slot: 'hero', priority: 9, channels: ['VOICE'], body: { title: 'Listen' } },
      { id: 'over', slot: 'hero', priority: 9, untilMs: clock.nowMs(), body: { title: 'Over' } },
    ];
    for (const content of contents)
      await mutate('mutation ($content: JSON!) { saveContent(content: $content) }', { content });
    expect((await ada('content(slot: "hero")')).content).to.deep.equal({ title: 'Welcome back' });
    const stranger = await shop.ask(
      '{ shopper(context: { channel: WEB, sessionId: "x" }) { content(slot: "hero") } }',
    );
    expect(stranger.at('shopper.content')).to.deep.equal({ title: 'Welcome' });
    const refused = await shop.ask('mutation { removeContent(id: "all") }');
    expect(refused.errors?.[0]?.extensions.code).to.equal('AUTHENTICATION_ROLE');
  });

  it('speak over an endpoint of their own', async () => {
    const say = async (body: unknown, key = testKeys.SERVER) => {
      const response = await fetch(`${shop.url}/voice/turn`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const { status, body } = await say({ sessionId: 's-ada', intent: 'RECOMMEND' });
    expect(status).to.equal(200);
    expect(body.text).to.contain('coffee grinder').and.to.contain('40 euros');
    expect(body.productIds).to.be.an('array').with.lengthOf.at.least(1);
    const first = await say({ sessionId: 's-ada', intent: 'SELECT', ordinal: 1 });
    expect(first.body.text, 'the conversation goes on').to.contain('Would you like to hear more about it?');
    expect((await say({ sessionId: 's-ada', intent: 'STOP' })).body).to.include({
      text: 'Goodbye.',
      end: true,
    });
    expect((await say({ sessionId: 's-ada', intent: 'SING' })).status).to.equal(400);
    expect((await say({ sessionId: 's-ada', intent: 'RECOMMEND' }, 'wrong')).status).to.equal(401);
  });

  it('do not get what people do not permit', async () => {
    const before = received.length;
    await mutate(
      `mutation { setConsent(context: { channel: WEB, sessionId: "s-ada", customerId: "ada" }, decisions: [
        { purpose: PERSONALIZATION, status: DENIED }, { purpose: ANALYTICS, status: DENIED }
      ]) { userErrors { message } } }`,
    );
    await record(order('o-3', 100));
    let steps = 0;
    await shop.until(() => ++steps > 50);
    expect(received.length).to.equal(before);
    expect(await ada('points { balance } cohorts')).to.deep.equal({ points: null, cohorts: [] });
  });
});
