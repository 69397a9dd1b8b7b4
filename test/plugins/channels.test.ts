import { expect } from 'chai';
import fc from 'fast-check';
import { placements } from '../../plugins/recommendations/ranking/placements.js';
import { applyChannelPolicy } from '../../plugins/recommendations/serving/channel-policy.js';
import { channels } from '../../src/context.js';
import type { Product } from '../../src/ports/catalog.js';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { createRandom } from '../support/boot.js';
import { runs } from '../support/runs.js';
import { openShop, type Shop } from '../support/shop.js';

const ids = (list: RecommendationList) => list.items.map(({ product }) => product.id);

describe('one ranking, four renderings', () => {
  describe('a channel’s policy', () => {
    const ranked = fc.array(
      fc.record({ speakable: fc.boolean(), prices: fc.constantFrom('EUR', 'USD', 'berne', 'none') }),
      { maxLength: 30 },
    );
    const toItem = ({ speakable, prices }: { speakable: boolean; prices: string }, at: number) => {
      const currency = prices === 'USD' ? 'USD' : 'EUR';
      const price = {
        currency,
        amountMinor: 1,
        listAmountMinor: null,
        storeId: prices === 'berne' ? 'berne' : null,
      };
      return {
        product: { id: `p${at}`, speakable, prices: prices === 'none' ? [] : [price] } as unknown as Product,
      };
    };

    it('only takes away, says why for each, and leaves something', () => {
      fc.assert(
        fc.property(
          ranked,
          fc.constantFrom(...channels),
          fc.constantFrom(null, 'berne', 'basel'),
          (entries, channel, storeId) => {
            const items = entries.map(toItem);
            const { kept, omitted } = applyChannelPolicy(
              items,
              {
                channel,
                currency: 'EUR',
                storeId,
                atMs: 0,
              },
              true,
            );
            expect(items.filter((item) => kept.includes(item))).to.deep.equal([...kept]);
            const others = items.filter((item) => !kept.includes(item)).map(({ product }) => product);
            expect(omitted.map(({ product }) => product)).to.deep.equal(others);
            expect(kept.length + omitted.length).to.equal(items.length);
            if (items.length > 0) expect(kept).not.to.have.lengthOf(0);
            if (channel === 'VOICE' && kept.length > 1) {
              expect(kept.every(({ product }) => product.speakable)).to.equal(true);
              expect(kept.length).to.be.at.most(5);
            }
            if (channel === 'KIOSK') expect(kept.length).to.be.at.most(12);
            if (channel === 'WEB' || channel === 'APP')
              expect(omitted.every(({ reason }) => reason === 'NO_PRICE')).to.equal(true);
          },
        ),
      );
    });

    it('names the limit only for what could otherwise be said', () => {
      const items = Array.from({ length: 8 }, (_, at) =>
        toItem({ speakable: at !== 1 && at !== 7, prices: 'EUR' }, at),
      );
      const { kept, omitted } = applyChannelPolicy(
        items,
        {
          channel: 'VOICE',
          currency: 'EUR',
          storeId: null,
          atMs: 0,
        },
        true,
      );
      expect(kept.map(({ product }) => product.id)).to.deep.equal(['p0', 'p2', 'p3', 'p4', 'p5']);
      expect(omitted.map(({ product, reason }) => [product.id, reason])).to.deep.equal([
        ['p1', 'NOT_SPEAKABLE'],
        ['p6', 'CHANNEL_LIMIT'],
        ['p7', 'NOT_SPEAKABLE'],
      ]);
    });
  });

  describe('of random shoppers in random stores', () => {
    let shop: Shop;
    const stores = ['berne', 'basel', 'nowhere'];
    const products = Array.from({ length: 40 }, (_, at) => `p${at}`);
    const random = createRandom(3);
    const any = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

    before(async () => {
      shop = await openShop();
      await shop.save(
        products.map((id, at) => ({
          id,
          title: `${any(['Red', 'Blue', 'Green'])} ${any(['cup', 'pot', 'pan'])} ${at}`,
          brand: any(['Alba', 'Brio', null]),
          categoryIds: [any(['kitchen', 'table'])],
          prices: random() < 0.8 ? [{ amount: String(5 + at), currency: 'EUR' }] : [],
          speakable: random() < 0.8,
        })),
      );
      for (const id of products) {
        for (const store of ['berne', 'basel', 'online']) {
          if (random() < 0.6) await shop.stock(id, store, random() < 0.7 ? 3 : 0);
        }
      }
      for (let i = 0; i < 40; i++) {
        const session = `other-${i % 12}`;
        await shop.did(session, any(['PRODUCT_VIEWED', 'PRODUCT_ADDED_TO_CART'] as const), [any(products)]);
        if (i % 4 === 0) await shop.did(session, 'ORDER_COMPLETED', [any(products), any(products)]);
      }
      for (let i = 0; i < 10; i++) {
        if (i % 3 > 0) await shop.consented(`shopper-${i}`);
        for (let step = 0; step < i; step++) {
          const type = any([
            'PRODUCT_VIEWED',
            'PRODUCT_VIEWED',
            'PRODUCT_ADDED_TO_CART',
            'ORDER_COMPLETED',
            'PRODUCT_DISMISSED',
          ] as const);
          await shop.did(`shopper-${i}`, type, [any(products)]);
        }
      }
    });
    after(() => shop.close());

    it('kiosk and voice hear a part of what the web shows, in its order, and why the rest is missing', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(9),
          fc.constantFrom(null, ...stores),
          fc.constantFrom(...placements.keys()),
          fc.integer({ min: 1, max: 30 }),
          fc.option(fc.constantFrom(...products, 'unknown')),
          fc.array(fc.constantFrom(...products, 'unknown'), { maxLength: 3 }),
          async (who, storeId, placement, first, productId, cart) => {
            const ask = (channel: (typeof channels)[number]) =>
              shop.recommend(`shopper-${who}`, { placement, first, productId, cart }, { channel, storeId });
            const web = await ask('WEB');
            expect(web.items.length).to.be.within(1, first);
            expect(new Set(ids(web)).size).to.equal(web.items.length);
            expect(web.items.map(({ position }) => position)).to.deep.equal(web.items.map((_, at) => at + 1));
            const { shelf } = shop.port('catalog');
            for (const id of ids(web)) {
              expect(shelf.eligible(shelf.numberOf(id)), id).to.equal(true);
              if (storeId !== null && storeId !== 'nowhere') {
                expect(shelf.inStore(shelf.numberOf(id), storeId), id).to.equal(true);
              }
              expect([productId, ...cart]).not.to.include(id);
            }
            for (const omission of web.omitted)
              expect(omission.reason).to.be.oneOf(['OUT_OF_STOCK_IN_STORE', 'NO_PRICE']);
            for (let at = 1; at < web.items.length; at++) {
              expect(web.items[at]!.score).to.be.at.most(web.items[at - 1]!.score);
            }
            const app = await ask('APP');
            expect(app.endCursor()).to.equal(web.endCursor());
            expect({ ...app, endCursor: null }).to.deep.equal({ ...web, endCursor: null });
            for (const channel of ['KIOSK', 'VOICE'] as const) {
              const list = await ask(channel);
              expect(list.decisionId).to.equal(web.decisionId);
              expect(list.items.length).to.be.at.least(1);
              expect(ids(web).filter((id) => ids(list).includes(id))).to.deep.equal(ids(list));
              const omitted = new Map(list.omitted.map(({ product, reason }) => [product.id, reason]));
              for (const id of ids(web)) {
                expect(omitted.has(id), `${id} in ${channel}`).to.equal(!ids(list).includes(id));
              }
              for (const item of list.items) {
                const { position: _, ...onWeb } = web.items.find(({ product }) => product === item.product)!;
                expect(item).to.deep.include(onWeb);
              }
            }
          },
        ),
        { numRuns: runs(150), seed: 11 },
      );
    });
  });
});
