import { expect } from 'chai';
import type { RapportClientError } from '../../plugins/client/browser/api.js';
import { createClient } from '../../plugins/client/browser/client.js';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { grant, openShop, record, shopperContext, viewCoffee } from './shop.js';

describe('Changes as they happen, over server-sent events', () => {
  let gateway: TestGateway;
  const closes: (() => void)[] = [];
  before(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
  });
  after(async () => {
    for (const close of closes) close();
    await gateway?.close();
  });

  /** Opens a subscription; `next` resolves to the next event, in order. */
  function open<T>(
    document: string,
    variables: Record<string, unknown> = {},
    key: string = testKeys.STOREFRONT,
  ) {
    const client = createClient({ url: gateway.url, key });
    const ready: T[] = [];
    let resume: (() => void) | null = null;
    let failure: RapportClientError | null = null;
    const stream = client.subscribe<T>(document, variables, {
      next(data) {
        ready.push(data);
        resume?.();
      },
      error(error) {
        failure = error;
        resume?.();
      },
    });
    const close = () => {
      stream.close();
      void client.close();
    };
    closes.push(close);
    return {
      close,
      async next(): Promise<T> {
        while (ready.length === 0 && failure === null)
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        if (ready.length === 0) throw failure;
        return ready.shift()!;
      },
      async failure(): Promise<RapportClientError> {
        while (failure === null)
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        return failure;
      },
      waiting: ready,
    };
  }

  const setStock = (quantity: number) =>
    gateway.ask(
      `mutation { setStock(entries: [{ productId: "coffee-kettle", quantity: ${quantity} }, { productId: "coffee-kettle", storeId: "berne", quantity: 0 }, { productId: "coffee-kettle", storeId: "zurich", quantity: 0 }]) { userErrors { message } } }`,
      { role: 'SERVER' },
    );

  it('report stock and price of the products asked for, beginning with the present ones', async () => {
    type Event = { stockChanged: { id: string; inStock: boolean; price: { amount: string } } | null };
    const stream = open<Event>(
      'subscription ($ids: [ID!]!) { stockChanged(productIds: $ids, context: { channel: WEB, currency: "CHF" }) { id inStock price { amount } } }',
      { ids: ['coffee-kettle', 'coffee-press'] },
    );
    const [kettle, press] = [await stream.next(), await stream.next()];
    expect(kettle.stockChanged).to.include({ id: 'coffee-kettle', inStock: true });
    expect(press.stockChanged).to.include({ id: 'coffee-press' });
    await setStock(0);
    expect((await stream.next()).stockChanged).to.include({ id: 'coffee-kettle', inStock: false });
    await gateway.ask(
      'mutation { setPrices(entries: [{ productId: "coffee-beans", amount: "1.00", currency: CHF }, { productId: "coffee-press", amount: "5.00", currency: CHF }]) { userErrors { message } } }',
      { role: 'SERVER' },
    );
    expect((await stream.next()).stockChanged?.price).to.deep.equal({ amount: '5.00' });
    expect(stream.waiting, 'nothing of other products').to.deep.equal([]);
  });

  it("report a list anew after the shopper's own events, and after nobody else's", async () => {
    await viewCoffee(gateway);
    type Event = { recommendationsChanged: { personalized: boolean; items: { product: { id: string } }[] } };
    const stream = open<Event>(
      'subscription ($context: ShopperContext!) { recommendationsChanged(context: $context, placement: "recently-viewed", first: 3) { personalized items { product { id } } } }',
      { context: shopperContext('ada') },
    );
    await grant(gateway, 'ada');
    expect((await stream.next()).recommendationsChanged.items[0]?.product.id).to.not.equal('camping-tent');
    await record(gateway, 'p-1', 'PRODUCT_VIEWED', ['camping-stove']);
    await record(gateway, 'ada', 'PRODUCT_VIEWED', ['camping-tent']);
    const { recommendationsChanged: list } = await stream.next();
    expect(list.items[0]!.product.id).to.equal('camping-tent');
    expect(stream.waiting).to.deep.equal([]);
  });

  it('report a decision about consent that was made in another channel', async () => {
    type Event = { consentChanged: { personalization: { applied: boolean } } };
    const stream = open<Event>(
      'subscription ($context: ShopperContext!) { consentChanged(context: $context) { personalization { applied } } }',
      { context: shopperContext('bea') },
    );
    const applied = async () => (await stream.next()).consentChanged.personalization.applied;
    expect(await applied()).to.equal(false);
    await grant(gateway, 'bea');
    expect(await applied()).to.equal(true);
    await gateway.ask(
      'mutation ($context: ShopperContext!) { setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: WITHDRAWN }]) { userErrors { message } } }',
      { variables: { context: shopperContext('bea', 'KIOSK') } },
    );
    expect(await applied()).to.equal(false);
  });

  it('report customers who enter and leave a segment', async () => {
    const ask = async (text: string, role: 'SERVER' | 'MERCHANDISER') =>
      expect((await gateway.ask(text, { role })).errors).to.equal(undefined);
    const decide = (status: string) =>
      ask(
        `mutation { setConsent(context: { channel: WEB, customerId: "cleo" }, decisions: [{ purpose: PERSONALIZATION, status: ${status} }]) { userErrors { message } } }`,
        'SERVER',
      );
    await ask(
      'mutation { saveSegment(segment: { id: "gold", name: "Gold", condition: { trait: "plan", in: ["gold"] } }) { userErrors { message } } }',
      'MERCHANDISER',
    );
    await ask(
      'mutation { identify(context: { channel: WEB }, customer: { id: "cleo", traits: { plan: "gold" } }) { userErrors { message } } }',
      'SERVER',
    );
    type Event = { segmentMembershipChanged: { customerId: string; member: boolean } };
    const stream = open<Event>(
      'subscription { segmentMembershipChanged(segmentId: "gold") { segmentId customerId member at } }',
      {},
      testKeys.SERVER,
    );
    // The first one may come before the stream is open, so the decision is made until it is there.
    const first = stream.next();
    let isThere = false;
    void first.then(() => {
      isThere = true;
    });
    for (let n = 0; !isThere && n < 100; n++) {
      gateway.system.clock.advance(1_000);
      await decide(n % 2 === 0 ? 'GRANTED' : 'WITHDRAWN');
      await gateway.system.port('queue').idle();
    }
    const { customerId, member } = (await first).segmentMembershipChanged;
    expect(customerId).to.equal('cleo');
    gateway.system.clock.advance(1_000);
    await decide(member ? 'WITHDRAWN' : 'GRANTED');
    expect((await stream.next()).segmentMembershipChanged).to.include({
      customerId: 'cleo',
      member: !member,
    });
  });

  it('refuse unknown products and placements when the stream is opened', async () => {
    const unknown = await open('subscription { stockChanged(productIds: ["nothing"]) { id } }').failure();
    expect(unknown).to.include({ code: 'CATALOG_PRODUCT_UNKNOWN', kind: 'missing' });
    expect(unknown.message).to.include('nothing');
    const none = await open('subscription { stockChanged(productIds: []) { id } }').failure();
    expect(none).to.include({ code: 'CATALOG_WATCHED_PRODUCTS' });
    const placement = await open(
      'subscription { recommendationsChanged(context: { channel: WEB }, placement: "nowhere") { decisionId } }',
    ).failure();
    expect(placement).to.include({ kind: 'invalid' });
  });

  it('become one event while a client is slow', async () => {
    type Event = { stockChanged: { inStock: boolean } };
    const stream = open<Event>('subscription { stockChanged(productIds: ["coffee-kettle"]) { inStock } }');
    await stream.next();
    await Promise.all(Array.from({ length: 20 }, (_, i) => setStock(i % 2)));
    await setStock(7);
    while (!(await stream.next()).stockChanged.inStock);
    expect(stream.waiting.length).to.be.below(20);
  });
});
