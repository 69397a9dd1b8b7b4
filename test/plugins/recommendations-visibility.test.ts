import { expect } from 'chai';
import type { ContextInput } from '../../src/context.js';
import { openShop, type Shop } from '../support/shop.js';

const secret = 'Zaphodium';
const listOf = `decisionId items { position score product { id title status }
  reasons { code text because { id title status } } } omitted { reason product { id title } }
  speech { text ssml }`;

describe('what is not published', () => {
  let shop: Shop;

  async function open(): Promise<void> {
    shop = await openShop({ environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
    await shop.save([
      { id: 'draft', title: `${secret} kettle`, brand: 'Secret', status: 'DRAFT', categoryIds: ['tea'] },
      { id: 'old', title: `${secret} teapot`, brand: 'Secret', status: 'ARCHIVED', categoryIds: ['tea'] },
      ...Array.from({ length: 12 }, (_, at) => ({
        id: `p${at}`,
        title: at % 2 === 0 ? `Kettle ${at}` : `Teapot ${at}`,
        brand: at % 3 === 0 ? 'Secret' : 'Acme',
        categoryIds: ['tea'],
      })),
    ]);
    for (let session = 0; session < 8; session++) {
      for (const id of ['draft', 'p1', 'old', 'p2', 'p3'])
        await shop.did(`s${session}`, 'PRODUCT_VIEWED', [id]);
      await shop.did(`s${session}`, 'ORDER_COMPLETED', ['draft', 'p1', 'old', 'p4']);
    }
  }

  async function asked(session: string, field: string, role: 'STOREFRONT' | 'SERVER' = 'STOREFRONT') {
    const input: ContextInput = { channel: 'WEB', sessionId: session };
    const answer = await shop.ask(
      `query ($context: ShopperContext!) { shopper(context: $context) { ${field} } }`,
      { role },
      { context: input },
    );
    expect(answer.errors).to.equal(undefined);
    return answer.at('shopper');
  }

  describe('to a storefront', () => {
    before(open);
    after(() => shop.close());

    for (const placement of ['product', 'similar', 'bought-together', 'cart', 'home', 'post-purchase']) {
      for (const id of ['draft', 'old']) {
        it(`is as an unknown product to ${placement} when it is ${id}`, async () => {
          const ask = (named: string) =>
            asked('fresh', `recommendations(placement: "${placement}", productId: "${named}") { ${listOf} }`);
          const answer = JSON.stringify(await ask(id));
          expect(answer).to.equal(JSON.stringify(await ask('nobody')));
          expect(answer).to.not.include(secret);
        });

        it(`is as an unknown product in the cart of ${placement} when it is ${id}`, async () => {
          const ask = (named: string) =>
            asked(
              'fresh',
              `recommendations(placement: "${placement}", cart: ["p5", "${named}"]) { ${listOf} }`,
            );
          expect(JSON.stringify(await ask(id))).to.equal(JSON.stringify(await ask('nobody')));
        });
      }
    }
  });

  describe('whatever is done with it', () => {
    beforeEach(open);
    afterEach(() => shop.close());

    it('is named nowhere by what a shopper did with it', async () => {
      for (const session of ['s1', 's2', 'd']) {
        await shop.did(session, 'PRODUCT_VIEWED', ['draft']);
        await shop.did(session, 'PRODUCT_ADDED_TO_CART', ['draft', 'old']);
        const answer = await asked(
          session,
          `recentlyViewed { id title } reorder { ${listOf} }
          ${[
            'home',
            'product',
            'cart',
            'similar',
            'recently-viewed',
            'trending',
            'bought-together',
            'post-purchase',
          ]
            .map((name, at) => `l${at}: recommendations(placement: "${name}") { ${listOf} }`)
            .join(' ')}`,
        );
        expect(JSON.stringify(answer)).to.not.match(/Zaphodium|"draft"|"old"/);
      }
    });

    it('teaches nothing about a draft by pretending to have looked at it', async () => {
      const field = `recommendations(placement: "home") { ${listOf} }`;
      await shop.did('spy', 'PRODUCT_VIEWED', ['draft']);
      const blank = (await asked('nobody', field)) as { recommendations: unknown };
      expect(await asked('spy', field)).to.deep.equal(blank);
    });

    it('is still there for a server that prepares its page', async () => {
      const answer = await asked(
        'fresh',
        `recommendations(placement: "similar", productId: "draft") { ${listOf} }`,
        'SERVER',
      );
      expect(JSON.stringify(answer)).to.include(`${secret} kettle`);
    });

    it('leaves an answer even if it is unpublished while the answer is being made', async () => {
      const asking = asked('s1', `recommendations(placement: "similar", productId: "p1") { ${listOf} }`);
      await shop.save(['p0', 'p1', 'p2', 'p3', 'p4'].map((id) => ({ id, title: secret, status: 'DRAFT' })));
      const after = asked('s1', `recommendations(placement: "similar", productId: "p1") { ${listOf} }`);
      expect(JSON.stringify(await asking)).to.not.include(secret);
      expect(JSON.stringify(await after)).to.not.include(secret);
    });
  });
});
