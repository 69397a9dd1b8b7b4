import { Agent, request } from 'node:http';
import { keys } from './gateway-process.js';

/** One kind of request of the mix. */
interface Kind {
  readonly name: string;
  /** How often it comes, beside the weights of the others. */
  readonly weight: number;
  readonly path: string;
  readonly key: string | null;
  body(n: number, session: string): unknown;
}

const products = ['coffee-1', 'coffee-2', 'kitchen-1', 'audio-1', 'camping-1', 'sport-1'];
const words = ['coffee grinder', 'espresso', 'head torch', 'yoga mat', 'saucepan', 'hedphones', 'tent'];
const context = (session: string) => ({ channel: 'WEB', sessionId: session, currency: 'EUR' });
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;

/** What a shop sends all day, and a few requests of somebody who means harm. */
const kinds: readonly Kind[] = [
  {
    name: 'home',
    weight: 8,
    path: '/graphql',
    key: keys.STOREFRONT,
    body: (_, session) => ({
      query:
        'query ($c: ShopperContext!) { shopper(context: $c) { recommendations(placement: "home", first: 12) { decisionId items { product { id title price { amount } } reasons { text } } } } }',
      variables: { c: context(session) },
    }),
  },
  {
    name: 'search',
    weight: 6,
    path: '/graphql',
    key: keys.STOREFRONT,
    body: (n, session) => ({
      query:
        'query ($c: ShopperContext!, $q: String!) { shopper(context: $c) { search(query: $q) { total products(first: 12) { nodes { id title } } facets(names: ["brand"]) { name } } suggest(prefix: $q) { text } } }',
      variables: { c: context(session), q: pick(words, n) },
    }),
  },
  {
    name: 'events',
    weight: 6,
    path: '/graphql',
    key: keys.STOREFRONT,
    body: (n, session) => ({
      query:
        'mutation ($c: ShopperContext!, $e: [EventInput!]!) { recordEvents(context: $c, events: $e) { accepted rejected } }',
      variables: {
        c: context(session),
        e: [{ messageId: `soak-${n}`, type: 'PRODUCT_VIEWED', productIds: [pick(products, n)] }],
      },
    }),
  },
  {
    name: 'tracking',
    weight: 3,
    path: '/v1/batch',
    key: keys.SERVER,
    body: (n, session) => ({
      batch: Array.from({ length: 5 }, (_, i) => ({
        type: 'track',
        messageId: `soak-${n}-${i}`,
        anonymousId: session,
        event: i === 4 ? 'Order Completed' : 'Product Viewed',
        properties: { products: [{ product_id: pick(products, n + i) }], total: 10, currency: 'EUR' },
      })),
    }),
  },
  {
    name: 'consent',
    weight: 1,
    path: '/graphql',
    key: keys.STOREFRONT,
    body: (n, session) => ({
      query:
        'mutation ($c: ShopperContext!, $d: [ConsentInput!]!) { setConsent(context: $c, decisions: $d) { userErrors { code } } }',
      variables: {
        c: context(session),
        d: [{ purpose: 'PERSONALIZATION', status: n % 5 === 0 ? 'WITHDRAWN' : 'GRANTED' }],
      },
    }),
  },
  {
    name: 'save',
    weight: 1,
    path: '/graphql',
    key: keys.SERVER,
    body: (n) => ({
      query: 'mutation ($p: [ProductInput!]!) { saveProducts(products: $p) { userErrors { code } } }',
      variables: {
        p: [
          {
            id: `soak-${n % 50}`,
            title: `Soaked coffee ${n}`,
            prices: [{ currency: 'EUR', amount: '9.90' }],
          },
        ],
      },
    }),
  },
  {
    name: 'hostile: unknown fields',
    weight: 1,
    path: '/graphql',
    key: null,
    body: (n) => ({ query: `{ ${Array.from({ length: 900 }, (_, i) => `f${n}x${i}`).join(' ')} }` }),
  },
  {
    name: 'hostile: long literal',
    weight: 1,
    path: '/graphql',
    key: null,
    body: (n) => ({
      query: `{ shopper(context: ${JSON.stringify(`${n} Did you mean `.repeat(5_000))}) { __typename } }`,
    }),
  },
  {
    name: 'hostile: wrong key',
    weight: 1,
    path: '/graphql',
    key: 'soak-wrong-key',
    body: () => ({ query: '{ version }' }),
  },
];

interface Tally {
  /** By kind and status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly lost: number;
}

interface SoakLoad {
  tally(): Tally;
  stop(): void;
}

const sessionsAtATime = 500;
const clientAddresses = 2_000;
/** A session is that of a new visitor after so many requests. */
const requestsASession = 20_000;

/** Sends the mix by the clock, `perSecond` requests, whether or not earlier ones were answered. */
export function startLoad(url: string, perSecond: number): SoakLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const order = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
  const answers: Record<string, number> = {};
  let lost = 0;
  let n = 0;

  function send(): void {
    const number = n++;
    // A stride without common factor, so that kinds alternate.
    const kind = order[(number * 11) % order.length]!;
    const session = `soak-${Math.floor(number / requestsASession)}-${(number * 7) % sessionsAtATime}`;
    const text = JSON.stringify(kind.body(number, session));
    const sent = request(
      `${url}${kind.path}`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': `10.0.${(number % clientAddresses) >> 8}.${number & 255}`,
          ...(kind.key ? { 'x-api-key': kind.key } : {}),
        },
      },
      (response) => {
        const name = `${kind.name} ${response.statusCode}`;
        answers[name] = (answers[name] ?? 0) + 1;
        response.resume();
      },
    );
    sent.on('error', () => lost++);
    sent.end(text);
  }
  const timer = setInterval(send, 1_000 / perSecond);
  return {
    tally: () => ({ answers: { ...answers }, lost }),
    stop() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
