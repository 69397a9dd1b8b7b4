import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import type { Role } from '../../src/context.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { everything, grant, openShop, recommend, shopperContext } from './shop.js';

/** What came back, whichever door was used. */
interface Reply {
  readonly status: number;
  readonly text: string;
  /** Whatever names what was wrong: codes of errors, of userErrors, of an edge's refusal. */
  readonly codes: readonly string[];
  /** Of a GraphQL answer. */
  readonly data: Readonly<Record<string, never>> | null | undefined;
}

type Send = (shop: TestGateway, turn: number) => Promise<Reply>;

interface Row {
  readonly name: string;
  readonly send: Send;
  /** The code that must be told; null: it is no fault and must be handled. */
  readonly code: RegExp | null;
  /** What the message must name: what was wrong and what is allowed. Or what correct handling looks like in the answer. */
  readonly says: RegExp;
  /** It is large: asked twice only. */
  readonly large?: true;
}

/** Operations are planned when they come again, so every row is asked that often. */
const turns = 5;
/** Nothing may hang; how fast it is, is measured elsewhere. */
const slowMs = 10_000;

function codesIn(value: unknown, found: string[] = []): string[] {
  if (Array.isArray(value)) for (const each of value) codesIn(each, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      if (name === 'code' && typeof each === 'string') found.push(each);
      else codesIn(each, found);
    }
  }
  return found;
}

function replyOf(status: number, text: string): Reply {
  const body = JSON.parse(text) as { readonly data?: Reply['data'] };
  return { status, text, codes: codesIn(body), data: body.data };
}

/** A body as it is: what JSON.stringify would not write can be sent too. */
function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Send {
  return async (shop) => {
    const response = await fetch(`${shop.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT, ...headers },
      body: body as BodyInit,
    });
    return replyOf(response.status, await response.text());
  };
}

function graphql(
  query: string,
  variables: Readonly<Record<string, unknown>> | ((turn: number) => Readonly<Record<string, unknown>>) = {},
  role: Role = 'STOREFRONT',
  headers: Record<string, string> = {},
): Send {
  return (shop, turn) => {
    const given = typeof variables === 'function' ? variables(turn) : variables;
    return post('/graphql', JSON.stringify({ query, variables: given }), {
      'x-api-key': testKeys[role],
      accept: 'application/json',
      ...headers,
    })(shop, turn);
  };
}

const me = { channel: 'WEB', sessionId: 'mallory', currency: 'EUR', locale: 'en' };
const recordEvents = `mutation ($context: ShopperContext!, $events: [EventInput!]!, $sentAt: DateTime) {
  recordEvents(context: $context, events: $events, sentAt: $sentAt) { accepted duplicates rejected userErrors { code message path } }
}`;
let messages = 0;
const view = (more: object = {}) => ({
  messageId: `bad-${++messages}`,
  type: 'PRODUCT_VIEWED',
  productIds: ['coffee-press'],
  ...more,
});

function record(...events: readonly object[]): Send {
  return graphql(recordEvents, { context: me, events });
}

/** With properties that are written into the body as they are. */
let rawEvents = 0;

function recordRaw(properties: string): Send {
  const event = `{"messageId":"raw-${++rawEvents}","type":"CUSTOM","properties":${properties}}`;
  return post(
    '/graphql',
    `{"query":${JSON.stringify(recordEvents)},"variables":{"context":${JSON.stringify(me)},"events":[${event}]}}`,
  );
}

/** An event whose JSON has exactly so many bytes. */
function eventOfBytes(bytes: number): object {
  const event = { messageId: `size-${bytes}`, type: 'CUSTOM', properties: { text: '' } };
  const text = 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(event)));
  return { ...event, properties: { text } };
}

function events(count: number): Send {
  return record(...Array.from({ length: count }, (_, i) => view({ messageId: `many-${count}-${i}` })));
}

function segment(body: unknown, role: Role = 'SERVER', path = '/v1/track', headers = {}): Send {
  const authorization = `Basic ${Buffer.from(`${testKeys[role]}:`).toString('base64')}`;
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return post(path, text, { authorization, ...headers });
}

const track = (more: object = {}) => ({
  anonymousId: 'mallory',
  event: 'Product Viewed',
  properties: { product_id: 'coffee-press' },
  ...more,
});
const batch = (count: number) => ({
  batch: Array.from({ length: count }, (_, i) => ({
    type: 'track',
    messageId: `batch-${count}-${i}`,
    anonymousId: 'm',
    event: 'x',
  })),
});

/** A message whose JSON has exactly so many bytes, in a batch. */
function batchOfMessage(bytes: number): unknown {
  const message = {
    type: 'track',
    messageId: `sized-${bytes}`,
    anonymousId: 'm',
    event: 'x',
    properties: { t: '' },
  };
  const text = 'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(message)));
  return { batch: [{ ...message, properties: { t: text } }] };
}

/** A body of exactly so many bytes. */
function bodyOf(bytes: number): string {
  const body = JSON.stringify({ ...batch(1), padding: '' });
  return JSON.stringify({ ...batch(1), padding: 'x'.repeat(bytes - body.length) });
}

const saveProducts = `mutation ($products: [ProductInput!]!) {
  saveProducts(products: $products) { saved unchanged products { id title } userErrors { code message path } }
}`;
const product = (more: object = {}) => ({ id: 'odd', title: 'Odd', status: 'DRAFT', ...more });
const save = (...products: readonly object[]) => graphql(saveProducts, { products }, 'SERVER');
const manyProducts = (count: number) =>
  save(...Array.from({ length: count }, (_, i) => product({ id: `many-${i}` })));
const saveCategories = (...categories: readonly object[]) =>
  graphql(
    'mutation ($categories: [CategoryInput!]!) { saveCategories(categories: $categories) { categories { id } userErrors { code message path } } }',
    { categories },
    'SERVER',
  );
const setStock = (...entries: readonly object[]) =>
  graphql(
    'mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { set userErrors { code message path } } }',
    { entries },
    'SERVER',
  );

const search = (query: string, more: Readonly<Record<string, unknown>> = {}) =>
  graphql(
    `query ($context: ShopperContext!, $query: String!, $filter: ProductFilter, $facets: [String!], $first: Int, $after: String) {
      shopper(context: $context) { search(query: $query, filter: $filter, facets: $facets, first: $first, after: $after) { total degraded products { nodes { id } } facets { name } } }
    }`,
    { context: me, query, ...more },
  );
const suggest = (prefix: string, first = 8) =>
  graphql(
    'query ($context: ShopperContext!, $prefix: String!, $first: Int) { shopper(context: $context) { suggest(prefix: $prefix, first: $first) { text } } }',
    { context: me, prefix, first },
  );
const products = (args: string) => graphql(`{ products(${args}) { totalCount nodes { id } } }`);
const recommendations = (args: string) =>
  graphql(
    `query ($context: ShopperContext!) { shopper(context: $context) { recommendations(${args}) { items { product { id } } } } }`,
    { context: me },
  );
const synonym = (input: object) =>
  graphql(
    'mutation ($synonym: SynonymInput!) { saveSynonym(synonym: $synonym) { synonym { terms } userErrors { code message path } } }',
    { synonym: input },
    'MERCHANDISER',
  );
const setConsent = (decisions: readonly object[], role: Role = 'STOREFRONT') =>
  graphql(
    'mutation ($context: ShopperContext!, $decisions: [ConsentInput!]!) { setConsent(context: $context, decisions: $decisions) { consents { purpose status } userErrors { code message path } } }',
    { context: me, decisions },
    role,
  );
const identify = (customer: object, role: Role = 'SERVER', context: object = me) =>
  graphql(
    'mutation ($context: ShopperContext!, $customer: CustomerInput!) { identify(context: $context, customer: $customer) { customer { id } userErrors { code message path } } }',
    { context, customer },
    role,
  );
const loneSurrogate = '"\\ud83d half"';
const nested = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nested(depth - 1) });

const table: readonly Row[] = [
  // Events.
  {
    name: 'an event of 32,767 bytes',
    send: record(eventOfBytes(32_767)),
    code: null,
    says: /"accepted":1|"duplicates":1/,
  },
  {
    name: 'an event of 32,768 bytes',
    send: record(eventOfBytes(32_768)),
    code: null,
    says: /"accepted":1|"duplicates":1/,
  },
  {
    name: 'an event of 32,769 bytes',
    send: record(eventOfBytes(32_769)),
    code: /EVENTS_TOO_LARGE/,
    says: /at most 32768 bytes/,
  },
  {
    name: '2,499 events',
    send: events(2_499),
    code: null,
    says: /"accepted":2499|"duplicates":2499/,
    large: true,
  },
  {
    name: '2,500 events',
    send: events(2_500),
    code: null,
    says: /"accepted":2500|"duplicates":2500/,
    large: true,
  },
  {
    name: '2,501 events',
    send: events(2_501),
    code: /EVENTS_TOO_MANY/,
    says: /at most 2500 .*2501/,
    large: true,
  },
  { name: 'no events at all', send: record(), code: null, says: /"accepted":0,"duplicates":0,"rejected":0/ },
  {
    name: 'an event without a messageId',
    send: record({ type: 'CUSTOM' }),
    code: /EVENTS_MESSAGE_ID_INVALID/,
    says: /missing/,
  },
  {
    name: 'an event with an empty messageId',
    send: record(view({ messageId: '' })),
    code: /EVENTS_MESSAGE_ID_INVALID/,
    says: /1 to 256 characters/,
  },
  {
    name: 'a messageId of 257 characters',
    send: record(view({ messageId: 'm'.repeat(257) })),
    code: /EVENTS_MESSAGE_ID_INVALID/,
    says: /1 to 256 characters/,
  },
  {
    name: 'the same messageId with another body',
    send: graphql(recordEvents, (turn) => ({
      context: me,
      events: [
        view({ messageId: 'same', productIds: ['camping-rope'] }),
        view({ messageId: 'same', productIds: [everything[turn]] }),
      ],
    })),
    code: /EVENTS_MESSAGE_ID_REUSED/,
    says: /"duplicates":(1|2),"rejected":0/,
  },
  {
    name: 'no product where one is needed',
    send: record(view({ productIds: [] })),
    code: /EVENTS_PRODUCTS_MISSING/,
    says: /1 to 100 productIds/,
  },
  {
    name: '100 products',
    send: record(view({ productIds: Array(100).fill('p') })),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: '101 products',
    send: record(view({ productIds: Array(101).fill('p') })),
    code: /EVENTS_PRODUCTS_INVALID/,
    says: /at most 100/,
  },
  {
    name: 'a product that nobody has',
    send: record(view({ productIds: ['never-heard-of'] })),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'a product called __proto__',
    send: record(view({ productIds: ['__proto__', 'constructor'] })),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'a type that is none',
    send: record(view({ type: 'PRODUCT_EATEN' })),
    code: /EVENTS_TYPE_INVALID/,
    says: /PRODUCT_EATEN/,
  },
  {
    name: 'a quantity of 0',
    send: record(view({ quantity: [0] })),
    code: /EVENTS_QUANTITY_INVALID/,
    says: /whole numbers from 1 to 1000000/,
  },
  {
    name: 'more quantities than products',
    send: record(view({ quantity: [1, 2] })),
    code: /EVENTS_QUANTITY_INVALID/,
    says: /one for all products or one for each/,
  },
  {
    name: 'a negative amount',
    send: record(view({ type: 'ORDER_COMPLETED', value: -1 })),
    code: /EVENTS_VALUE_INVALID/,
    says: /from 0/,
  },
  {
    name: 'a rating of 6',
    send: record(view({ type: 'PRODUCT_RATED', value: 6 })),
    code: /EVENTS_VALUE_INVALID/,
    says: /from 1 to 5/,
  },
  {
    name: 'a position of 0',
    send: record(view({ position: 0 })),
    code: /EVENTS_POSITION_INVALID/,
    says: /from 1 to 10000/,
  },
  {
    name: 'a currency that is none',
    send: record(view({ currency: 'EURO' })),
    code: /EVENTS_CURRENCY_INVALID/,
    says: /ISO 4217/,
  },
  {
    name: 'a search event of 1,001 characters',
    send: record({ messageId: 'q', type: 'PRODUCT_SEARCHED', query: 'q'.repeat(1_001) }),
    code: /EVENTS_QUERY_INVALID/,
    says: /at most 1000 characters/,
  },
  {
    name: 'a shown recommendation of no decision',
    send: record(view({ type: 'RECOMMENDATION_SHOWN' })),
    code: /EVENTS_DECISION_ID_MISSING/,
    says: /decisionId/,
  },
  {
    name: 'a __proto__ key',
    send: recordRaw('{"__proto__":{"polluted":true}}'),
    code: /EVENTS_VALUE_INVALID/,
    says: /__proto__.* not allowed/,
  },
  {
    name: 'a nested __proto__ key',
    send: recordRaw('{"a":[{"__proto__":{"polluted":true}}]}'),
    code: /EVENTS_VALUE_INVALID/,
    says: /__proto__.* not allowed/,
  },
  {
    name: 'constructor.prototype',
    send: recordRaw('{"constructor":{"prototype":{"polluted":true}}}'),
    code: /EVENTS_VALUE_INVALID/,
    says: /constructor.* not allowed/,
  },
  {
    name: 'an event with a __proto__',
    send: post(
      '/graphql',
      `{"query":${JSON.stringify(recordEvents)},"variables":{"context":${JSON.stringify(me)},"__proto__":{"polluted":true},"events":[{"messageId":"p","type":"CUSTOM","__proto__":{"polluted":true}}]}}`,
    ),
    code: /GRAPHQL|EVENTS/,
    says: /__proto__/,
  },
  {
    name: 'a $where key, dotted keys',
    send: recordRaw('{"$where":"sleep(9999)","a.b":{"$gt":""}}'),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'a NUL in a key',
    send: recordRaw('{"a\\u0000b":1}'),
    code: /EVENTS_VALUE_INVALID/,
    says: /NUL/,
  },
  {
    name: '1e400 in properties',
    send: recordRaw('{"big":1e400}'),
    code: /EVENTS_VALUE_INVALID/,
    says: /finite/,
  },
  {
    name: '1e400 as a value',
    send: post(
      '/graphql',
      `{"query":${JSON.stringify(recordEvents)},"variables":{"context":${JSON.stringify(me)},"events":[{"messageId":"v","type":"CUSTOM","value":1e400}]}}`,
    ),
    code: /EVENTS_VALUE_INVALID/,
    says: /a finite number/,
  },
  {
    name: 'half of a surrogate pair in a value',
    send: recordRaw(`{"text":${loneSurrogate}}`),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'half of a surrogate pair in a key',
    send: recordRaw(`{${loneSurrogate}:1}`),
    code: /EVENTS_VALUE_INVALID/,
    says: /surrogate/,
  },
  {
    name: 'half of a surrogate pair in an id',
    send: record(view({ productIds: ['\ud83d'] })),
    code: /EVENTS_PRODUCTS_INVALID/,
    says: /1 to 256/,
  },
  {
    name: 'properties that are a list',
    send: recordRaw('[1]'),
    code: /EVENTS_PROPERTIES_INVALID/,
    says: /must be an object/,
  },
  {
    name: 'properties 16 levels deep',
    send: record({ messageId: 'd16', type: 'CUSTOM', properties: nested(16) }),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'properties 17 levels deep',
    send: record({ messageId: 'd17', type: 'CUSTOM', properties: nested(17) }),
    code: /EVENTS_VALUE_INVALID/,
    says: /16 levels/,
  },
  {
    name: 'properties 10,000 levels deep',
    send: recordRaw(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    code: /EVENTS|GRAPHQL/,
    says: /levels|large|deep/,
    large: true,
  },
  {
    name: 'the year 275760',
    send: record(view({ at: '+275760-09-13T00:00:00Z' })),
    code: /EVENTS_AT_INVALID/,
    says: /instant from 1970/,
  },
  {
    name: 'a date before 1970',
    send: record(view({ at: '1969-12-31T00:00:00Z' })),
    code: /EVENTS_AT_INVALID/,
    says: /1970/,
  },
  {
    name: 'a date that is none',
    send: record(view({ at: 'yesterday' })),
    code: /EVENTS_AT_INVALID/,
    says: /instant from 1970/,
  },
  {
    name: 'sentAt in ten years',
    send: graphql(recordEvents, {
      context: me,
      events: [view({ messageId: 'late', at: '2036-01-15T11:59:00Z' })],
      sentAt: '2036-01-15T12:00:00Z',
    }),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'good, bad and repeated events together',
    send: graphql(recordEvents, (turn) => ({
      context: me,
      events: [
        view({ messageId: `t${turn}-1` }),
        view({ messageId: '' }),
        view({ messageId: `t${turn}-1` }),
        view({ messageId: `t${turn}-2` }),
      ],
    })),
    code: /EVENTS_MESSAGE_ID_INVALID/,
    says: /"accepted":2,"duplicates":1,"rejected":1.*"path":\["events","1","messageId"\]/,
  },
  // Events by Segment's protocol.
  {
    name: 'a batch of 2,499 messages',
    send: segment(batch(2_499), 'SERVER', '/v1/batch'),
    code: null,
    says: /"rejected":0/,
    large: true,
  },
  {
    name: 'a batch of 2,500 messages',
    send: segment(batch(2_500), 'SERVER', '/v1/batch'),
    code: null,
    says: /"rejected":0/,
    large: true,
  },
  {
    name: 'a batch of 2,501 messages',
    send: segment(batch(2_501), 'SERVER', '/v1/batch'),
    code: /TRACKING_BATCH_TOO_LONG/,
    says: /at most 2500 .*2501/,
    large: true,
  },
  {
    name: 'a message of 32,768 bytes',
    send: segment(batchOfMessage(32_768), 'SERVER', '/v1/batch'),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'a message of 32,769 bytes',
    send: segment(batchOfMessage(32_769), 'SERVER', '/v1/batch'),
    code: /TRACKING_MESSAGE_TOO_LARGE/,
    says: /at most 32768 bytes/,
  },
  {
    name: 'a body of 512,000 bytes',
    send: segment(bodyOf(512_000), 'SERVER', '/v1/batch'),
    code: null,
    says: /"rejected":0/,
    large: true,
  },
  {
    name: 'a body of 512,001 bytes',
    send: segment(bodyOf(512_001), 'SERVER', '/v1/batch'),
    code: /(TRACKING|GATEWAY)_BODY_TOO_LARGE/,
    says: /at most 512000 bytes/,
    large: true,
  },
  {
    name: 'a gzip bomb',
    send: segment(gzipSync(Buffer.alloc(50_000_000, 0x20)), 'SERVER', '/v1/batch', {
      'content-encoding': 'gzip',
    }),
    code: /(TRACKING|GATEWAY)_BODY_TOO_LARGE/,
    says: /packed and unpacked/,
    large: true,
  },
  {
    name: 'what is said to be gzip and is not',
    send: segment(Buffer.from([0x1f, 0x8b, 0, 1, 2]), 'SERVER', '/v1/batch', { 'content-encoding': 'gzip' }),
    code: /TRACKING_PACKING_INVALID/,
    says: /gzip/,
  },
  { name: 'truncated JSON', send: segment('{"event": "x'), code: /TRACKING_JSON_INVALID/, says: /JSON/ },
  { name: 'an empty body', send: segment(''), code: /TRACKING_JSON_INVALID/, says: /JSON/ },
  { name: 'a JSON null', send: segment('null'), code: /TRACKING_BODY_INVALID/, says: /object/ },
  {
    name: 'a batch that is no list',
    send: segment({ batch: 'all' }, 'SERVER', '/v1/batch'),
    code: /TRACKING_BATCH_MISSING/,
    says: /list/,
  },
  {
    name: 'messages that are none',
    send: segment({ batch: [null, 1, 'x', []] }, 'SERVER', '/v1/batch'),
    code: /TRACKING_INVALID/,
    says: /"rejected":4/,
  },
  {
    name: 'a message of nobody',
    send: segment({ event: 'x' }),
    code: /TRACKING_ID_MISSING/,
    says: /userId or an anonymousId/,
  },
  {
    name: 'userId "null"',
    send: segment(track({ userId: 'null' })),
    code: /TRACKING_ID_RESERVED/,
    says: /stands for nobody/,
  },
  {
    name: 'userId "guest"',
    send: segment(track({ userId: ' Guest ' })),
    code: /TRACKING_ID_RESERVED/,
    says: /stands for nobody/,
  },
  {
    name: 'anonymousId "undefined"',
    send: segment(track({ anonymousId: 'undefined' })),
    code: /TRACKING_ID_RESERVED/,
    says: /stands for nobody/,
  },
  {
    name: 'an anonymousId of 129 characters',
    send: segment(track({ anonymousId: 'a'.repeat(129) })),
    code: /TRACKING_ID_INVALID/,
    says: /1 to 128/,
  },
  {
    name: 'a __proto__ key in properties',
    send: segment(`{"anonymousId":"m","event":"x","properties":{"__proto__":{"polluted":true}}}`),
    code: /EVENTS_VALUE_INVALID/,
    says: /__proto__/,
  },
  {
    name: 'a __proto__ key in traits',
    send: segment(
      `{"userId":"u1","anonymousId":"m","traits":{"__proto__":{"polluted":true},"plan":"gold"}}`,
      'SERVER',
      '/v1/identify',
    ),
    code: /^CUSTOMERS_TRAIT_NAME_INVALID$/,
    says: /"rejected":0/,
  },
  {
    name: '1e400 in properties',
    send: segment(`{"anonymousId":"m","event":"x","properties":{"big":1e400}}`),
    code: /EVENTS_VALUE_INVALID/,
    says: /finite/,
  },
  {
    name: 'the year 275760',
    send: segment(track({ messageId: 'far', timestamp: '+275760-09-13T00:00:00.000Z' })),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'sentAt in ten years',
    send: segment(
      track({ messageId: 'sent', timestamp: '2026-01-15T12:00:00Z', sentAt: '2036-01-15T12:00:00Z' }),
    ),
    code: null,
    says: /"rejected":0/,
  },
  {
    name: 'identify with a victim’s e-mail from a public key',
    send: segment(
      { userId: 'victim', anonymousId: 'mallory', traits: { email: 'victim@example.org' } },
      'STOREFRONT',
      '/v1/identify',
    ),
    code: /TRACKING_USER_UNPROVEN/,
    says: /bearer token/,
  },
  {
    name: 'no key',
    send: post('/v1/track', JSON.stringify(track()), { 'x-api-key': '' }),
    code: /AUTHENTICATION_KEY_MISSING/,
    says: /API key/,
  },
  {
    name: 'a key that nobody has',
    send: post('/v1/track', JSON.stringify(track()), { 'x-api-key': 'wrong-wrong' }),
    code: /AUTHENTICATION_KEY_UNKNOWN/,
    says: /not known/,
  },
  // Catalog.
  {
    name: 'a negative price',
    send: save(product({ prices: [{ amount: '-1', currency: 'EUR' }] })),
    code: /CATALOG_PRICE_INVALID/,
    says: /non-negative decimal/,
  },
  {
    name: 'a missing amount',
    send: save(product({ prices: [{ currency: 'EUR' }] })),
    code: /GRAPHQL/,
    says: /amount/,
  },
  {
    name: 'an absurd price',
    send: save(product({ prices: [{ amount: '99999999999', currency: 'EUR' }] })),
    code: /CATALOG_PRICE_INVALID/,
    says: /at most 10,000,000,000/,
  },
  {
    name: 'a price of parts of a cent',
    send: save(product({ prices: [{ amount: '1.005', currency: 'EUR' }] })),
    code: /CATALOG_PRICE_INVALID/,
    says: /digits/,
  },
  {
    name: 'a price of parts of a yen',
    send: save(product({ prices: [{ amount: '1.5', currency: 'JPY' }] })),
    code: /CATALOG_PRICE_INVALID/,
    says: /digits/,
  },
  {
    name: 'an unknown currency',
    send: save(product({ prices: [{ amount: '1', currency: 'XXZ' }] })),
    code: /GRAPHQL|CATALOG_PRICE/,
    says: /XXZ|ISO 4217/,
  },
  {
    name: 'two prices of one currency',
    send: save(
      product({
        prices: [
          { amount: '1', currency: 'EUR' },
          { amount: '2', currency: 'EUR' },
        ],
      }),
    ),
    code: /CATALOG_PRICE_INVALID/,
    says: /already/,
  },
  {
    name: 'a reduction upwards',
    send: save(product({ prices: [{ amount: '2', listAmount: '1', currency: 'EUR' }] })),
    code: /CATALOG_PRICE_INVALID/,
    says: /is below the amount .*before a reduction/,
  },
  {
    name: 'one id twice in a call',
    send: save(product(), product({ title: 'Other' })),
    code: /CATALOG_DUPLICATE_ID/,
    says: /index 0/,
  },
  {
    name: 'the SKU of another product',
    send: save(product({ sku: 'SKU-0' })),
    code: /CATALOG_SKU_TAKEN/,
    says: /coffee-grinder/,
  },
  {
    name: 'a description of 1 MB',
    send: save(product({ description: 'x'.repeat(1_000_000) })),
    code: /CATALOG_PRODUCT_INVALID/,
    says: /at most 65536 bytes/,
    large: true,
  },
  {
    name: '999 products',
    send: manyProducts(999),
    code: null,
    says: /"saved":999|"unchanged":999/,
    large: true,
  },
  {
    name: '1,000 products',
    send: manyProducts(1_000),
    code: null,
    says: /"saved":1[^0-9]|"unchanged":1000/,
    large: true,
  },
  {
    name: '1,001 products',
    send: manyProducts(1_001),
    code: /CATALOG_BATCH_TOO_LARGE/,
    says: /1001 .*at most 1000/,
    large: true,
  },
  {
    name: 'script in a title',
    send: save(product({ id: 'script', title: '<script>alert("x")</script> & co' })),
    code: null,
    says: /"userErrors":\[\]/,
  },
  {
    name: 'right-to-left and emoji',
    send: save(product({ id: 'emoji', title: 'شاي ☕️ \u202e evil 👨‍👩‍👧' })),
    code: null,
    says: /"userErrors":\[\]/,
  },
  {
    name: 'a blank title',
    send: save(product({ title: ' \u0000 ' })),
    code: /CATALOG_PRODUCT_INVALID/,
    says: /title must be 1 to 500/,
  },
  {
    name: 'an id called __proto__',
    send: save(product({ id: '__proto__' })),
    code: /CATALOG_PRODUCT_INVALID/,
    says: /id must be/,
  },
  {
    name: 'an attribute called __proto__',
    send: save(product({ id: 'attr', attributes: [{ name: '__proto__', value: 'x' }] })),
    code: null,
    says: /saveProducts/,
  },
  {
    name: 'an attribute that is an object',
    send: save(product({ attributes: [{ name: 'a', value: { b: 1 } }] })),
    code: /CATALOG_PRODUCT_INVALID/,
    says: /text .*number.*true or false/,
  },
  {
    name: 'a media url of javascript:',
    send: save(product({ media: [{ url: 'javascript:alert(1)' }] })),
    code: /CATALOG_PRODUCT_INVALID/,
    says: /http, https/,
  },
  {
    name: 'a circle of categories',
    send: saveCategories(
      { id: 'a', name: 'A', parentId: 'b' },
      { id: 'b', name: 'B', parentId: 'c' },
      { id: 'c', name: 'C', parentId: 'a' },
    ),
    code: /CATALOG_CATEGORY_CIRCLE/,
    says: /may not be above itself/,
  },
  {
    name: 'a category above itself',
    send: saveCategories({ id: 'a', name: 'A', parentId: 'a' }),
    code: /CATALOG_CATEGORY_CIRCLE/,
    says: /may not be above itself/,
  },
  {
    name: 'a parent that nobody has',
    send: saveCategories({ id: 'a', name: 'A', parentId: 'z' }),
    code: /CATALOG_CATEGORY_UNKNOWN/,
    says: /save it before/,
  },
  { name: 'a product in no category', send: save(product({ id: 'nowhere' })), code: null, says: /"nowhere"/ },
  {
    name: 'stock of an unknown product',
    send: setStock({ productId: 'never', quantity: 1 }),
    code: /CATALOG_PRODUCT_UNKNOWN/,
    says: /save it before/,
  },
  {
    name: 'negative stock',
    send: setStock({ productId: 'coffee-press', quantity: -1 }),
    code: /CATALOG_STOCK_INVALID/,
    says: /from 0/,
  },
  {
    name: 'stock of 2^31',
    send: setStock({ productId: 'coffee-press', quantity: 2 ** 31 }),
    code: /GRAPHQL/,
    says: /quantity/,
  },
  {
    name: '1,001 stock entries',
    send: setStock(
      ...Array.from({ length: 1_001 }, () => ({ productId: 'coffee-press', storeId: 'far', quantity: 1 })),
    ),
    code: /CATALOG_BATCH_TOO_LARGE/,
    says: /at most 1000/,
    large: true,
  },
  {
    name: 'an id of 10 kB',
    send: graphql('query ($id: ID!) { product(id: $id) { id } }', { id: 'x'.repeat(10_000) }),
    code: null,
    says: /"product":null/,
  },
  {
    name: 'an id of NUL',
    send: graphql('query ($id: ID!) { product(id: $id) { id } }', { id: '\0' }),
    code: null,
    says: /"product":null/,
  },
  {
    name: 'a product called __proto__',
    send: graphql('{ a: product(id: "__proto__") { id } b: product(sku: "constructor") { id } }'),
    code: null,
    says: /"a":null,"b":null/,
  },
  {
    name: 'neither id nor SKU',
    send: graphql('{ product { id } }'),
    code: /CATALOG_PRODUCT_ARGUMENTS/,
    says: /exactly one/,
  },
  {
    name: 'removal of an id of 10 kB',
    send: graphql(
      'mutation ($ids: [ID!]!) { removeProducts(ids: $ids) { removedIds userErrors { code } } }',
      { ids: ['x'.repeat(10_000), '__proto__', '\ud800'] },
      'SERVER',
    ),
    code: null,
    says: /"removedIds":\[\]/,
  },
  // Rules and search.
  { name: 'first: 99', send: products('first: 99'), code: null, says: /totalCount/ },
  { name: 'first: 100', send: products('first: 100'), code: null, says: /totalCount/ },
  { name: 'first: 101', send: products('first: 101'), code: /SEARCH_FIRST/, says: /1 to 100/ },
  { name: 'first: 0', send: products('first: 0'), code: /SEARCH_FIRST/, says: /1 to 100/ },
  { name: 'first: -1', send: products('first: -1'), code: /SEARCH_FIRST/, says: /1 to 100/ },
  {
    name: 'first: 99999999',
    send: search('a', { first: 99_999_999 }),
    code: /SEARCH_FIRST/,
    says: /1 to 100/,
  },
  {
    name: 'recommendations, first: 100',
    send: recommendations('placement: "home", first: 100'),
    code: null,
    says: /items/,
  },
  {
    name: 'recommendations, first: 101',
    send: recommendations('placement: "home", first: 101'),
    code: /RECOMMENDATIONS_FIRST_INVALID/,
    says: /1 to 100/,
  },
  {
    name: 'recommendations, first: 0',
    send: recommendations('placement: "home", first: 0'),
    code: /RECOMMENDATIONS_FIRST_INVALID/,
    says: /1 to 100/,
  },
  {
    name: 'a placement that is none',
    send: recommendations('placement: "__proto__"'),
    code: /RECOMMENDATIONS_PLACEMENT_UNKNOWN/,
    says: /home, product, cart/,
  },
  {
    name: 'a cart of 101',
    send: recommendations(
      `placement: "cart", cart: [${Array.from({ length: 101 }, (_, i) => `"${i}"`).join(' ')}]`,
    ),
    code: /RECOMMENDATIONS_CART_TOO_LONG/,
    says: /100 products/,
  },
  {
    name: 'a page and a cart of strange ids',
    send: recommendations(`placement: "product", productId: "__proto__", cart: ["${'x'.repeat(2_000)}"]`),
    code: /RECOMMENDATIONS_PRODUCT_UNKNOWN/,
    says: /items/,
  },
  {
    name: 'reorder with first: -1',
    send: graphql(
      'query ($context: ShopperContext!) { shopper(context: $context) { reorder(first: -1) { items { position } } } }',
      { context: me },
    ),
    code: /RECOMMENDATIONS_FIRST_INVALID/,
    says: /1 to 100/,
  },
  {
    name: 'reorder with first: null',
    send: graphql(
      'query ($context: ShopperContext!) { shopper(context: $context) { reorder(first: null) { items { position } } } }',
      { context: me },
    ),
    code: null,
    says: /items/,
  },
  { name: 'suggest, first: 20', send: suggest('co', 20), code: null, says: /suggest/ },
  { name: 'suggest, first: 21', send: suggest('co', 21), code: /SEARCH_SUGGEST_FIRST/, says: /1 to 20/ },
  { name: 'a cruel expression', send: search('^(a+)+$'), code: null, says: /"degraded":false/ },
  { name: 'a long cruel query', send: search(`${'a'.repeat(5_000)}!`), code: null, says: /"degraded":false/ },
  { name: 'an empty query', send: search(''), code: null, says: /"degraded":false/ },
  { name: 'a query of white space', send: search(' \t\n\u00a0\u3000'), code: null, says: /"degraded":false/ },
  {
    name: 'a query of 10 kB of words',
    send: search('coffee kettle '.repeat(700)),
    code: null,
    says: /"degraded":false/,
  },
  {
    name: 'a query of halves, NULs and direction marks',
    send: search('\ud83d \0 \u202e kettle'),
    code: null,
    says: /"degraded":false/,
  },
  {
    name: 'a prefix of 10 kB',
    send: suggest('kettle '.repeat(1_500)),
    code: null,
    says: /suggest/,
  },
  ...['english', 'en_US'].map((locale) => ({
    name: `the locale ${locale}`,
    send: search('a', { context: { ...me, locale } }),
    code: /GRAPHQL_REQUEST_INVALID/,
    says: new RegExp(`BCP 47.*de-CH.*${locale}`),
  })),
  {
    name: 'a cursor that somebody made',
    send: search('a', { after: Buffer.from('place:1000000000').toString('base64url') }),
    code: /SEARCH_CURSOR/,
    says: /endCursor/,
  },
  {
    name: 'a cursor that is none',
    send: search('a', { after: 'x' }),
    code: /SEARCH_CURSOR/,
    says: /endCursor/,
  },
  {
    name: 'a cursor of 1 MB',
    send: search('a', { after: 'x'.repeat(1_000_000) }),
    code: /SEARCH_CURSOR/,
    says: /endCursor/,
    large: true,
  },
  {
    name: 'filter injection',
    send: search('', {
      filter: {
        brands: ['Nord" OR 1=1 --', "x' || true"],
        categoryId: 'coffee" OR id != "',
        sellerIds: ['$ne'],
        attributes: [{ name: 'a" = 1 OR "b', values: ['*'] }],
      },
    }),
    code: /SEARCH_FILTER_UNKNOWN/,
    says: /"total":0/,
  },
  {
    name: 'the path __proto__.x',
    send: search('', {
      filter: {
        attributes: [
          { name: '__proto__.x', values: ['1'] },
          { name: 'constructor', min: 0 },
        ],
      },
      facets: ['__proto__', 'constructor.prototype', 'toString'],
    }),
    code: /SEARCH_FACET_UNKNOWN/,
    says: /"total":0/,
  },
  {
    name: '20 facets',
    send: search('', { facets: Array.from({ length: 20 }, (_, i) => `f${i}`) }),
    code: /SEARCH_FACET_UNKNOWN/,
    says: /no product has "f0", "f1", "f2", "f3", "f4" and 15 others/,
  },
  {
    name: '21 facets',
    send: search('', { facets: Array.from({ length: 21 }, (_, i) => `f${i}`) }),
    code: /SEARCH_FACETS/,
    says: /at most 20/,
  },
  {
    name: 'prices turned round',
    send: search('', { filter: { priceMin: '100', priceMax: '1' } }),
    code: /SEARCH_FILTER/,
    says: /100\.00 is more than priceMax, 1\.00/,
  },
  {
    name: 'bounds of an attribute turned round',
    send: search('', { filter: { attributes: [{ name: 'a', min: 3, max: 2 }] } }),
    code: /SEARCH_FILTER/,
    says: /has the min 3 and the max 2/,
  },
  {
    name: 'a filter with an empty list',
    send: search('', { filter: { brands: [] } }),
    code: /SEARCH_FILTER_EMPTY/,
    says: /filter\.brands: an empty list matches no product/,
  },
  {
    name: 'a negative price',
    send: search('', { filter: { priceMin: '-1' } }),
    code: /SEARCH_FILTER/,
    says: /for example "12.50"/,
  },
  {
    name: '1,001 ids',
    send: search('', { filter: { ids: Array(1_001).fill('x') } }),
    code: /SEARCH_FILTER/,
    says: /at most 1000/,
  },
  {
    name: 'an attribute without a condition',
    send: search('', { filter: { attributes: [{ name: 'a' }] } }),
    code: /SEARCH_FILTER/,
    says: /at least one/,
  },
  {
    name: 'a synonym of itself',
    send: synonym({ terms: ['Sofa', ' sofa '] }),
    code: /MERCHANDISING_SYNONYM_OF_ITSELF/,
    says: /synonym of itself/,
  },
  {
    name: 'a one-way synonym of itself',
    send: synonym({ kind: 'ONE_WAY', input: 'Café', terms: ['cafe'] }),
    code: /MERCHANDISING_SYNONYM_OF_ITSELF/,
    says: /synonym of itself/,
  },
  {
    name: 'one term',
    send: synonym({ terms: ['sofa'] }),
    code: /MERCHANDISING_SYNONYM_TOO_FEW_TERMS/,
    says: /2 to 50/,
  },
  {
    name: '51 terms',
    send: synonym({ terms: Array.from({ length: 51 }, (_, i) => `t${i}`) }),
    code: /MERCHANDISING_SYNONYM_TOO_MANY_TERMS/,
    says: /at most 50/,
  },
  {
    name: 'blank and cruel terms',
    send: synonym({ terms: [' ', '^(a+)+$'.repeat(20)] }),
    code: /MERCHANDISING_SYNONYM_TERM_BLANK/,
    says: /letter or digit/,
  },
  {
    name: 'a synonym of no language',
    send: synonym({ locale: 'klingon_!', terms: ['a', 'b'] }),
    code: /MERCHANDISING_SYNONYM_LOCALE_INVALID/,
    says: /BCP 47/,
  },
  {
    name: 'a synonym that nobody has',
    send: synonym({ id: '__proto__', terms: ['a', 'b'] }),
    code: /MERCHANDISING_SYNONYM_UNKNOWN/,
    says: /leave the id out/,
  },
  // Who.
  {
    name: 'a customer named with a public key',
    send: graphql('query ($context: ShopperContext!) { shopper(context: $context) { known } }', {
      context: { ...me, customerId: 'victim' },
    }),
    code: /CONTEXT_CUSTOMER/,
    says: /bearer token/,
  },
  {
    name: 'a customer named twice, deeper too',
    send: graphql(
      'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { shopper { profile { email } } } }',
      { context: { ...me, customerId: 'victim' }, events: [] },
    ),
    code: /CONTEXT_CUSTOMER/,
    says: /bearer token/,
  },
  {
    name: 'identify with a victim’s e-mail from a public key',
    send: identify({ id: 'victim', email: 'victim@example.org' }, 'STOREFRONT'),
    code: /CUSTOMERS_IDENTITY_UNPROVEN/,
    says: /bearer token/,
  },
  {
    name: 'identify of another than the context',
    send: identify({ id: 'a' }, 'SERVER', { ...me, customerId: 'b' }),
    code: /CUSTOMERS_ID_CONFLICT/,
    says: /same one/,
  },
  {
    name: 'identify as "null"',
    send: identify({ id: 'null' }),
    code: /CUSTOMERS_ID_RESERVED/,
    says: /stands for nobody/,
  },
  {
    name: 'a customer id of 129 characters',
    send: identify({ id: 'c'.repeat(129) }),
    code: /CUSTOMERS_ID_INVALID/,
    says: /1 to 128/,
  },
  {
    name: 'an e-mail that is none',
    send: identify({ id: 'c', email: 'nobody@nowhere' }),
    code: /CUSTOMERS_EMAIL_INVALID/,
    says: /name@domain/,
  },
  {
    name: 'traits named __proto__',
    send: post(
      '/graphql',
      `{"query":"mutation { identify(context: { channel: WEB, sessionId: \\"m\\" }, customer: { id: \\"c\\", traits: { __proto__: \\"x\\", constructor: \\"x\\" } }) { userErrors { code message } } }"}`,
      { 'x-api-key': testKeys.SERVER },
    ),
    code: /CUSTOMERS_TRAIT_NAME_INVALID/,
    says: /__proto__/,
  },
  {
    name: '201 traits',
    send: identify({
      id: 'c',
      traits: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`t${i}`, i])),
    }),
    code: /CUSTOMERS_TRAITS/,
    says: /at most 100/,
  },
  {
    name: 'a bearer token where no identity provider is',
    send: graphql('{ version }', {}, 'STOREFRONT', { authorization: 'Bearer a.b.c' }),
    code: /AUTHENTICATION_TOKEN/,
    says: /bearer token/,
  },
  {
    name: 'a server key from a browser',
    send: graphql('{ version }', {}, 'SERVER', { origin: 'https://evil.example' }),
    code: /AUTHENTICATION_KEY_EXPOSED/,
    says: /STOREFRONT key/,
  },
  {
    name: 'a spoofed address',
    send: graphql('{ version }', {}, 'STOREFRONT', {
      'x-forwarded-for': '127.0.0.1, ::1',
      forwarded: 'for=127.0.0.1',
    }),
    code: null,
    says: /version/,
  },
  {
    name: 'a moment named with a public key',
    send: graphql('query ($context: ShopperContext!) { shopper(context: $context) { known } }', {
      context: { ...me, at: '2030-01-01T00:00:00Z' },
    }),
    code: /CONTEXT_AT/,
    says: /MERCHANDISER/,
  },
  {
    name: 'a session id of 129 characters',
    send: graphql('query ($context: ShopperContext!) { shopper(context: $context) { known } }', {
      context: { ...me, sessionId: 's'.repeat(129) },
    }),
    code: /CONTEXT_ID/,
    says: /1 to 128/,
  },
  {
    name: 'a session called __proto__',
    send: graphql(
      'query ($context: ShopperContext!) { shopper(context: $context) { known consents { status } } }',
      {
        context: { ...me, sessionId: '__proto__', storeId: '__proto__', deviceId: 'constructor' },
      },
    ),
    code: /^CONTEXT_STORE_UNKNOWN$/,
    says: /"known":false/,
  },
  {
    name: 'a store, locale and currency that nobody has',
    send: graphql(
      'query ($context: ShopperContext!) { shopper(context: $context) { recommendations(placement: "home") { items { product { id price { amount } } } } search(query: "kettle") { total } } }',
      { context: { ...me, storeId: 'atlantis', locale: 'tlh-Latn', currency: 'XAF' } },
    ),
    code: /CONTEXT_STORE_UNKNOWN/,
    says: /"items":\[\{/,
  },
  // Privacy.
  {
    name: 'a consent with a date of its own',
    send: setConsent([{ purpose: 'PERSONALIZATION', status: 'GRANTED', decidedAt: '2030-01-01T00:00:00Z' }]),
    code: /GRAPHQL/,
    says: /decidedAt/,
  },
  {
    name: 'a consent that has ended already',
    send: setConsent([{ purpose: 'PERSONALIZATION', status: 'GRANTED', expiresAt: '2020-01-01T00:00:00Z' }]),
    code: /CONSENT_EXPIRY_PAST/,
    says: /after now/,
  },
  {
    name: 'a consent for ever and ever',
    send: setConsent([{ purpose: 'PERSONALIZATION', status: 'GRANTED', expiresAt: '9000-01-01T00:00:00Z' }]),
    code: /CONSENT_EXPIRY_FAR/,
    says: /100 years/,
  },
  {
    name: 'yes and no at once',
    send: setConsent([
      { purpose: 'PERSONALIZATION', status: 'GRANTED' },
      { purpose: 'PERSONALIZATION', status: 'WITHDRAWN' },
    ]),
    code: /CONSENT_PURPOSE_REPEATED/,
    says: /more than once/,
  },
  {
    name: 'a purpose that is none',
    send: setConsent([{ purpose: '__proto__', status: 'GRANTED' }]),
    code: /GRAPHQL/,
    says: /__proto__/,
  },
  {
    name: '51 decisions',
    send: setConsent(Array(51).fill({ purpose: 'ANALYTICS', status: 'GRANTED' })),
    code: /CONSENT_DECISIONS_TOO_MANY/,
    says: /at most 50/,
  },
  {
    name: 'evidence of 2,001 characters',
    send: setConsent([{ purpose: 'ANALYTICS', status: 'GRANTED', evidence: 'e'.repeat(2_001) }]),
    code: /CONSENT_EVIDENCE_INVALID/,
    says: /at most 2000/,
  },
  {
    name: 'consent given by a merchandiser',
    send: setConsent([{ purpose: 'ANALYTICS', status: 'GRANTED' }], 'MERCHANDISER'),
    code: /AUTHENTICATION_ROLE/,
    says: /STOREFRONT or SERVER/,
  },
  {
    name: 'an audit of nothing',
    send: graphql('{ consentAudit(subject: "__proto__") { intact } }', {}, 'ADMIN'),
    code: /CONSENT_SUBJECT_INVALID/,
    says: /session:<id> or customer:<id>/,
  },
];

describe('Bad input', () => {
  let shop: TestGateway;
  before(async () => {
    shop = await openTestGateway(plugins);
    await openShop(shop);
  });
  after(() => shop.close());

  for (const { name, send, code, says, large } of table) {
    it(`${code ? 'refuses' : 'bears'} ${name}`, async () => {
      const said = new Set<string>();
      for (let turn = 0; turn < (large ? 2 : turns); turn++) {
        const began = performance.now();
        const { status, text, codes } = await send(shop, turn);
        const where = `turn ${turn}: ${status} ${text.slice(0, 2_000)}`;
        expect(performance.now() - began, where).to.be.below(slowMs);
        expect(status, where).to.be.below(500);
        if (code) expect(codes.join(' '), where).to.match(code);
        else expect(codes, where).to.deep.equal([]);
        if (code || turn === 0) expect(text.replaceAll('\\"', '"'), where).to.match(says);
        expect(codes, where).not.to.include('INTERNAL');
        said.add(codes.join(' '));
      }
      expect([...said], 'the same every time').to.have.lengthOf(1);
      expect(Object.keys(Object.prototype), 'the prototype of all objects').to.deep.equal([]);
      expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
      expect(shop.system.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
    });
  }

  it('closes the connection of a client that sends one byte at a time, and others do not wait', async function () {
    this.timeout(10_000);
    const socket = httpRequest(`${shop.url}/v1/track`, {
      method: 'POST',
      headers: { 'x-api-key': testKeys.SERVER, 'content-length': '1000' },
    });
    const status = new Promise<number>((resolve, reject) => {
      socket.on('response', (response) => resolve(response.resume().statusCode!)).on('error', reject);
    });
    for (const byte of '{"even') {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await shop.ask('{ version }')).status).to.equal(200);
    // The request may not have reached the edge yet.
    for (let waits = 0; waits < 200; waits++) {
      shop.system.clock.advance(10_000);
      const settled = await Promise.race([
        status,
        new Promise<null>((resolve) => setTimeout(() => resolve(null), 10)),
      ]);
      if (settled === null) continue;
      expect(settled).to.equal(408);
      break;
    }
    expect(await status).to.equal(408);
    socket.destroy();
  });

  it('keeps the order of consent by its own clock: a late grant holds, and a withdrawal after it', async () => {
    await grant(shop, 'late');
    await grant(shop, 'late', 'WITHDRAWN');
    expect((await recommend(shop, shopperContext('late'))).personalization.applied).to.equal(false);
    await grant(shop, 'late');
    await grant(shop, 'late', 'WITHDRAWN');
    expect((await recommend(shop, shopperContext('late'))).personalization.applied).to.equal(false);
  });

  it('is as it was before: the same shop, nothing left over from what was refused', async () => {
    const listing = await shop.ask('{ products(first: 100) { totalCount nodes { id } } }');
    expect((listing.at('products.nodes') as { id: string }[]).map(({ id }) => id).sort()).to.deep.equal(
      [...everything].sort(),
    );
    const categories = await shop.ask('{ categories { id } }');
    expect((categories.at('categories') as { id: string }[]).map(({ id }) => id)).to.have.members([
      'coffee',
      'camping',
    ]);
    const synonyms = await shop.ask('{ synonyms { id } }', { role: 'MERCHANDISER' });
    expect(synonyms.at('synonyms')).to.deep.equal([]);
    const victim = await shop.ask('{ customer(id: "victim") { id } c: customer(id: "c") { id } }', {
      role: 'SERVER',
    });
    // A bad trait does not lose the login of `c`.
    expect(victim.data).to.deep.equal({ customer: null, c: { id: 'c' } });
    expect((await recommend(shop, shopperContext('someone'))).ids.length).to.be.above(0);
  });
});
