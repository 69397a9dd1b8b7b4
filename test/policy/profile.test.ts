import { expect } from 'chai';
import { createRepeatGuard } from '../../plugins/recommendations/limits/repeat-guard.js';
import { interest, profileOf } from '../../plugins/recommendations/serving/profile.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { eventOf } from '../support/shop-event.js';
import { shelfOf } from './shelf.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = 1_000 * dayMs;
const shelf = shelfOf(
  Array.from({ length: 400 }, (_, at) => ({
    id: `p${at}`,
    brand: `brand ${at % 5}`,
    categories: [`c${at % 5}`],
  })),
);
const id = (number: number) => `p${number}`;
/** A history is read newest first. */
const read = (...events: ShopEvent[]) =>
  profileOf(
    events.sort((a, b) => b.atMs - a.atMs),
    shelf,
    nowMs,
  );
const ago = (days: number, type: EventType, ...numbers: number[]) =>
  eventOf(type, nowMs - days * dayMs, numbers.map(id));
const viewed = (days: number, number: number) => ago(days, 'PRODUCT_VIEWED', number);

/** Each test fails if the constant that it is about becomes three times as large or as small. */
describe('what a history says of a shopper', () => {
  it('counts a click half a view, a wish two views, a cart three and an order five', () => {
    const wish = interest('WISHLIST_ADDED');
    expect(wish).to.be.within(1.5 * interest('PRODUCT_VIEWED'), 0.8 * interest('PRODUCT_ADDED_TO_CART'));
    for (const none of ['PRODUCT_LIST_VIEWED', 'CHECKOUT_STARTED', 'ORDER_REFUNDED'] as const)
      expect(interest(none)).to.equal(0);
    expect(interest('SEARCH_RESULT_CLICKED') / interest('PRODUCT_VIEWED')).to.be.within(0.3, 0.8);
    expect(interest('RECOMMENDATION_CLICKED')).to.equal(interest('SEARCH_RESULT_CLICKED'));
    expect(interest('PRODUCT_ADDED_TO_CART') / interest('PRODUCT_VIEWED')).to.be.within(2, 4);
    expect(interest('ORDER_COMPLETED') / interest('PRODUCT_VIEWED')).to.be.within(4, 8);
    expect(interest('PRODUCT_DISMISSED')).to.equal(0);
  });

  it('takes the cart for empty after an order, also one of which nothing is left, and the order before for the last one', () => {
    const { cart, lastOrder, orders } = read(
      ago(4, 'ORDER_COMPLETED', 3),
      ago(3, 'PRODUCT_ADDED_TO_CART', 7),
      ago(2, 'ORDER_COMPLETED'),
      ago(1, 'PRODUCT_ADDED_TO_CART', 8),
    );
    expect({ cart, lastOrder }).to.deep.equal({ cart: [8], lastOrder: [3] });
    expect(orders.map(({ items }) => items)).to.deep.equal([[3]]);
  });

  it('halves the taste that a view shows in two weeks', () => {
    // Two products of category 0 so many days ago, two of category 1 just now.
    const [now, then] = read(viewed(14, 0), viewed(14, 5), viewed(0, 1), viewed(0, 6)).categories;
    expect(now!.name).to.equal('c1');
    expect(then!.weight / now!.weight).to.be.within(0.35, 0.65);
  });

  it('takes what was cared for three months ago for a weaker favourite than a look of yesterday, not for none', () => {
    const { categories } = read(viewed(90, 0), viewed(90, 5), viewed(1, 1), viewed(1, 6));
    expect(categories.map(({ name }) => name)).to.deep.equal(['c1', 'c0']);
    expect(read(viewed(200, 0), viewed(200, 5), viewed(1, 1), viewed(1, 6)).categories).to.have.length(1);
  });

  it('has three favourites at most, each of at least two products', () => {
    const all = [0, 1, 2, 3, 4].flatMap((number) => [viewed(1, number), viewed(1, number + 5)]);
    expect(read(...all).categories).to.have.length(3);
    expect(read(...all).brands).to.have.length(3);
    expect(read(viewed(3, 0), viewed(2, 0), viewed(1, 0)).categories).to.deep.equal([]);
  });

  it('reads the newest 2,000 products browsed, 4,000 ordered and 2,000 rated or dismissed', () => {
    const many = (type: EventType, products: number, then: ShopEvent) =>
      read(
        ...Array.from({ length: products / 100 }, (_, n) =>
          ago(1 + n / 1_000, type, ...Array.from({ length: 100 }, () => 0)),
        ),
        then,
      );
    const cart = (products: number) =>
      many('PRODUCT_VIEWED', products, ago(2, 'PRODUCT_ADDED_TO_CART', 7)).cart;
    expect(cart(1_000)).to.deep.equal([7]);
    expect(cart(6_000)).to.deep.equal([]);
    const bought = (products: number) =>
      many('ORDER_COMPLETED', products, ago(9, 'ORDER_COMPLETED', 7)).purchases.has(7);
    expect(bought(2_000)).to.equal(true);
    expect(bought(12_000)).to.equal(false);
    const unwanted = (type: EventType, products: number) =>
      many(type, products, ago(9, 'PRODUCT_DISMISSED', 7)).unwanted.has(7);
    expect(unwanted('PRODUCT_RATED', 1_000)).to.equal(true);
    expect(unwanted('PRODUCT_DISMISSED', 6_000)).to.equal(false);
    // Each kind by itself.
    expect(unwanted('ORDER_COMPLETED', 12_000)).to.equal(true);
  });

  it('remembers the newest thirty clicks and a hundred products', () => {
    const many = Array.from({ length: 300 }, (_, at) => viewed(at / 1000, at));
    const { session, viewed: products } = read(...many);
    expect(session.length).to.be.within(20, 60);
    expect(session.at(-1)).to.equal(0);
    expect(products.length).to.be.within(50, 200);
    expect(products[0]).to.equal(0);
  });

  it('remembers a cart for two weeks, and twenty products of it', () => {
    const cartAfter = (days: number) => read(ago(days, 'PRODUCT_ADDED_TO_CART', 1)).cart.length;
    expect(cartAfter(10)).to.equal(1);
    expect(cartAfter(20)).to.equal(0);
    const full = Array.from({ length: 100 }, (_, at) => ago(1, 'PRODUCT_ADDED_TO_CART', at));
    expect(read(...full).cart.length).to.be.within(15, 40);
  });

  it('empties the cart with an order, and by what was taken out', () => {
    expect(read(ago(2, 'PRODUCT_ADDED_TO_CART', 1), ago(1, 'ORDER_COMPLETED', 2)).cart).to.deep.equal([]);
    expect(
      read(ago(2, 'PRODUCT_ADDED_TO_CART', 1, 3), ago(1, 'PRODUCT_REMOVED_FROM_CART', 1)).cart,
    ).to.deep.equal([3]);
  });

  it('does not want what is dismissed or rated two of five or less, as it was rated last', () => {
    const rated = (days: number, value: number) =>
      eventOf('PRODUCT_RATED', nowMs - days * dayMs, [id(1)], { value });
    expect([...read(rated(1, 2)).unwanted]).to.deep.equal([1]);
    expect([...read(rated(1, 3)).unwanted]).to.deep.equal([]);
    expect([...read(rated(2, 1), rated(1, 4)).unwanted]).to.deep.equal([]);
    expect([...read(ago(300, 'PRODUCT_DISMISSED', 1)).unwanted]).to.deep.equal([1]);
  });

  it('takes orders within half a day for one, and remembers a dozen of a product', () => {
    const times = (...days: number[]) =>
      read(...days.map((each) => ago(each, 'ORDER_COMPLETED', 1))).purchases.get(1)!.length;
    expect(times(2, 2.3)).to.equal(1);
    expect(times(2, 3)).to.equal(2);
    expect(times(...Array.from({ length: 50 }, (_, at) => at + 1))).to.be.within(6, 24);
  });

  it('remembers two hundred products and a hundred orders', () => {
    const many = Array.from({ length: 400 }, (_, at) => ago(at + 1, 'ORDER_COMPLETED', at));
    const { orders, purchases } = read(...many);
    expect(orders.length).to.be.within(50, 200);
    expect(purchases.size).to.be.within(100, 400 - 1);
  });
});

describe('a shopper who reloads a page', () => {
  it('counts once in half an hour', () => {
    const countsAfter = (minutes: number) => {
      const guard = createRepeatGuard();
      guard.isNew(1, 2, 'PRODUCT_VIEWED', nowMs);
      return guard.isNew(1, 2, 'PRODUCT_VIEWED', nowMs + minutes * 60_000);
    };
    expect(countsAfter(20)).to.equal(false);
    expect(countsAfter(45)).to.equal(true);
  });
});
