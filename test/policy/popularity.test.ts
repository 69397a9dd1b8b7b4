import { expect } from 'chai';
import { createModels } from '../../plugins/recommendations/learning/models.js';
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
  // The shop is never silent for more than a day.
  for (let day = 1; day < daysBefore; day++)
    statistics.learn([eventOf('PRODUCT_VIEWED', beganMs + day * dayMs, ['unknown'])]);
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
