import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { Role } from '../../src/context.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { openShop, shopperContext } from './shop.js';

/** What a person sends and nobody else may ever read. */
const canary = {
  sessionId: 'canary-session-5d1f',
  customerId: 'canary-customer-77aa',
  deviceId: 'canary-device-31',
  email: 'canary.person@example.org',
  firstName: 'Canaryfirst',
  lastName: 'Canarylast',
  trait: 'canary-trait-42',
  query: 'canary query words',
  property: 'canary-property',
  evidence: 'canary-evidence',
  address: '203.0.113.77',
  agent: 'canary-agent/1.0',
  token: 'canary.bearer.token',
  key: 'canary-wrong-api-key',
};
const canaries = Object.values(canary);

describe('Logs, figures and errors', () => {
  let shop: TestGateway;
  before(async () => {
    shop = await openTestGateway(plugins, { environment: { RAPPORT_LOG_LEVEL: 'debug' } });
    await openShop(shop);
    await busyDay();
  });
  after(() => shop.close());

  const context = {
    ...shopperContext(canary.sessionId),
    deviceId: canary.deviceId,
  };

  function ask(query: string, variables: Record<string, unknown> = {}, role: Role = 'STOREFRONT') {
    return shop.ask(query, {
      role,
      variables: { context, ...variables },
      headers: { 'x-forwarded-for': canary.address, 'user-agent': canary.agent },
    });
  }

  function segment(path: string, body: unknown, key = testKeys.SERVER): Promise<Response> {
    return fetch(`${shop.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Everything a shopper can send, the good and the bad. */
  async function busyDay(): Promise<void> {
    const { property, evidence, query, trait, email, firstName, lastName, customerId, sessionId } = canary;
    const identify =
      'mutation ($context: ShopperContext!, $customer: CustomerInput!) { identify(context: $context, customer: $customer) { userErrors { message } } }';
    const setConsent =
      'mutation ($context: ShopperContext!, $status: ConsentStatus!, $evidence: String) { setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: $status, evidence: $evidence }, { purpose: ANALYTICS, status: $status }]) { userErrors { message } } }';
    const recordEvents =
      'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { rejected } }';
    const search =
      'query ($context: ShopperContext!, $query: String!) { shopper(context: $context) { search(query: $query) { total } suggest(prefix: $query) { text } recommendations(placement: "home") { items { product { id } } } } }';
    const customer = { id: customerId, email, firstName, lastName, traits: { note: trait } };
    for (let turn = 0; turn < 5; turn++) {
      await ask(setConsent, { status: 'GRANTED', evidence });
      await ask(identify, { customer }, 'SERVER');
      await ask(identify, { customer });
      await ask(identify, { customer: { ...customer, email: `${email} is none` } }, 'SERVER');
      await ask(recordEvents, {
        events: [
          {
            messageId: `ok-${turn}`,
            type: 'PRODUCT_VIEWED',
            productIds: ['coffee-press'],
            properties: { property },
          },
          { messageId: `bad-${turn}`, type: 'PRODUCT_VIEWED', productIds: [], properties: { property } },
          { messageId: `q-${turn}`, type: 'PRODUCT_SEARCHED', query },
        ],
      });
      await ask(recordEvents, { events: [{ messageId: property, type: email }] });
      await ask(search, { query });
      await ask(search, { query: `${query} ${email}` });
      await ask(search, { query, context: { ...context, customerId } });
      await ask(search, { query, context: { ...context, locale: email } });
      await ask(`{ ${firstName} shopper(context: ${lastName}) { known } }`);
      await ask('query ($id: ID!) { customer(id: $id) { email } }', { id: customerId });
      await shop.ask('{ version }', { headers: { authorization: `Bearer ${canary.token}` } });
      await shop.ask('{ version }', { headers: { 'x-api-key': canary.key } });
      await segment('identify', {
        userId: customerId,
        anonymousId: sessionId,
        traits: { email, firstName, note: trait },
      });
      await segment('track', { anonymousId: sessionId, event: 'Product Viewed', properties: { property } });
      await segment('track', { anonymousId: `${sessionId}\u0000`, event: property });
      await segment('alias', { userId: customerId, previousId: sessionId });
      await segment('track', `{"email":"${email}"`);
      await segment('track', {}, canary.key);
      await ask(setConsent, { status: 'WITHDRAWN', evidence });
    }
    shop.system.clock.advance(86_400_000);
  }

  it('no line of the log holds what a person sent', async () => {
    const { log } = shop.system;
    for (const line of log.lines) {
      const text = JSON.stringify(line);
      for (const value of canaries) expect(text).not.to.include(value);
    }
    expect(log.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('no figure is labelled with it', async () => {
    const text = await (await fetch(`${shop.url}/metrics`)).text();
    expect(text).to.include('rapport_graphql_errors_total{code="CONTEXT_CUSTOMER"}');
    for (const value of canaries) expect(text).not.to.include(value);
    for (const path of ['/health/ready', '/health/live']) {
      const body = await (await fetch(`${shop.url}${path}`)).text();
      for (const value of canaries) expect(body).not.to.include(value);
    }
  });

  it('no answer to others holds it: not to a shopper, a merchandiser, or in an error', async () => {
    const elsewhere = { context: shopperContext('somebody-else') };
    const queries: readonly (readonly [string, Role, Record<string, unknown>?])[] = [
      [
        'query ($context: ShopperContext!) { shopper(context: $context) { suggest(prefix: "ca") { text } search(query: "coffee") { correctedQuery facets { name } } recommendations(placement: "home") { decisionId items { reasons { text } } } } }',
        'STOREFRONT',
        elsewhere,
      ],
      ['{ recommendationReport { placement } synonyms { terms } }', 'MERCHANDISER'],
      ['query ($id: ID!) { product(id: $id) { id } nothing }', 'STOREFRONT', { id: 'x' }],
      ['{ customer(id: "somebody") { email } }', 'STOREFRONT'],
      ['mutation { removeSynonym(id: "x") { userErrors { message } } }', 'MERCHANDISER'],
      ['{ deadLetters { id error } }', 'ADMIN'],
    ];
    for (const [query, role, variables] of queries) {
      for (let turn = 0; turn < 5; turn++) {
        const { text } = await shop.ask(query, { role, ...(variables ? { variables } : {}) });
        for (const value of canaries) expect(text).not.to.include(value);
      }
    }
  });

  it('what one person searched for again and again is suggested to nobody else', async () => {
    const words = 'kettle for aunt canary';
    const search =
      'query ($context: ShopperContext!, $query: String!) { shopper(context: $context) { search(query: $query) { total } } }';
    for (let turn = 0; turn < 6; turn++) {
      const { at } = await ask(search, { query: words, context: shopperContext('one-person') });
      expect(at('shopper.search.total')).to.be.above(0);
    }
    const { text } = await ask(
      'query ($context: ShopperContext!) { shopper(context: $context) { suggest(prefix: "kettle for") { text } } }',
      { context: shopperContext('somebody-else') },
    );
    expect(text).not.to.include('aunt');
  });
});
