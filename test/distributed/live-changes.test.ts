import { expect } from 'chai';
import { createClient } from '../../plugins/client/browser/client.js';
import { describeDrivers } from '../contracts/drivers.js';
import { everything, grant, openShop, record, shopperContext } from '../journeys/shop.js';
import { openCuttable } from '../support/cuttable.js';
import { testKeys } from '../support/gateway.js';
import { backendsOf } from './backends.js';
import { openProcess, type RunningProcess, untilSo } from './processes.js';

const shownWithinMs = 1_000;
const productId = everything[0]!;

/** Streams of one gateway, changes by another one, on MongoDB (`MONGODB_URL`) and Redis (`REDIS_URL`). */
describeDrivers('streams of several processes', ['bull'], () => {
  let writer: RunningProcess;
  let reader: RunningProcess;
  let worker: RunningProcess;
  const backends = backendsOf('streams');

  before(async function () {
    this.timeout(90_000);
    [writer, reader, worker] = await Promise.all([
      openProcess('gateway', backends),
      openProcess('gateway', backends),
      openProcess('worker', backends),
    ]);
    await openShop(writer);
  });
  after(async function () {
    this.timeout(60_000);
    await Promise.all([writer, reader, worker].map((each) => each?.stop()));
  });
  beforeEach(function () {
    this.currentTest!.timeout(60_000);
  });

  function open<T>(url: string, document: string, variables: Record<string, unknown>) {
    const client = createClient({ url, key: testKeys.STOREFRONT });
    const events: T[] = [];
    client.subscribe<T>(document, variables, { next: (event) => events.push(event) });
    return { events, close: () => client.close() };
  }

  /** Opens a stream, waits for the present state, and measures how long a change takes until the stream has it. */
  async function changed<T>(
    document: string,
    variables: Record<string, unknown>,
    change: () => Promise<unknown>,
    isSo: (event: T) => boolean,
  ): Promise<void> {
    const stream = open<T>(reader.url, document, variables);
    await untilSo('the present state', async () => stream.events.length > 0);
    expect(stream.events.some(isSo), 'it is so before the change').to.equal(false);
    await change();
    const tookMs = await untilSo('the change', async () => stream.events.some(isSo));
    console.log(`      ${Math.round(tookMs)} ms after the acknowledgement`);
    expect(tookMs).to.be.lessThan(shownWithinMs);
    await stream.close();
  }

  async function setStock(quantity: number): Promise<void> {
    const { errors, text } = await writer.ask(
      'mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { userErrors { message } } }',
      {
        role: 'SERVER',
        variables: {
          entries: [null, 'berne', 'zurich'].map((storeId) => ({ productId, storeId, quantity })),
        },
      },
    );
    if (errors) throw new Error(text);
  }

  type Stock = { stockChanged: { inStock: boolean } | null };
  const stock = 'subscription ($ids: [ID!]!) { stockChanged(productIds: $ids) { inStock } }';

  it('stock that another gateway sets', async () => {
    await setStock(5);
    await untilSo('in stock', async () => {
      const answer = await reader.ask('query ($id: ID!) { product(id: $id) { inStock } }', {
        variables: { id: productId },
      });
      return answer.at('product.inStock') === true;
    });
    await changed<Stock>(
      stock,
      { ids: [productId] },
      () => setStock(0),
      (event) => event.stockChanged?.inStock === false,
    );
  });

  it('consent that is given through another gateway', () =>
    changed<{ consentChanged: { personalization: { applied: boolean } } }>(
      'subscription ($context: ShopperContext!) { consentChanged(context: $context) { personalization { applied } } }',
      { context: shopperContext('stream-consent') },
      () => grant(writer, 'stream-consent'),
      (event) => event.consentChanged.personalization.applied,
    ));

  it('a list after a view that another gateway recorded', async () => {
    const sessionId = 'stream-list';
    await grant(writer, sessionId);
    await untilSo('consent', async () => {
      const answer = await reader.ask(
        'query ($context: ShopperContext!) { shopper(context: $context) { personalization { applied } } }',
        { variables: { context: shopperContext(sessionId) } },
      );
      return answer.at('shopper.personalization.applied') === true;
    });
    await changed<{ recommendationsChanged: { items: readonly { product: { id: string } }[] } }>(
      'subscription ($context: ShopperContext!) { recommendationsChanged(context: $context, placement: "recently-viewed") { items { product { id } } } }',
      { context: shopperContext(sessionId) },
      () => record(writer, sessionId, 'PRODUCT_VIEWED', [everything[4]!]),
      (event) => event.recommendationsChanged.items[0]?.product.id === everything[4],
    );
  });

  it('go on with the present state at another gateway, after a change that nobody was connected for', async () => {
    await setStock(3);
    const balancer = await openCuttable('127.0.0.1', Number(new URL(reader.url).port));
    const stream = open<Stock>(`http://127.0.0.1:${balancer.port}`, stock, { ids: [productId] });
    await untilSo('in stock', async () => stream.events.at(-1)?.stockChanged?.inStock === true);
    await balancer.cut();
    await setStock(0);
    balancer.moveTo(Number(new URL(writer.url).port));
    await balancer.restore();
    await untilSo('sold out', async () => stream.events.at(-1)?.stockChanged?.inStock === false);
    await stream.close();
    await balancer.close();
  });
});
