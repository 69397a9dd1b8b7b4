import { expect } from 'chai';
import { createRepeatRule } from '../../plugins/recommendations/ranking/repeat-rule.js';
import { createBuyAgain } from '../../plugins/recommendations/recommenders/buy-again.js';
import { createReplenishment } from '../../plugins/recommendations/recommenders/replenishment/replenishment.js';
import { openShop, type Shop } from '../support/shop.js';

const dayMs = 86_400_000;
const range = ['coffee', 'filters', 'mugs', 'tea', 'honey'].map((id) => ({
  id,
  title: id,
  categoryIds: ['pantry'],
  prices: [{ amount: '5', currency: 'EUR' }],
}));

interface Expected {
  readonly at: string;
  readonly from: string;
  readonly to: string;
}

let shop: Shop;

/** Days pass; on each, those shoppers order whose turn it is. */
async function trade(
  days: number,
  orders: Readonly<Record<string, readonly [every: number, products: readonly string[]]>>,
) {
  for (let day = 0; day < days; day++) {
    for (const [who, [every, products]] of Object.entries(orders)) {
      if (day % every === 0) await shop.did(who, 'ORDER_COMPLETED', products);
    }
    shop.clock.advance(dayMs);
  }
}

async function reorder(who: string) {
  const answer = await shop.ask(`{
    shopper(context: { channel: WEB, sessionId: "${who}" }) {
      reorder { items { source product { id } reasons { code } expected { at from to } } }
    }
  }`);
  expect(answer.errors).to.equal(undefined);
  const items = answer.at('shopper.reorder.items') as readonly {
    readonly product: { readonly id: string };
    readonly expected: Expected | null;
  }[];
  const nowMs = shop.clock.nowMs();
  return new Map(
    items.map(({ product, expected }) => [
      product.id,
      expected && {
        at: (Date.parse(expected.at) - nowMs) / dayMs,
        from: (Date.parse(expected.from) - nowMs) / dayMs,
        to: (Date.parse(expected.to) - nowMs) / dayMs,
      },
    ]),
  );
}

describe('what is bought again', () => {
  beforeEach(async () => {
    shop = await openShop();
    await shop.save(range);
    for (const who of ['ada', 'ben', 'cy', 'new']) await shop.consented(who);
  });
  afterEach(() => shop.close());

  it('comes with the days between which it is expected, by the shopper’s own pace', async () => {
    await trade(121, { ada: [10, ['coffee', 'filters']], ben: [40, ['coffee']], cy: [20, ['coffee']] });
    const [ada, ben] = [(await reorder('ada')).get('coffee')!, (await reorder('ben')).get('coffee')!];
    // Bought yesterday, every ten days by one and every forty by the other.
    expect(ada.at).to.be.within(6, 16);
    expect(ben.at)
      .to.be.within(20, 50)
      .and.greaterThan(1.8 * ada.at);
    for (const { at, from, to } of [ada, ben]) {
      expect(from).to.be.within(0, at);
      expect(to).to.be.greaterThan(at);
    }
  });

  it('is expected by what others take, and less exactly, while the shopper has bought it once', async () => {
    expect(await reorder('new')).to.deep.equal(
      new Map(
        (await shop.recommend('new', { placement: 'reorder' })).items.map(({ product }) => [
          product.id,
          null,
        ]),
      ),
    );
    await shop.did('new', 'ORDER_COMPLETED', ['coffee']);
    expect((await reorder('new')).get('coffee')).to.equal(null);
    await trade(121, { ada: [10, ['coffee']], ben: [10, ['coffee']], cy: [60, ['honey']] });
    await shop.did('new', 'ORDER_COMPLETED', ['tea']);
    await shop.did('ada', 'ORDER_COMPLETED', ['coffee']);
    const tea = (await reorder('new')).get('tea')!;
    const coffee = (await reorder('ada')).get('coffee')!;
    expect(tea.at).to.be.within(5, 60);
    expect(tea.to / tea.from).to.be.greaterThan(1.2 * (coffee.to / coffee.from));
  });

  it('is later the longer it has not been bought, and never in the past', async () => {
    await trade(101, { ada: [10, ['coffee']] });
    let before = 0;
    for (let wait = 0; wait < 4; wait++) {
      const { at, from } = (await reorder('ada')).get('coffee')!;
      expect(from).to.be.greaterThan(0);
      const fromStart = at + 9 * wait;
      expect(fromStart).to.be.greaterThan(before);
      before = fromStart;
      shop.clock.advance(9 * dayMs);
    }
    shop.clock.stand(2000 * dayMs);
    expect((await reorder('ada')).get('coffee')).to.equal(null);
  });

  it('is kept from who does not allow personalization', async () => {
    await trade(41, { ada: [10, ['coffee']] });
    expect((await reorder('ada')).get('coffee')).not.to.equal(null);
    await shop.consented('ada', 'WITHDRAWN');
    expect([...(await reorder('ada')).values()]).to.deep.equal(range.map(() => null));
  });
});

describe('a product that was bought, in a list that replenishes', () => {
  it('comes back when it is due by the person’s pace at other products, too', () => {
    const replenishment = createReplenishment();
    for (let person = 0; person < 50; person++) {
      for (let time = 0; time < 4; time++) {
        for (const item of [0, 1])
          replenishment.learn(`p${person}`, { item, categoryIds: [], atMs: time * 40 * dayMs });
      }
    }
    const shelf = { categories: () => [] };
    const buyAgain = createBuyAgain({ replenishment }, shelf);
    const mayRepeat = createRepeatRule({ shelf, buyAgain, category: () => null, repeatPolicies: new Map() });
    const once: readonly [number, readonly number[]] = [0, [100 * dayMs]];
    const others = Array.from(
      { length: 8 },
      (_, item) => [item + 2, [100, 90, 80].map((day) => day * dayMs)] as const,
    );
    const dueAt = (day: number, purchases: ReadonlyMap<number, readonly number[]>) =>
      mayRepeat(0, purchases, 'replenish', day * dayMs);
    const usual = new Map<number, readonly number[]>([once]);
    const quick = new Map<number, readonly number[]>([once, ...others]);
    expect(dueAt(102, quick)).to.equal(false);
    expect(dueAt(124, quick)).to.equal(true);
    expect(dueAt(124, usual)).to.equal(false);
    expect(dueAt(145, usual)).to.equal(true);
    expect(mayRepeat(1, usual, 'exclude', 0)).to.equal(true);
    expect(mayRepeat(0, usual, 'exclude', 400 * dayMs)).to.equal(false);
    expect(mayRepeat(0, usual, 'allow', 100 * dayMs)).to.equal(true);
  });
});
