import { expect } from 'chai';
import fc from 'fast-check';
import { createPeopleRetraining } from '../../plugins/recommendations/learning/model-retraining.js';
import type { Proposal } from '../../plugins/recommendations/model-registry/versions.js';
import { createPeopleIndex } from '../../plugins/recommendations/next-basket/people-index.js';
import {
  type Basket,
  createPeopleModel,
  type PeopleModel,
  purchasesToLearn,
} from '../../plugins/recommendations/next-basket/people-model.js';
import type { Part } from '../../plugins/recommendations/snapshots/stored.js';
import { createTestClock, createTestLog } from '../support/boot.js';
import { runs } from '../support/runs.js';

const dayMs = 86_400_000;
const weekly = (...baskets: number[][]): Basket[] =>
  baskets.map((items, at) => ({ items, atMs: at * 7 * dayMs }));
/** Everything is bought again after a fortnight. */
const fortnight = (_: number, timesMs: readonly number[], nowMs: number) =>
  (nowMs - timesMs[0]!) / (14 * dayMs);

function learned(people: readonly (readonly Basket[])[]): PeopleModel {
  const model = createPeopleModel(fortnight);
  for (const [person, history] of people.entries()) {
    for (const { items, atMs } of history) model.add(`p${person}`, items, atMs);
  }
  return model;
}

function learn(model: PeopleModel) {
  const learning = model.learn();
  for (;;) {
    const step = learning.next();
    if (step.done) return step.value;
  }
}

describe('model of people', () => {
  it('answers what people with a like history bought next, and what of the history speaks for it', () => {
    const model = learned([
      ...Array.from({ length: 6 }, () => weekly([1], [2], [3])),
      ...Array.from({ length: 20 }, () => weekly([7], [8], [9])),
    ]);
    const { items, causes } = model.predict(weekly([7], [1], [2]), 30 * dayMs, 60);
    const at = items.indexOf(3);
    expect(at).to.be.within(0, 4);
    expect([1, 2]).to.include(causes[at]);
    expect(causes[items.indexOf(9)]).to.equal(7);
    expect(causes[items.indexOf(2)]).to.equal(2);
  });

  it('keeps a person’s history together over years, and makes nobody their own neighbour', () => {
    const model = createPeopleModel(fortnight);
    model.add('a', [1], 0);
    model.add('a', [2], 700 * dayMs);
    expect(model.people).to.equal(1);
    expect([...model.predict(weekly([1]), dayMs, 9).items]).to.have.members([1, 2]);
    expect([...model.predict(weekly([1]), dayMs, 9, 'a').items]).to.deep.equal([1]);
  });

  it('has nothing to say to somebody without a history, and their own purchases for whom nobody is like', () => {
    const model = learned([weekly([1], [2])]);
    expect(model.predict([], 0, 9).length).to.equal(0);
    const { items, causes } = model.predict(weekly([5]), dayMs, 9);
    expect([[...items], [...causes]]).to.deep.equal([[5], [5]]);
  });

  it('learns to expect what comes every other week, and shows it on people it has not learned from', () => {
    const people = Array.from({ length: 150 }, (_, person) =>
      weekly([1, 2], [1, 3 + (person % 3)], [1, 2], [1, 3 + (person % 3)]),
    );
    const model = learned(people);
    const { learned: weights, comparison } = learn(model);
    expect(comparison.questions).to.equal(12);
    expect(comparison.now).to.be.above(0.9);
    expect(comparison.gain).to.be.closeTo(comparison.now - comparison.before, 1e-9);
    model.use(weights);
    expect([...model.predict(weekly([1, 2], [1, 4], [1, 2]), 21 * dayMs, 2).items]).to.have.members([1, 4]);
    // The same people teach the same, and leave the model as it was.
    expect(learn(learned(people)).learned).to.deep.equal(weights);
  });

  it('refuses an item number that would cost its size in memory', () => {
    expect(() => createPeopleModel(fortnight).add('a', [2 ** 24], 0)).to.throw(RangeError);
  });
});

describe('learning from people beside serving', () => {
  it('proposes what it learned, as evaluated on held-out people, once there is enough of it', () => {
    const people = Array.from({ length: 150 }, (_, person) =>
      weekly([1, 2], [1, 3 + (person % 3)], [1, 2], [1, 3 + (person % 3)]),
    );
    const model = learned(people);
    const clock = createTestClock();
    const proposals: Proposal[] = [];
    let purchases = purchasesToLearn - 1;
    const learning = createPeopleRetraining(
      () => ({
        ...model,
        people: model.people,
        get purchases() {
          return purchases;
        },
      }),
      {
        versions: () => ({
          propose: (proposal) => {
            proposals.push(proposal);
            return Promise.resolve(true);
          },
          inUse: () => 3,
          learnedFrom: () => 0,
        }),
        failed: (error) => expect.fail(String(error)),
        host: { clock, log: createTestLog() },
      },
    );
    const go = () => {
      learning.consider();
      clock.advance(60_000);
    };
    go();
    expect(proposals).to.have.length(0);
    purchases++;
    go();
    expect(proposals).to.have.length(1);
    const [{ set, against, interactions, metrics }] = proposals as [Proposal];
    expect({ set, against, interactions }).to.deep.equal({
      set: 'people',
      against: 3,
      interactions: purchases,
    });
    expect(metrics['NDCG@10']).to.be.above(0.9);
    go();
    expect(proposals).to.have.length(1);
  });
});

describe('index of people', () => {
  const order = fc.record({
    person: fc.nat(12),
    items: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 4 }),
  });

  it('holds each person’s newest orders whatever is forgotten, also when it was stored meanwhile', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), fc.nat(60), (orders, storedAt) => {
        const options = { sessionsPerItem: 8, sessionsMax: 6 };
        let people = createPeopleIndex(options);
        /** By number: whose, and their orders. */
        const expected: { key: number; history: Basket[] }[] = [];
        for (const [at, { person, items }] of orders.entries()) {
          if (at === storedAt) {
            const parts: Part[] = [...people.save()].map((part) => structuredClone(part));
            people = createPeopleIndex(options);
            for (const part of parts)
              people.restore(
                part,
                Int32Array.from({ length: 10 }, (_, item) => item),
              );
          }
          const basket = { items, atMs: at * dayMs };
          people.add(person, items, basket.atMs);
          const alive = expected.findLast(
            ({ key }, number) => key === person && number >= expected.length - 6,
          );
          if (alive) alive.history.push(basket);
          else expected.push({ key: person, history: [basket] });
        }
        for (const [number, { key, history }] of expected.entries()) {
          if (number < expected.length - 6) continue;
          expect(people.find(key)).to.equal(number);
          expect(people.historyOf(number)).to.deep.equal(history);
        }
        expect(people.baskets).to.equal(orders.length);
        expect(people.find(99)).to.equal(-1);
      }),
      { numRuns: runs(60) },
    );
  });

  it('lets a person go on as another one after 64 purchases, and finds thousands of people', () => {
    const people = createPeopleIndex({ sessionsPerItem: 8, sessionsMax: 4096 });
    for (let at = 0; at < 100; at++) people.add(7, [at], at * dayMs);
    expect(people.find(7)).to.equal(1);
    expect(people.historyOf(1)).to.have.length(36);
    for (let key = 100; key < 5000; key++) people.add(key, [1], dayMs);
    for (let key = 1000; key < 5000; key++) expect(people.historyOf(people.find(key))).to.have.length(1);
    expect(people.find(7)).to.equal(-1);
  });
});
