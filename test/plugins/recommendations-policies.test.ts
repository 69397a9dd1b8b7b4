import { expect } from 'chai';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { createRandom } from '../support/boot.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;
const ids = (list: RecommendationList) => list.items.map(({ product }) => product.id);

/** Sixty products: category 0 holds 0 to 9 and so on; five brands, in turn. */
const range = Array.from({ length: 60 }, (_, at) => ({
  id: `p${at}`,
  brand: `brand ${at % 5}`,
  categoryIds: [`c${Math.floor(at / 10)}`],
}));
const categoryOf = (id: string) => Math.floor(Number(id.slice(1)) / 10);

let shop: Shop;

async function open(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  shop = await openShop({ environment });
  await shop.save(range);
}

/** Shoppers who keep to one category, and sometimes stray. */
async function trade(sessions: number): Promise<void> {
  const random = createRandom(11);
  const any = (from: number, count: number) => `p${from + Math.floor(random() * count)}`;
  await Promise.all(
    Array.from({ length: sessions }, async (_, session) => {
      const home = 10 * (session % 6);
      for (let i = 0; i < 4; i++) {
        await shop.did(`other-${session}`, 'PRODUCT_VIEWED', [random() < 0.8 ? any(home, 10) : any(0, 60)]);
      }
    }),
  );
}

describe('policies of recommendations', () => {
  afterEach(() => shop.close());

  describe('what was just looked at', () => {
    it('stays in the list of home, behind three products that are news', async () => {
      await open({ RAPPORT_RECOMMENDATIONS_EXPLORE: '0' });
      // Everybody goes to and fro between two products, so that the likeliest next look is at one just left.
      const looked = ['p1', 'p2', 'p1', 'p2'];
      for (let session = 0; session < 30; session++) {
        for (const id of looked) await shop.did(`other-${session}`, 'PRODUCT_VIEWED', [id]);
        if (session < 8) await shop.did(`another-${session}`, 'PRODUCT_VIEWED', [`p${30 + session}`]);
      }
      await shop.consented('ada');
      for (const id of looked) await shop.did('ada', 'PRODUCT_VIEWED', [id]);
      const shown = ids(await shop.recommend('ada', { placement: 'home', first: 20 }));
      expect(shown.slice(0, 3).filter((id) => looked.includes(id))).to.deep.equal([]);
      expect(shown).to.include('p1');
    });
  });

  describe('what was bought', () => {
    const categories = [
      { id: 'pantry', name: 'Pantry' },
      { id: 'coffee', name: 'Coffee', parentId: 'pantry' },
      { id: 'beans', name: 'Beans', parentId: 'coffee' },
      { id: 'machines', name: 'Machines', parentId: 'coffee' },
      { id: 'wine', name: 'Wine' },
      { id: 'other', name: 'Other' },
    ];
    const products = ['beans', 'machines', 'wine', 'other', 'pantry'].map((category) => ({
      id: category,
      categoryIds: [category],
    }));

    async function bought(policies: string): Promise<void> {
      shop = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_REPEAT: policies } });
      const { userErrors } = await shop.port('catalog').saveCategories(categories);
      expect(userErrors).to.deep.equal([]);
      await shop.save([...products, { id: 'never bought', categoryIds: ['wine'] }]);
      await shop.consented('ada');
      for (let week = 0; week < 3; week++) {
        await shop.did(
          'ada',
          'ORDER_COMPLETED',
          products.map(({ id }) => id),
        );
        shop.clock.advance(7 * dayMs);
      }
      await shop.did(
        'ada',
        'ORDER_COMPLETED',
        products.map(({ id }) => id),
      );
    }
    const offered = async (placement = 'home') => {
      const list = ids(await shop.recommend('ada', { placement, first: 100 }));
      expect(list).to.include('never bought');
      return list.filter((id) => id !== 'never bought').sort();
    };

    it('follows the nearest category above that has a policy, else the placement', async () => {
      await bought('pantry=exclude,coffee=replenish,machines=exclude,wine=allow');
      expect(await offered()).to.deep.equal(['wine']);
      shop.clock.advance(6 * dayMs);
      // Due again: beans by coffee's policy, the rest by that of the placement.
      expect(await offered()).to.deep.equal(['beans', 'other', 'wine']);
      expect(await offered('post-purchase')).to.deep.equal(['beans', 'wine']);
    });

    it('holds in every placement that may repeat', async () => {
      await bought('pantry=exclude');
      const list = ids(await shop.recommend('ada', { placement: 'reorder', first: 100 }));
      expect(list.sort()).to.deep.equal(['other', 'wine']);
    });

    it('is refused where it cannot be read, with what is allowed', async () => {
      await open();
      const failed = await openShop({
        environment: { RAPPORT_RECOMMENDATIONS_REPEAT: 'wine=sometimes' },
      }).then(
        () => null,
        (error: Error) => error.message,
      );
      expect(failed).to.contain('wine=sometimes').and.contain('exclude, allow, replenish');
    });
  });

  describe('diversity', () => {
    const differing = (list: RecommendationList) => {
      const shown = ids(list).slice(0, 10);
      return new Set(shown.map(categoryOf)).size;
    };

    it('makes no list of one kind out of one click', async () => {
      await open();
      await trade(120);
      for (const [at, clicked] of ['p3', 'p17', 'p44'].entries()) {
        await shop.consented(`new-${at}`);
        await shop.did(`new-${at}`, 'PRODUCT_VIEWED', [clicked]);
        const list = await shop.recommend(`new-${at}`, {});
        expect(list.items[0]!.reasons[0]!.because?.id).to.equal(clicked);
        expect(differing(list), ids(list).join(' ')).to.be.at.least(3);
        const same = ids(list)
          .slice(0, 10)
          .filter((id) => categoryOf(id) === categoryOf(clicked));
        expect(same.length, ids(list).join(' ')).to.be.within(2, 7);
      }
    });

    it('can be asked for, from the likeliest first to as different as can be', async () => {
      await open();
      await trade(120);
      await shop.consented('ada');
      await shop.did('ada', 'PRODUCT_VIEWED', ['p3', 'p4']);
      const lists = await Promise.all([0, 0.3, 1].map((diversity) => shop.recommend('ada', { diversity })));
      const [none, , most] = lists.map(differing);
      expect(most).to.be.at.least(none!);
      expect(new Set(lists.map(({ decisionId }) => decisionId)).size).to.equal(3);
      expect(ids(await shop.recommend('ada', { diversity: null }))).to.deep.equal(
        ids(await shop.recommend('ada', {})),
      );
      const answer = await shop.ask(
        '{ shopper(context: { channel: WEB, sessionId: "ada" }) { recommendations(placement: "home", diversity: 1) { items { product { id } } } } }',
      );
      expect(answer.at('shopper.recommendations.items.1.product.id')).to.equal(ids(lists[2]!)[1]);
      for (const diversity of [-0.1, 1.1, Number.NaN]) {
        const error = await shop.recommend('ada', { diversity }).catch((thrown: unknown) => thrown);
        expect(error).to.include({ kind: 'invalid', code: 'RECOMMENDATIONS_DIVERSITY_INVALID' });
        expect((error as Error).message).to.contain('0 to 1');
      }
    });
  });

  describe('trials', () => {
    const moments = Array.from({ length: 30 }, (_, round) => round);

    it('are the same for all blank visitors of a moment in every channel, and end when they are switched off', async () => {
      const seen = new Map<string, string[]>();
      for (const share of ['0', '0.1']) {
        await open({ RAPPORT_RECOMMENDATIONS_EXPLORE: share });
        await trade(60);
        const lists: string[] = [];
        for (const round of moments) {
          shop.clock.advance(600_000);
          const query = { placement: round % 2 ? 'home' : 'search-empty', first: 12 };
          const web = await shop.recommend(`one-${round}`, query);
          const app = await shop.recommend(`two-${round}`, query, { channel: 'APP' });
          expect(JSON.stringify(app)).to.equal(JSON.stringify(web));
          const kiosk = ids(await shop.recommend(`three-${round}`, query, { channel: 'KIOSK' }));
          const voice = ids(await shop.recommend(`four-${round}`, query, { channel: 'VOICE' }));
          expect(kiosk).to.deep.equal(ids(web).filter((id) => kiosk.includes(id)));
          expect(voice).to.deep.equal(ids(web).filter((id) => voice.includes(id)));
          expect(web.items).to.have.lengthOf(12);
          lists.push(ids(web).slice(0, 10).join(' '));
        }
        seen.set(share, lists);
        if (share === '0') await shop.close();
      }
      const differing = moments.filter((round) => seen.get('0')![round] !== seen.get('0.1')![round]);
      expect(differing.length).to.be.greaterThan(10);
      for (const round of differing) {
        const [plain, tried] = ['0', '0.1'].map((share) => seen.get(share)![round]!.split(' '));
        expect(tried!.slice(0, 9)).to.deep.equal(plain!.slice(0, 9));
      }
    });

    it('say why they are there', async () => {
      await open();
      await trade(60);
      for (const _ of moments) {
        shop.clock.advance(600_000);
        const list = await shop.recommend('blank', {});
        const { product, source, reasons } = list.items[9]!;
        expect(reasons).not.to.have.lengthOf(0);
        if (source === 'NEW') expect(reasons[0]!.code).to.equal('NEW_ARRIVAL');
        else expect(reasons[0]!.code, product.id).to.match(/^POPULAR/);
      }
    });

    it('are bounded by what can be asked for', async () => {
      await open();
      const failed = await openShop({ environment: { RAPPORT_RECOMMENDATIONS_EXPLORE: '0.2' } }).then(
        () => null,
        (error: Error) => error.message,
      );
      expect(failed).to.contain('RAPPORT_RECOMMENDATIONS_EXPLORE');
    });
  });
});
