import { expect } from 'chai';
import { queue as queuePlugin } from '../../plugins/queue/plugin.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { describeDrivers } from '../contracts/drivers.js';
import { everything, grant, openShop, record, shopperContext } from '../journeys/shop.js';
import { bootPlugins } from '../support/boot.js';
import { type Answer, testKeys } from '../support/gateway.js';
import { backendsOf } from './backends.js';
import { openProcess, type RunningProcess, untilSo } from './processes.js';
import { witnessedSpec } from './witness.js';

/** `TRIALS=100` tries each promise a hundred times and prints how long it took. */
const trials = Number(process.env.TRIALS ?? 3);

/** Two gateways and a worker, each a process of its own, on MongoDB (`MONGODB_URL`) and Redis (`REDIS_URL`). */
describeDrivers('several processes', ['bull'], () => {
  let one: RunningProcess;
  let other: RunningProcess;
  let worker: RunningProcess;
  const backends = backendsOf('processes');
  const figures: string[] = [];

  before(async function () {
    this.timeout(90_000);
    [one, other, worker] = await Promise.all([
      openProcess('gateway', backends),
      openProcess('gateway', backends),
      openProcess('worker', backends),
    ]);
    await openShop(one);
  });
  after(async function () {
    this.timeout(60_000);
    const codes = await Promise.all([one, other, worker].map((each) => each?.stop()));
    if (figures.length > 0) {
      const head = '| in the answer of the other gateway | trials | p50 ms | p99 ms | at most ms |';
      console.log([head, '| --- | --- | --- | --- | --- |', ...figures].join('\n'));
    }
    expect(codes).to.deep.equal([0, 0, 0]);
  });
  beforeEach(function () {
    this.currentTest!.timeout(60_000 + trials * 4_000);
  });

  /** Tries what is acknowledged by one gateway and asked of another, in both directions. */
  async function fresh(
    what: string,
    trial: (writer: RunningProcess, reader: RunningProcess, n: number) => Promise<number>,
  ): Promise<void> {
    const took: number[] = [];
    for (let n = 0; n < trials; n++) {
      took.push(await (n % 2 === 0 ? trial(one, other, n) : trial(other, one, n)));
    }
    took.sort((a, b) => a - b);
    const at = (share: number) => Math.round(took[Math.max(0, Math.ceil(share * took.length) - 1)]!);
    figures.push(`| ${what} | ${trials} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`);
  }

  it('a view is in the answer of the other gateway', () =>
    fresh('a view', async (writer, reader, n) => {
      const sessionId = `viewer-${n}`;
      await grant(writer, sessionId);
      await record(writer, sessionId, 'PRODUCT_VIEWED', [everything[n % 12]!]);
      await untilSo('the first view', async () => (await viewed(reader, sessionId)).length === 1);
      const id = everything[(n + 1) % 12]!;
      await record(writer, sessionId, 'PRODUCT_VIEWED', [id]);
      return untilSo('a view', async () => (await viewed(reader, sessionId))[0] === id);
    }));

  it('a decision about consent holds on the other gateway', () =>
    fresh('a consent decision', async (writer, reader, n) => {
      const sessionId = `decider-${n}`;
      await grant(writer, sessionId);
      await untilSo('a grant', async () => (await personalization(reader, sessionId)) === 'CONSENTED');
      await grant(writer, sessionId, 'WITHDRAWN');
      return untilSo('a withdrawal', async () => (await personalization(reader, sessionId)) === 'NO_CONSENT');
    }));

  it('200 decisions of one shopper at once, through both gateways: none is contended, none acknowledged is lost', async () => {
    const sessionId = 'decides-often';
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) => grant(i % 2 ? one : other, sessionId, 'DENIED', 'SERVER')),
    );
    // A slow machine may pass the deadline of the operation; such a decision is not acknowledged.
    const refused = results.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
    expect(refused.filter((text) => !text.includes('GRAPHQL_FIELD_DEADLINE'))).to.deep.equal([]);
    const answer = await asked(
      one,
      'query ($context: ShopperContext!) { shopper(context: $context) { consentHistory { hash } } }',
      { context: shopperContext(sessionId) },
    );
    const history = answer.at('shopper.consentHistory') as { hash: string }[];
    expect(new Set(history.map(({ hash }) => hash)).size).to.be.at.least(200 - refused.length);
  });

  it('stock that is gone is gone on the other gateway', () =>
    fresh('a stock change', async (writer, reader, n) => {
      const productId = everything[n % 12]!;
      const sell = (quantity: number) =>
        must(
          writer,
          'mutation ($entries: [StockInput!]!) { payload: setStock(entries: $entries) { userErrors { message } } }',
          { entries: [null, 'berne', 'zurich'].map((storeId) => ({ productId, storeId, quantity })) },
        );
      await sell(0);
      const took = await untilSo('sold out', async () => !(await isInStock(reader, productId)));
      await sell(7);
      await untilSo('in stock again', () => isInStock(reader, productId));
      return took;
    }));

  it('a saved product is shown and found on the other gateway', () =>
    fresh('a saved product', async (writer, reader, n) => {
      const id = `grater-${n}`;
      const save = (title: string) =>
        must(
          writer,
          'mutation ($products: [ProductInput!]!) { payload: saveProducts(products: $products) { userErrors { message } } }',
          { products: [{ id, title, prices: [{ amount: '9.90', currency: 'EUR' }] }] },
        );
      await save('Old grater');
      await untilSo('the old title', async () => {
        const answer = await asked(reader, 'query ($id: ID!) { product(id: $id) { title } }', { id });
        return answer.at('product.title') === 'Old grater';
      });
      const title = `Zwiebel${word(n)} grater`;
      await save(title);
      return untilSo('a new title', async () => {
        const answer = await asked(
          reader,
          'query ($id: ID!, $context: ShopperContext!, $query: String!) { product(id: $id) { title } shopper(context: $context) { search(query: $query) { products { nodes { id } } } } }',
          { id, context: shopperContext(`finder-${n}`), query: `zwiebel${word(n)}` },
        );
        const found = answer.at('shopper.search.products.nodes') as { id: string }[];
        return answer.at('product.title') === title && found.some((each) => each.id === id);
      });
    }));

  it('a synonym finds on the other gateway', () =>
    fresh('a synonym', async (writer, reader, n) => {
      const own = `quixo${word(n)}`;
      await must(
        writer,
        'mutation ($synonym: SynonymInput!) { payload: saveSynonym(synonym: $synonym) { userErrors { message } } }',
        { synonym: { kind: 'ONE_WAY', input: own, terms: ['camping'] } },
        'MERCHANDISER',
      );
      return untilSo('a synonym', async () => {
        const answer = await asked(
          reader,
          'query ($context: ShopperContext!, $query: String!) { shopper(context: $context) { search(query: $query) { total appliedSynonyms } } }',
          { context: shopperContext(`synonym-${n}`), query: own },
        );
        return (answer.at('shopper.search.total') as number) > 0;
      });
    }));

  it('a person who was recognised is recognised by the other gateway, with their past', () =>
    fresh('a recognised customer', async (writer, reader, n) => {
      const [phone, laptop] = [`phone-${n}`, `laptop-${n}`];
      const id = everything[n % 12]!;
      for (const sessionId of [phone, laptop]) await grant(writer, sessionId);
      await record(writer, phone, 'PRODUCT_VIEWED', [id]);
      await viewed(reader, laptop);
      for (const sessionId of [phone, laptop]) {
        await must(
          writer,
          'mutation ($context: ShopperContext!, $customer: CustomerInput!) { payload: identify(context: $context, customer: $customer) { userErrors { message } } }',
          { context: shopperContext(sessionId), customer: { id: `customer-${n}` } },
        );
      }
      await grant(writer, laptop, 'GRANTED', 'SERVER');
      return untilSo('the past of the phone', async () => (await viewed(reader, laptop, 'SERVER'))[0] === id);
    }));

  it('a fact of any gateway has its effect once, on the worker', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `fact-${i}`);
    await Promise.all(
      ids.map((id, i) =>
        must(
          i % 2 ? one : other,
          'mutation ($products: [ProductInput!]!) { payload: saveProducts(products: $products) { userErrors { message } } }',
          { products: [{ id, title: `Fact ${i}` }] },
        ),
      ),
    );
    const system = await bootPlugins([storePlugin, queuePlugin], {
      environment: { RAPPORT_STORE_URL: backends.store, RAPPORT_ROLE: 'gateway' },
    });
    try {
      const witnessed = await system.port('store').collection(witnessedSpec);
      await untilSo(
        'every fact',
        async () => (await witnessed.getMany(ids)).every((each) => each !== null),
        20_000,
      );
      const times = (await witnessed.getMany(ids)).map((each) => each!.times);
      expect(times).to.deep.equal(ids.map(() => 1));
    } finally {
      await system.close();
    }
  });

  it('a worker answers only for its health, and says so', async () => {
    expect((await fetch(`${worker.url}/health/ready`)).status).to.equal(200);
    const headers = { 'x-api-key': testKeys.ADMIN };
    expect((await fetch(`${worker.url}/metrics`)).status).to.equal(401);
    expect((await fetch(`${worker.url}/metrics`, { headers })).status).to.equal(200);
    for (const path of ['/graphql', '/v1/batch', '/showcase']) {
      const answer = await fetch(`${worker.url}${path}`, { method: path === '/showcase' ? 'GET' : 'POST' });
      expect(answer.status, path).to.equal(404);
      expect(await answer.text(), path).to.contain('This process is a worker');
    }
  });
});

async function asked(
  process: RunningProcess,
  query: string,
  variables: Record<string, unknown>,
  role: 'STOREFRONT' | 'SERVER' = 'STOREFRONT',
): Promise<Answer> {
  const answer = await process.ask(query, { variables, role });
  if (answer.errors) throw new Error(answer.text);
  return answer;
}

async function must(
  process: RunningProcess,
  query: string,
  variables: Record<string, unknown>,
  role: 'SERVER' | 'MERCHANDISER' = 'SERVER',
): Promise<void> {
  const answer = await process.ask(query, { role, variables });
  if (answer.errors || (answer.at('payload.userErrors') as unknown[]).length > 0)
    throw new Error(answer.text);
}

async function viewed(
  process: RunningProcess,
  sessionId: string,
  role: 'STOREFRONT' | 'SERVER' = 'STOREFRONT',
): Promise<readonly string[]> {
  const answer = await asked(
    process,
    'query ($context: ShopperContext!) { shopper(context: $context) { recentlyViewed { id } } }',
    { context: shopperContext(sessionId) },
    role,
  );
  return (answer.at('shopper.recentlyViewed') as { id: string }[]).map(({ id }) => id);
}

async function personalization(process: RunningProcess, sessionId: string): Promise<unknown> {
  const answer = await asked(
    process,
    'query ($context: ShopperContext!) { shopper(context: $context) { personalization { applied reason } } }',
    { context: shopperContext(sessionId) },
  );
  return answer.at('shopper.personalization.reason');
}

async function isInStock(process: RunningProcess, id: string): Promise<boolean> {
  const answer = await asked(process, 'query ($id: ID!) { product(id: $id) { inStock } }', { id });
  return answer.at('product.inStock') as boolean;
}

/** Letters, since numbers are not corrected and not stemmed either, but no shopper writes them in words. */
function word(n: number): string {
  return [...String(n)].map((digit) => 'bdfgklmnpt'[Number(digit)]).join('a');
}
