import { expect } from 'chai';
import { createBoughtTogether } from '../../plugins/recommendations/recommenders/bought-together/bought-together.js';
import { bestPlaces } from '../../src/kit/best-places.js';
import type { Candidates } from '../../src/ports/recommenders.js';

const tie = (a: number, b: number) => a - b;
/** Two of them, so that no answer is kept for the next time. */
const seeds = (item: number) => [item, 500].map((each) => ({ item: each, weight: 1 }));
const listed = (row: Candidates) => Array.from({ length: row.length }, (_, at) => row.items[at]!);
const scoreOf = (row: Candidates, item: number) => row.scores[listed(row).indexOf(item)] ?? 0;
/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('what baskets say', () => {
  /** A shop with other trade, so that meeting by chance is rare. */
  function shop(options: { readonly alike?: (item: number) => Candidates } = {}) {
    const model = createBoughtTogether(tie, options);
    let orders = 0;
    const order = (...items: number[]) => model.order(`order ${++orders}`, items);
    let product = 10_000;
    const trade = (count: number) => {
      for (let n = 0; n < count; n++) order(product++, product++);
    };
    return { model, order, trade };
  }

  it('counts a cart that was not paid a third of an order', () => {
    const { model, order, trade } = shop();
    trade(100);
    let carts = 0;
    const cart = (...items: number[]) => {
      carts++;
      for (const item of items) model.cartAdded(`cart ${carts}`, item);
    };
    for (let n = 0; n < 10; n++) {
      order(1, 5);
      cart(1, 6);
    }
    trade(100);
    const row = model.row(1);
    expect(scoreOf(row, 6) / scoreOf(row, 5)).to.be.within(0.1, 0.35);
  });

  it('is worth less the more lines a basket has', () => {
    const { model, order, trade } = shop();
    trade(100);
    for (let n = 0; n < 10; n++) {
      order(1, 5);
      order(1, 6, ...Array.from({ length: 14 }, (_, at) => 100 + 20 * n + at));
    }
    const row = model.row(1);
    expect(scoreOf(row, 6) / scoreOf(row, 5)).to.be.within(0.03, 0.35);
  });

  it('fades to a third within the newest third of the baskets', () => {
    const { model, order, trade } = shop();
    trade(400);
    for (let n = 0; n < 10; n++) order(1, 5);
    trade(300);
    for (let n = 0; n < 10; n++) order(1, 6);
    const row = model.row(1);
    expect(scoreOf(row, 5) / scoreOf(row, 6)).to.be.within(0.08, 0.35);
  });

  it('lets a substitute appear once it was met in two baskets', () => {
    const met = (times: number, likeness: number) => {
      const { model, order, trade } = shop({
        alike: (item) => ({
          items: [item === 1 ? 5 : 1],
          scores: [likeness],
          causes: [-1],
          length: item === 1 || item === 5 ? 1 : 0,
        }),
      });
      trade(400);
      for (let n = 0; n < 30; n++) order(1, 300 + n);
      for (let n = 0; n < times; n++) order(1, 5);
      return listed(model.row(1)).includes(5);
    };
    expect(met(1, 0.3), 'hardly alike, once').to.equal(true);
    expect(met(1, 0.9), 'alike, once').to.equal(false);
    expect(met(3, 0.9), 'alike, three times').to.equal(true);
  });

  it('prefers what is bought less often anyway, a little', () => {
    const { model, order, trade } = shop();
    trade(300);
    for (let n = 0; n < 10; n++) order(1, 5, 6);
    const before = model.row(1);
    expect(scoreOf(before, 5) / scoreOf(before, 6)).to.be.within(0.8, 1.25);
    for (let n = 0; n < 300; n++) order(6, 500 + n);
    for (let n = 0; n < 10; n++) order(1, 5, 6);
    const after = model.row(1);
    expect(scoreOf(after, 5) / scoreOf(after, 6)).to.be.within(1.15, 1.6);
  });

  it('proposes what meets more often than chance explains, by two standard deviations', () => {
    const proposed = (meetings: number) => {
      const { model, order, trade } = shop();
      trade(300);
      for (let n = 0; n < 30; n++) order(7, 6_000 + n);
      for (let n = 0; n < 40; n++) order(1, n < meetings ? 7 : 7_000 + n);
      return listed(model.row(1)).includes(7);
    };
    // By chance it would be three or four.
    expect(proposed(5)).to.equal(false);
    expect(proposed(8)).to.equal(true);
  });

  it('hangs on nothing that was asked before', () => {
    const taught = () => {
      const { model, order, trade } = shop();
      trade(12);
      for (let n = 0; n < 10; n++) {
        order(0, 1);
        order(0, 2);
        order(1, 3);
      }
      return model;
    };
    const asked = taught();
    for (const item of [1, 2, 3, 0, 1, 2]) {
      const before = asked.complete(seeds(item));
      const fresh = taught().complete(seeds(item));
      expect(before.length, String(item)).to.be.greaterThan(0);
      expect(listed(before)).to.deep.equal(listed(fresh));
      expect(Array.from(before.scores)).to.deep.equal(Array.from(fresh.scores));
    }
  });

  it('is chosen by value and, of equal ones at the edge, by place', () => {
    const best = (values: readonly number[], limit: number) => {
      const into = new Int32Array(values.length);
      return Array.from(into.subarray(0, bestPlaces(Float32Array.from(values), values.length, limit, into)));
    };
    expect(best([2, 1, 2, 3, 2, 2], 3)).to.deep.equal([0, 2, 3]);
    expect(best([1, 1, 1, 1], 2)).to.deep.equal([0, 1]);
    expect(best([5, 4, 3, 2], 3)).to.deep.equal([0, 1, 2]);
  });
});
