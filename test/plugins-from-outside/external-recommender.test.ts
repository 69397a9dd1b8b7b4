import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { definePlugin, type Plugin } from 'rapport/plugin.js';
import { candidatesOf, type Recommender } from 'rapport/ports/recommenders.js';
import { openTestShop, type TestShop, testKeys } from 'rapport/testing.js';
import { everything, grant, openShop, record, shopperContext } from '../journeys/shop.js';
import { plugin as externalRecommender } from './external-recommender.js';
import { plugin as merchandisingRules } from './merchandising-rules.js';

interface Listed {
  readonly decisionId: string;
  readonly degraded: boolean;
  readonly items: readonly {
    readonly source: string;
    readonly product: { readonly id: string };
    readonly reasons: readonly { readonly code: string; readonly text: string }[];
  }[];
  readonly omitted: readonly { readonly reason: string; readonly product: { readonly id: string } }[];
  readonly speech: { readonly text: string };
}

const idsOf = ({ items }: Listed) => items.map(({ product }) => product.id);

async function listOf(
  shop: TestShop,
  context: Record<string, unknown> = shopperContext('s1'),
  first = 12,
): Promise<Listed> {
  const answer = await shop.ask(
    `query ($context: ShopperContext!, $first: Int) { shopper(context: $context) { recommendations(placement: "home", first: $first) {
      decisionId degraded items { source product { id } reasons { code text } } omitted { reason product { id } } speech { text } } } }`,
    { variables: { context, first } },
  );
  expect(answer.errors, JSON.stringify(answer.errors)).to.equal(undefined);
  return answer.at('shopper.recommendations') as Listed;
}

/** Lets a call that hangs be late: the clock stands still otherwise. */
async function late<T>(shop: TestShop, ms: number, asked: Promise<T>): Promise<T> {
  while (!shop.system.leftOut().some(({ times }) => times > 0)) {
    shop.system.clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return asked;
}

describe('A recommender with an external model', () => {
  let model: Server;
  let answer: (viewed: readonly string[], response: ServerResponse) => void;
  const received: (readonly string[])[] = [];
  let shop: TestShop;

  const proposing =
    (...products: readonly { id: string; score: number; because?: string }[]) =>
    (_: unknown, response: ServerResponse) =>
      response.end(JSON.stringify({ products }));

  before(async () => {
    model = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { viewed } = JSON.parse(body) as { viewed: readonly string[] };
      received.push(viewed);
      answer(viewed, response);
    });
    await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  });
  after(() => model.close());

  async function open(others: readonly Plugin[] = []): Promise<TestShop> {
    const { port } = model.address() as AddressInfo;
    const gateway = await openTestShop([externalRecommender, merchandisingRules, ...others], {
      environment: { RAPPORT_EXTERNAL_RECOMMENDER_URL: `http://127.0.0.1:${port}` },
    });
    await openShop(gateway);
    return gateway;
  }

  beforeEach(async () => {
    received.length = 0;
    answer = proposing(
      { id: 'camping-rope', score: 9, because: 'camping-tent' },
      { id: 'no-product', score: 1 },
    );
    shop = await open();
  });
  afterEach(async () => {
    model.closeAllConnections();
    await shop.close();
  });

  it('appears with its source and its reason, in the language of the shopper, the same in every channel', async () => {
    const web = await listOf(shop);
    expect(idsOf(web)[0]).to.equal('camping-rope');
    expect(web.items[0]!.source).to.equal('STYLE');
    expect(web.items[0]!.reasons[0]).to.deep.equal({
      code: 'MATCHES_STYLE',
      text: 'In the style of “tent for camping”',
    });
    const german = await listOf(shop, shopperContext('s1', 'WEB', { locale: 'de-CH' }));
    expect(german.items[0]!.reasons[0]!.text).to.equal('Im Stil von „tent for camping“');
    const voice = await listOf(shop, shopperContext('s1', 'VOICE'));
    expect(voice.decisionId).to.equal(web.decisionId);
    expect(idsOf(voice)).to.deep.equal(idsOf(web).slice(0, 5));
    expect(voice.speech.text).to.contain('In the style of “tent for camping”');
  });

  it('gets what the shopper viewed only if personalization is permitted', async () => {
    await grant(shop, 's1');
    await record(shop, 's1', 'PRODUCT_VIEWED', ['coffee-press']);
    await listOf(shop);
    await listOf(shop, shopperContext('s2'));
    expect(received).to.deep.equal([['coffee-press'], []]);
  });

  it('obeys ranking rules, the stock of the store and what the shopper dismissed', async () => {
    answer = proposing(
      { id: 'camping-rope', score: 9 },
      { id: 'coffee-grinder', score: 9 },
      { id: 'camping-mat', score: 9 },
    );
    const saved = await shop.ask('mutation ($rule: JSON!) { saveRankingRule(rule: $rule) }', {
      role: 'MERCHANDISER',
      variables: { rule: { id: 'no-rope', target: { ids: ['camping-rope'] }, effect: 'hide' } },
    });
    expect(saved.errors).to.equal(undefined);
    await grant(shop, 's1');
    await record(shop, 's1', 'PRODUCT_DISMISSED', ['camping-mat']);
    // There is no grinder in Zurich.
    const list = await listOf(shop, shopperContext('s1', 'KIOSK', { storeId: 'zurich' }));
    expect(idsOf(list)).not.to.include.members(['camping-rope']);
    expect(idsOf(list)).not.to.include.members(['coffee-grinder']);
    expect(idsOf(list)).not.to.include.members(['camping-mat']);
    expect(list.omitted).to.deep.include({
      reason: 'OUT_OF_STOCK_IN_STORE',
      product: { id: 'coffee-grinder' },
    });
    expect(list.degraded).to.equal(false);
  });

  const failures: Readonly<Record<string, readonly [typeof answer, RegExp]>> = {
    'never replies': [() => undefined, /took longer than 100 ms/],
    'replies with an error': [(_, response) => response.writeHead(500).end('no'), /JSON/],
    'replies with a negative score': [
      proposing({ id: 'camping-rope', score: -1 }),
      /the recommender style proposed a score of -1; it must be positive/,
    ],
    'names a product twice': [
      proposing({ id: 'camping-rope', score: 1 }, { id: 'camping-rope', score: 1 }),
      /the recommender style proposed the internal id \d+ twice/,
    ],
  };
  for (const [way, [reply, message]] of Object.entries(failures)) {
    it(`is left out if the model ${way}: the list says degraded, log and metric name the plugin`, async () => {
      answer = reply;
      const asked = listOf(shop);
      const list = way === 'never replies' ? await late(shop, 100, asked) : await asked;
      expect(list.degraded).to.equal(true);
      expect(idsOf(list)).to.have.members(everything);
      expect(list.items.every(({ source }) => source !== 'STYLE')).to.equal(true);
      const line = shop.system.log.lines.find(({ fields }) => fields.plugin === 'external-recommender')!;
      expect(line.message).to.equal('a contribution was left out');
      expect((line.fields.err as Error).message).to.match(message);
      const metrics = await fetch(`${shop.url}/metrics`, { headers: { 'x-api-key': testKeys.ADMIN } });
      expect(await metrics.text()).to.contain(
        'rapport_contributions_left_out_total{plugin="external-recommender",point="recommender"} 1',
      );
    });
  }
});

function contributing(recommender: Partial<Recommender>, sdl = ''): Plugin {
  const whole: Recommender = {
    name: 'other',
    source: 'POPULAR',
    reason: 'POPULAR',
    blend: { home: 1 },
    create: () => ({ propose: () => ({ items: [], scores: [], causes: [], length: 0 }) }),
    ...recommender,
  };
  return definePlugin({
    name: 'contributor',
    provides: null,
    needs: [],
    ...(sdl === '' ? {} : { sdl }),
    create: () => ({ port: null, contributes: { recommender: [whole] } }),
  });
}

describe('A contributed recommender is refused at boot', () => {
  const faults: Readonly<Record<string, readonly [Partial<Recommender>, RegExp]>> = {
    'with a source that the graph does not have': [
      { source: 'STYLE' },
      /the recommender "other" of contributor uses STYLE, which RecommendationSource does not have; declare it/,
    ],
    'with a reason that the graph does not have': [
      { reason: 'WEATHER', phrases: { WEATHER: { en: { without: 'It rains' } } } },
      /uses WEATHER, which ReasonCode does not have/,
    ],
    'with the name of one of Rapport': [
      { name: 'session' },
      /"session" of contributor has the name of another/,
    ],
    'with a name that is no camel case': [{ name: 'Other-1' }, /has no name in camel case/],
    'with a weight in an unknown placement': [
      { blend: { hoem: 1 } },
      /has a weight for the placement "hoem"; there are home, product/,
    ],
    'with a negative weight': [{ blend: { home: -1 } }, /has the weight -1 in home; above 0 and at most 10/],
    'with a deadline of an hour': [{ deadlineMs: 3_600_000 }, /has a deadline of 3600000 ms; 1 to 1000/],
    'with phrases for a reason of Rapport': [
      { phrases: { POPULAR: { en: { without: 'Loved' } } } },
      /has phrases for POPULAR, a reason of Rapport/,
    ],
  };
  for (const [way, [recommender, message]] of Object.entries(faults)) {
    it(way, async () => {
      const opened = await openTestShop([contributing(recommender)]).then(
        (gateway) => gateway.close().then(() => null),
        (error: unknown) => error as Error,
      );
      expect(opened?.message).to.match(message);
    });
  }
});

describe('A contributed recommender that learns', () => {
  /** Proposes what was added to carts, by how often. */
  function counting(version: number, restores: { count: number }): Recommender {
    return {
      name: 'carted',
      source: 'POPULAR',
      reason: 'POPULAR',
      blend: { home: 10 },
      version,
      create(index) {
        const counts = new Map<string, number>();
        return {
          propose: (_, limit) =>
            candidatesOf(
              index,
              [...counts]
                .map(([productId, score]) => ({ productId, score }))
                .sort((a, b) => b.score - a.score)
                .slice(0, limit),
            ),
          learn(events) {
            for (const { type, productIds } of events)
              if (type === 'PRODUCT_ADDED_TO_CART')
                for (const id of productIds) counts.set(id, (counts.get(id) ?? 0) + 1);
          },
          save: () => [...counts],
          restore(state: readonly (readonly [string, number])[]) {
            restores.count++;
            for (const [id, count] of state) counts.set(id, count);
          },
        };
      },
    };
  }

  let dataDir: string;
  before(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-recommender-'));
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  it('learns permitted events only, and knows them after a restart, from its snapshot or from the log', async () => {
    const restores = { count: 0 };
    const open = (version: number) => openTestShop([contributing(counting(version, restores))], { dataDir });
    let shop = await open(1);
    await openShop(shop);
    await grant(shop, 'yes');
    await grant(shop, 'no', 'DENIED');
    const carted = (productId: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        messageId: `${productId} ${at}`,
        type: 'PRODUCT_ADDED_TO_CART',
        productIds: [productId],
      }));
    const recordAll = (sessionId: string, events: readonly unknown[]) =>
      shop.ask(
        'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted } }',
        { role: 'SERVER', variables: { context: shopperContext(sessionId), events } },
      );
    await recordAll('yes', [...carted('camping-bag', 300), ...carted('camping-mat', 200)]);
    for (const part of [0, 1, 2])
      await recordAll(
        'no',
        carted('coffee-scale', 400)
          .slice(0, 400)
          .map((event) => ({ ...event, messageId: `${part} ${event.messageId}` })),
      );
    const best = ['camping-bag', 'camping-mat'];
    expect(idsOf(await listOf(shop)).slice(0, 2)).to.deep.equal(best);
    await shop.close();
    shop = await open(1);
    expect(restores.count, 'the same version').to.equal(1);
    expect(idsOf(await listOf(shop)).slice(0, 2)).to.deep.equal(best);
    await shop.close();
    shop = await open(2);
    expect(restores.count, 'another version').to.equal(1);
    while (
      !idsOf(await listOf(shop))
        .slice(0, 2)
        .includes('camping-mat')
    )
      await new Promise((resolve) => setImmediate(resolve));
    expect(idsOf(await listOf(shop)).slice(0, 2)).to.deep.equal(best);
    await shop.close();
  });
});
