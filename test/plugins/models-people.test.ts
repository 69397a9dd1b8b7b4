import { expect } from 'chai';
import { type Basket, createBasketModel } from '../../plugins/recommendations/models/baskets.js';
import { createPurchaseModel } from '../../plugins/recommendations/models/purchases.js';
import { createReorderIntervals } from '../../plugins/recommendations/models/reorder-intervals.js';

const dayMs = 86_400_000;
const weekly = (...baskets: number[][]): Basket[] =>
  baskets.map((items, at) => ({ items, atMs: at * 7 * dayMs }));

describe('basket model', () => {
  const histories = Array.from({ length: 60 }, (_, person) =>
    weekly([1, 2], [1, 3 + (person % 3)], [1, 2], [1, 3 + (person % 3)]),
  );
  const learned = () => {
    const model = createBasketModel();
    for (const [person, history] of histories.entries()) {
      for (const basket of history) model.add(`p${person}`, basket);
    }
    return model;
  };

  it('puts a person’s own habits before what everybody buys', () => {
    const { items } = learned().predict(weekly([5], [5], [5]), 21 * dayMs, 3);
    expect(items[0]).to.equal(5);
  });

  it('answers with what is popular to somebody without a history', () => {
    const { items, ripeness } = learned().predict([], 0, 2);
    expect([...items]).to.deep.equal([1, 2]);
    expect(ripeness.every(Number.isNaN)).to.equal(true);
  });

  it('learns to expect what comes every other week', () => {
    const model = learned();
    const learning = model.learn(histories);
    let step = learning.next();
    while (!step.done) step = learning.next();
    model.use(step.value);
    const { items } = model.predict(weekly([1, 2], [1, 4], [1, 2]), 21 * dayMs, 2);
    expect([...items]).to.have.members([1, 4]);
  });

  it('tells how much of the usual interval has passed', () => {
    const model = learned();
    const at = (days: number) => {
      const { items, ripeness } = model.predict(weekly([2], [], [2]), days * dayMs, 1);
      expect(items[0]).to.equal(2);
      return ripeness[0]!;
    };
    expect(at(14)).to.equal(0);
    expect(at(28)).to.be.closeTo(1, 0.35);
    expect(at(42)).to.be.closeTo(2 * at(28), 1e-4);
  });
});

describe('reorder intervals', () => {
  it('draws a person’s own gaps toward everybody’s, as far as they are few', () => {
    const intervals = createReorderIntervals();
    expect(intervals.expectMs(1, [])).to.equal(null);
    for (let times = 0; times < 100; times++) intervals.learn(1, 30 * dayMs);
    expect(intervals.expectMs(1, [])! / dayMs).to.be.closeTo(30, 0.01);
    const once = intervals.expectMs(1, [10 * dayMs])! / dayMs;
    const often =
      intervals.expectMs(
        1,
        Array.from({ length: 20 }, () => 10 * dayMs),
      )! / dayMs;
    expect(once).to.be.within(15, 25);
    expect(often).to.be.within(10, 12);
  });
});

describe('purchase model', () => {
  it('keeps a person’s history together over years', () => {
    const model = createPurchaseModel();
    for (const person of ['a', 'b', 'c']) {
      model.add(person, 1, 0);
      model.add(person, 2, 700 * dayMs);
    }
    expect(model.sessions).to.equal(3);
    expect(model.predict([1], 1).items[0]).to.equal(2);
  });
});
