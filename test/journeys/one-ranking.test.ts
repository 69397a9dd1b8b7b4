import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';
import { camping, coffee, everything, grant, openShop, recommend, record, shopperContext } from './shop.js';

describe('One shopper, four channels, one ranking', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await openTestGateway(plugins);
    await openShop(gateway);
    for (let i = 0; i < 12; i++) {
      const taste = i % 2 ? coffee : camping;
      await grant(gateway, `other-${i}`);
      for (const id of [taste[i % 6]!, taste[(i + 1) % 6]!, taste[(i + 2) % 6]!])
        await record(gateway, `other-${i}`, 'PRODUCT_VIEWED', [id]);
    }
  });
  afterEach(() => gateway.close());

  it('lets a view change the next answer, for a true reason', async () => {
    await grant(gateway, 'ada');
    const before = await recommend(gateway, shopperContext('ada'));
    await record(gateway, 'ada', 'PRODUCT_VIEWED', ['coffee-kettle']);
    const after = await recommend(gateway, shopperContext('ada'));
    expect(after.ids).not.to.deep.equal(before.ids);
    expect(after.personalization).to.deep.equal({ applied: true, reason: 'CONSENTED' });
    expect(coffee, 'the first product').to.include(after.ids[0]);
    expect(after.items[0]?.reasons.some(({ because }) => because?.id === 'coffee-kettle')).to.equal(true);
  });

  it('shows kiosk and voice a part of what the web shows, in its order, with a reason for each missing product', async () => {
    await grant(gateway, 'ada');
    await record(gateway, 'ada', 'PRODUCT_VIEWED', ['camping-tent']);
    for (const storeId of [null, 'berne', 'zurich']) {
      const lists = new Map<string, Awaited<ReturnType<typeof recommend>>>();
      for (const channel of ['WEB', 'APP', 'KIOSK', 'VOICE']) {
        lists.set(
          channel,
          await recommend(gateway, shopperContext('ada', channel, storeId ? { storeId } : {})),
        );
      }
      const web = lists.get('WEB')!;
      expect(lists.get('APP')!.ids).to.deep.equal(web.ids);
      for (const channel of ['KIOSK', 'VOICE']) {
        const list = lists.get(channel)!;
        expect(list.ids).to.deep.equal(web.ids.filter((id) => list.ids.includes(id)));
        for (const id of web.ids.filter((other) => !list.ids.includes(other)))
          expect(list.omitted.get(id), id).to.be.a('string');
      }
      expect(lists.get('VOICE')!.speech.ssml).to.match(/^<speak>.*<\/speak>$/s);
    }
  });

  it('leaves out what a store does not have, in every channel, and says so', async () => {
    const inZurich = everything.filter((_, i) => i % 3 !== 0);
    for (const channel of ['WEB', 'KIOSK']) {
      const list = await recommend(gateway, shopperContext('ada', channel, { storeId: 'zurich' }));
      expect([...list.ids].sort()).to.deep.equal([...inZurich].sort());
      for (const [, reason] of list.omitted) expect(reason).to.equal('OUT_OF_STOCK_IN_STORE');
    }
  });

  it('removes a product from the next answer when its stock is gone', async () => {
    const [first] = (await recommend(gateway, shopperContext('ada'))).ids;
    const { errors } = await gateway.ask(
      'mutation ($entries: [StockInput!]!) { setStock(entries: $entries) { set userErrors { message } } }',
      {
        role: 'SERVER',
        variables: {
          entries: [null, 'berne', 'zurich'].map((storeId) => ({ productId: first, storeId, quantity: 0 })),
        },
      },
    );
    expect(errors).to.equal(undefined);
    expect((await recommend(gateway, shopperContext('ada'))).ids).not.to.include(first);
  });

  it('answers a shopper who withdrew, in every channel, byte for byte as a blank visitor', async () => {
    await grant(gateway, 'ada');
    for (const id of coffee.slice(0, 4)) await record(gateway, 'ada', 'PRODUCT_VIEWED', [id]);
    await record(gateway, 'ada', 'PRODUCT_DISMISSED', ['camping-tent']);
    await grant(gateway, 'ada', 'WITHDRAWN');
    for (const channel of ['WEB', 'APP', 'KIOSK', 'VOICE']) {
      for (const placement of ['home', 'cart', 'reorder', 'recently-viewed']) {
        const ada = await recommend(gateway, shopperContext('ada', channel), placement);
        const blank = await recommend(gateway, shopperContext('nobody', channel), placement);
        expect(ada.text).to.equal(blank.text);
        expect(ada.personalization).to.deep.equal({ applied: false, reason: 'NO_CONSENT' });
      }
    }
  });

  it('follows a shopper who signs in on another device', async () => {
    await grant(gateway, 'laptop');
    await record(gateway, 'laptop', 'PRODUCT_VIEWED', ['coffee-press']);
    const identify = (sessionId: string) =>
      gateway.ask(
        'mutation ($context: ShopperContext!) { identify(context: $context, customer: { id: "ada", firstName: "Ada" }) { customer { firstName } userErrors { message } } }',
        { role: 'SERVER', variables: { context: shopperContext(sessionId) } },
      );
    expect((await identify('laptop')).at('identify.customer.firstName')).to.equal('Ada');
    await identify('phone');
    await grant(gateway, 'phone', 'GRANTED', 'SERVER');
    const phone = await recommend(gateway, shopperContext('phone', 'APP'), 'home', {}, 'SERVER');
    expect(phone.items[0]?.reasons.some(({ because }) => because?.id === 'coffee-press')).to.equal(true);
    const unproven = await recommend(gateway, shopperContext('phone', 'APP'));
    expect(unproven.text).not.to.contain('VIEWED');
  });

  it('keeps a dismissed product away, and joins shown, clicked and bought on the decision', async () => {
    await grant(gateway, 'ada');
    await record(gateway, 'ada', 'PRODUCT_VIEWED', ['coffee-press']);
    const { ids, decisionId } = await recommend(gateway, shopperContext('ada'));
    const [first, second] = ids;
    await record(gateway, 'ada', 'RECOMMENDATION_SHOWN', ids, { decisionId });
    await record(gateway, 'ada', 'RECOMMENDATION_CLICKED', [first!], { decisionId, position: 1 });
    await record(gateway, 'ada', 'ORDER_COMPLETED', [first!], { value: 10.5, currency: 'EUR' });
    await record(gateway, 'ada', 'PRODUCT_DISMISSED', [second!]);
    expect((await recommend(gateway, shopperContext('ada'))).ids).not.to.include(second);
    const report = await gateway.ask('{ recommendationReport { placement shown clicked bought } }', {
      role: 'MERCHANDISER',
    });
    expect(report.at('recommendationReport')).to.deep.equal([
      { placement: 'home', shown: ids.length, clicked: 1, bought: 1 },
    ]);
  });

  it('lets a synonym hold in the next search, on the web and by voice', async () => {
    const search = (channel: string) =>
      gateway.ask(
        'query ($context: ShopperContext!) { shopper(context: $context) { search(query: "brew vessel") { total appliedSynonyms products { nodes { id } } speech { text } } } }',
        {
          variables: { context: shopperContext('ada', channel) },
        },
      );
    const before = await search('WEB');
    const saved = await gateway.ask(
      'mutation { saveSynonym(synonym: { kind: ONE_WAY, input: "brew vessel", terms: ["kettle"] }) { synonym { id } userErrors { message } } }',
      { role: 'MERCHANDISER' },
    );
    expect(saved.at('saveSynonym.userErrors')).to.deep.equal([]);
    for (const channel of ['WEB', 'VOICE']) {
      const after = await search(channel);
      expect(after.at('shopper.search.products.nodes.0.id'), before.text).to.equal('coffee-kettle');
    }
  });
});
