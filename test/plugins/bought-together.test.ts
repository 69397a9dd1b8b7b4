import { expect } from 'chai';
import fc from 'fast-check';
import { createBoughtTogether } from '../../plugins/recommendations/recommenders/bought-together/bought-together.js';
import { significance } from '../../plugins/recommendations/recommenders/bought-together/significance.js';
import type { Part } from '../../plugins/recommendations/snapshots/stored.js';
import { bestPlaces } from '../../src/kit/best-places.js';

const tie = (a: number, b: number) => a - b;
const seeds = (...items: number[]) => items.map((item) => ({ item, weight: 1 }));
const listed = ({ items }: { items: ArrayLike<number> }) => Array.from(items);

describe('what is bought together', () => {
  it('is what meets more often than chance has it, not what is in every basket', () => {
    const model = createBoughtTogether(tie);
    for (let i = 0; i < 60; i++) model.order(`s${i}`, i % 3 === 0 ? [1, 2, 9] : [10 + i, 9]);
    const row = model.row(1);
    expect(row.items[0]).to.equal(2);
    for (let i = 60; i < 90; i++) model.order(`s${i}`, i % 3 === 0 ? [3, 9, 4] : [3, 10 + i]);
    expect(listed(model.row(3)))
      .to.include(4)
      .and.not.include(9);
  });

  it('is known after the first order, from either side', () => {
    const model = createBoughtTogether(tie);
    model.order('s', [4, 7]);
    expect(listed(model.row(4))).to.deep.equal([7]);
    expect(listed(model.row(7))).to.deep.equal([4]);
    expect(model.row(5).length).to.equal(0);
    model.order('t', [5, 7]);
    expect(listed(model.row(5))).to.deep.equal([7]);
    expect(listed(model.row(7))).to.have.members([4, 5]);
  });

  it('learns less from a cart, unlearns what was taken out of it, and forgets a cart that became another order', () => {
    const model = createBoughtTogether(tie);
    for (let i = 0; i < 12; i++) {
      model.cartAdded(`s${i}`, 1);
      model.cartAdded(`s${i}`, 2);
      model.cartAdded(`s${i}`, 3);
      model.cartRemoved(`s${i}`, 3);
    }
    expect(listed(model.row(1))).to.deep.equal([2]);
    expect(model.row(3).length).to.equal(0);
    for (let i = 0; i < 12; i++) model.order(`s${i}`, [1, 4]);
    expect(listed(model.row(1))).to.deep.equal([4]);
    expect(model.row(2).length).to.equal(0);
    const counted = createBoughtTogether(tie);
    for (let i = 0; i < 3; i++) counted.order(`o${i}`, [1, 5]);
    for (let i = 0; i < 3; i++) for (const item of [1, 6]) counted.cartAdded(`c${i}`, item);
    expect(listed(counted.row(1))[0]).to.equal(5);
  });

  it('understands several products together, and names the one that says it loudest', () => {
    const model = createBoughtTogether(tie);
    for (let i = 0; i < 40; i++) {
      model.order(`a${i}`, [1, 100 + (i % 3)]);
      model.order(`b${i}`, [2, 200 + (i % 3)]);
      if (i % 2 === 0) model.order(`c${i}`, [1, 2, 50]);
      model.order(`d${i}`, [300 + i, 400 + i]);
    }
    const both = model.complete(seeds(1, 2));
    expect(both.items[0]).to.equal(50);
    expect(listed(both)).to.not.include(1).and.not.include(2);
    const causes = Object.fromEntries(listed(both).map((item, at) => [item, both.causes[at]]));
    expect([causes[100], causes[200]]).to.deep.equal([1, 2]);
    expect(listed(model.complete(seeds(1)))).to.deep.equal(listed(model.row(1)));
    expect(model.complete([]).length).to.equal(0);
    for (let at = 1; at < both.length; at++) expect(both.scores[at]).to.be.at.most(both.scores[at - 1]!);
  });

  it('has what would do instead only where that was bought with it more than once', () => {
    const alike = (item: number) => {
      const items = item < 4 ? [0, 1, 2, 3].filter((other) => other !== item) : [];
      return { items, scores: items.map(() => 0.9), causes: items.map(() => item), length: items.length };
    };
    const model = createBoughtTogether(tie, { alike });
    for (let i = 0; i < 60; i++) model.order(`s${i}`, [i % 4, 10 + (i % 2)]);
    model.order('twins', [0, 1]);
    expect(listed(model.row(0)))
      .to.include(10)
      .and.not.include(1);
    for (let i = 0; i < 20; i++) model.order(`pair${i}`, [0, 1, 50 + i]);
    expect(listed(model.row(0))).to.include(1);
  });

  it('is never one of those asked with, each once, best first, whatever was bought', () => {
    const order = fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 6 });
    const asked = fc.uniqueArray(fc.nat(18), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), asked, fc.nat(5), (orders, some, step) => {
        const alike = (item: number) => {
          const items = [1, 2, 3, 4].map((by) => (item + by * (step + 1)) % 19).filter((at) => at !== item);
          const distinct = [...new Set(items)];
          const scores = distinct.map((_, at) => 0.9 - 0.2 * at);
          return { items: distinct, scores, causes: distinct, length: distinct.length };
        };
        const model = createBoughtTogether(tie, { alike });
        for (const [number, items] of orders.entries()) model.order(`s${number}`, items);
        const { items, scores, causes, length } = model.complete(seeds(...some));
        const found = Array.from(items).slice(0, length);
        expect(new Set(found).size).to.equal(length);
        if (some.length <= 20) for (const item of some) expect(found).to.not.include(item);
        for (let at = 0; at < length; at++) {
          expect(scores[at]).to.be.within(Number.MIN_VALUE, at === 0 ? 1 : scores[at - 1]!);
          const together = orders.some((one) => one.includes(found[at]!) && one.includes(causes[at]!));
          expect(together, `${found[at]} with ${causes[at]}`).to.equal(true);
        }
      }),
    );
  });

  it('is the same after it was stored, without what is no more', () => {
    const model = createBoughtTogether(tie);
    for (let i = 0; i < 300; i++) model.order(`s${i}`, [i % 7, 10 + (i % 5), 20 + (i % 3)]);
    model.cartAdded('open', 3);
    const parts = [...model.save()].map((part) => structuredClone(part) as Part);
    const same = Int32Array.from({ length: 30 }, (_, item) => item);
    const restored = createBoughtTogether(tie);
    for (const part of parts) restored.restore(part, same);
    const smaller = createBoughtTogether(tie);
    for (const part of parts) smaller.restore(part, same.with(20, -1));
    for (const one of [model, restored]) one.order('open', [3, 25]);
    for (const items of [[3], [3, 11], [0, 12, 21]]) {
      expect(restored.complete(seeds(...items))).to.deep.equal(model.complete(seeds(...items)));
      expect(listed(smaller.complete(seeds(...items)))).to.not.include(20);
    }
  });

  it('weighs the best, of equal ones the earlier', () => {
    const values = fc.array(
      fc.oneof(fc.constantFrom(0, 1, 2, 1e-30), fc.float({ min: 0, max: 3, noNaN: true })),
      {
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (some, limit) => {
        const all = Float32Array.from(some, Math.abs);
        const into = new Int32Array(40);
        const taken = bestPlaces(all, all.length, limit, into);
        const sorted = [...all.keys()].sort((a, b) => all[b]! - all[a]! || a - b).slice(0, limit);
        expect(Array.from(into.subarray(0, taken))).to.deep.equal(sorted.sort((a, b) => a - b));
      }),
    );
  });

  it('tells chance by the root of the likelihood ratio, signed', () => {
    // Dunning 1993, by hand: k11 = k12 = k21 = 5, k22 = 85.
    const hand =
      5 * Math.log((5 * 100) / (10 * 10)) +
      2 * 5 * Math.log((5 * 100) / (10 * 90)) +
      85 * Math.log((85 * 100) / (90 * 90));
    expect(significance(5, 10, 10, 100)).to.be.closeTo(Math.sqrt(2 * hand), 1e-9);
    expect(significance(1, 10, 10, 100)).to.be.closeTo(0, 1e-6);
    expect(significance(0, 50, 50, 100)).to.be.lessThan(-5);
  });
});
