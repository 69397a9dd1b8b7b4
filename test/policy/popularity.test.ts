import { expect } from 'chai';
import { createModels } from '../../plugins/recommendations/models.js';
import { createMoments } from '../../plugins/recommendations/recommenders/moments.js';
import type { EventType } from '../../src/ports/events.js';
import { eventOf } from '../support/shop-event.js';
import { shelfOf } from './shelf.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const beganMs = Date.UTC(2026, 2, 2, 12);
const shelf = shelfOf([
  { id: 'then', brand: 'one', categories: ['a', 'b', 'c', 'd', 'e', 'f'] },
  { id: 'now', brand: 'one', categories: ['a'] },
]);

/** How popular `then` is beside `now`, when people cared for it so many days earlier. */
function ratio(daysBefore: number, kind: 'popularity' | 'trend', type: EventType = 'PRODUCT_VIEWED'): number {
  const { begin } = createModels(shelf, { peopleMin: 1, storefrontOrders: 1, unpermitted: 'no' });
  const statistics = begin();
  const cared = (id: string, atMs: number, doing: EventType) => {
    for (let person = 0; person < 20; person++)
      statistics.learn([eventOf(doing, atMs, [id], { sessionId: `${id} ${person}` })]);
  };
  cared('then', beganMs, type);
  cared('now', beganMs + daysBefore * dayMs, 'PRODUCT_VIEWED');
  const { items, scores } = statistics[kind].overall(2);
  const of = (id: string) =>
    scores[Array.from({ length: 2 }, (_, at) => items[at]!).indexOf(shelf.numberOf(id))]!;
  return of('then') / of('now');
}

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('popularity', () => {
  it('is halved in two weeks', () => {
    expect(ratio(14, 'popularity')).to.be.within(0.35, 0.65);
    expect(ratio(1, 'popularity')).to.be.within(0.9, 1);
  });

  it('is halved in a day for what is trending', () => {
    expect(ratio(1, 'trend')).to.be.within(0.35, 0.65);
    expect(ratio(14, 'trend')).to.be.lessThan(0.01);
  });

  it('rises by an order as by five views', () => {
    expect(ratio(0, 'popularity', 'ORDER_COMPLETED')).to.be.within(3.5, 7);
  });

  it('counts in the first three categories of a product, and for its brand', () => {
    const { begin } = createModels(shelf, { peopleMin: 1, storefrontOrders: 1, unpermitted: 'no' });
    const { learn, popularity } = begin();
    learn([eventOf('PRODUCT_VIEWED', beganMs, ['then'])]);
    const found = ['a', 'b', 'c', 'd', 'e', 'f'].filter((id) => popularity.inCategory(id, 10).length > 0);
    expect(found).to.deep.equal(['a', 'b', 'c']);
    expect(popularity.ofBrand('one', 10).length).to.equal(1);
  });
});

describe('what is popular at a time', () => {
  const tie = (a: number, b: number) => a - b;
  const at = (hour: number, weeksAgo = 0) => beganMs - 12 * hourMs + hour * hourMs - weeksAgo * 7 * dayMs;
  /** Product 0 is looked at at nine, product 1 at 21 o'clock; both by so many. */
  function habits(looks: number, weeksAgo = 0) {
    const moments = createMoments(tie);
    for (let n = 0; n < looks; n++) {
      moments.learn(0, 1, at(9, weeksAgo));
      moments.learn(1, 1, at(21, weeksAgo));
    }
    return moments;
  }
  const named = (hour: number, moments = habits(100)) => Array.from(moments.ofTheWeek(at(hour)).items);

  it('means the same four hours', () => {
    expect(named(11)).to.deep.equal([0]);
    expect(named(8)).to.deep.equal([0]);
    expect(named(14)).to.deep.equal([]);
    expect(named(22)).to.deep.equal([1]);
  });

  it('means working days apart from weekends', () => {
    expect(Array.from(habits(100).ofTheWeek(at(9) + dayMs).items)).to.deep.equal([0]);
    expect(Array.from(habits(100).ofTheWeek(at(9) + 5 * dayMs).items)).to.deep.equal([]);
  });

  it('is not proven by one or two looks', () => {
    expect(named(9, habits(1))).to.deep.equal([]);
    expect(named(9, habits(4))).to.deep.equal([0]);
  });

  it('forgets half of a habit of the week in four weeks', () => {
    const moments = habits(100, 4);
    for (let n = 0; n < 100; n++) {
      moments.learn(2, 1, at(9));
      moments.learn(1, 1, at(21));
    }
    const { items, scores } = moments.ofTheWeek(at(9));
    const of = (item: number) => scores[Array.from(items).indexOf(item)]!;
    expect(of(0) / of(2)).to.be.within(0.35, 0.65);
  });

  it('needs a tenth more interest than otherwise', () => {
    const lifted = (more: number) => {
      const moments = createMoments(tie);
      for (let n = 0; n < 2_000; n++) {
        for (const hour of [9, 21]) {
          moments.learn(0, hour === 9 ? 1 + more : 1, at(hour));
          moments.learn(1, 1, at(hour));
        }
      }
      return Array.from(moments.ofTheWeek(at(9)).items);
    };
    expect(lifted(0.1)).to.deep.equal([]);
    expect(lifted(0.9)).to.deep.equal([0]);
  });
});
