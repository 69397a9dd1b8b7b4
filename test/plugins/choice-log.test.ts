import { expect } from 'chai';
import { createChoiceLog } from '../../plugins/recommendations/blend-weights/choice-log.js';
import { createFusion } from '../../plugins/recommendations/ranking/fusion.js';
import type { RankingRequest } from '../../plugins/recommendations/ranking/ranking.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { createTestClock } from '../support/boot.js';
import { decisionOf } from '../support/decision.js';

const products = 50;
const shelf = {
  size: products,
  numberOf: (id: string) => (/^p\d+$/.test(id) && Number(id.slice(1)) < products ? Number(id.slice(1)) : -1),
  idOf: (item: number) => `p${item}`,
  knowsStore: () => true,
  brand: () => null,
  categories: () => [],
} as unknown as Shelf;

describe('what shoppers choose', () => {
  let clock: ReturnType<typeof createTestClock>;
  let asked: Omit<RankingRequest, 'first'>[];
  let log: ReturnType<typeof createChoiceLog>;
  let number = 0;

  beforeEach(() => {
    clock = createTestClock();
    asked = [];
    const fusion = createFusion();
    const items = Array.from({ length: products }, (_, item) => item);
    log = createChoiceLog(
      {
        gather(request) {
          asked.push(request);
          const scores = items.map((item) => products - item);
          return fusion.fuse([
            {
              name: 'popular',
              weight: 1,
              candidates: { items, scores, causes: items.map(() => -1), length: products },
            },
          ]);
        },
      },
      shelf,
      clock,
    );
  });

  function happened(type: EventType, productIds: string[], more: Partial<ShopEvent> = {}): void {
    log.observe({
      id: `e${++number}`,
      type,
      sessionId: 'ada',
      customerId: null,
      productIds,
      storeId: null,
      decisionId: null,
      value: null,
      atMs: clock.nowMs(),
      receivedAtMs: clock.nowMs(),
      learn: true,
      ...more,
    } as ShopEvent);
  }
  const viewed = (id: string, sessionId = 'ada') => happened('PRODUCT_VIEWED', [id], { sessionId });
  const chosen = () =>
    log
      .choices()
      .map(({ family, taken }) => `${family} ${taken}`)
      .sort();
  const names = () => asked.map(({ placement }) => placement.name).sort();

  it('is held against what was recommended before it, and no event waits for a recommendation', () => {
    viewed('p1');
    expect(asked).to.deep.equal([]);
    clock.advance(1_000);
    // One for whoever comes next, and nothing for an empty cart.
    expect(names()).to.deep.equal(['home', 'home', 'product']);
    const product = asked.find(({ placement }) => placement.name === 'product')!;
    expect(product.context.session).to.deep.equal([1]);
    viewed('p7');
    expect(asked).to.have.lengthOf(3);
    expect(chosen()).to.deep.equal(['home 7', 'product 7']);
    clock.advance(1_000);
    viewed('p1');
    expect(chosen()).to.have.lengthOf(2);
    clock.advance(1_000);
    happened('PRODUCT_ADDED_TO_CART', ['p9']);
    clock.advance(1_000);
    // Looked at before it joins the cart: the list beside the cart did not know that yet.
    viewed('p4');
    clock.advance(1_000);
    happened('PRODUCT_ADDED_TO_CART', ['p4']);
    const cart = asked.filter(({ placement }) => placement.name === 'cart');
    expect(cart.map(({ context }) => context.session.at(-1))).to.deep.equal([9]);
    expect(chosen()).to.deep.equal([
      'cart 4',
      'home 4',
      'home 7',
      'home 9',
      'product 4',
      'product 7',
      'product 9',
    ]);
    expect(log.seen).to.equal(7);
  });

  it('is nobody’s business where the shopper was faster than the question, or came back much later', () => {
    viewed('p1');
    clock.advance(10);
    viewed('p2');
    expect(chosen()).to.deep.equal([]);
    clock.advance(3_600_000);
    viewed('p3');
    expect(chosen()).to.deep.equal(['home 3']);
  });

  it('counts by a storefront’s key once the session has gone on for ten seconds', () => {
    const looks = (id: string) =>
      happened('PRODUCT_VIEWED', [id], { id: `storefront-0:${id}`, network: 7 } as Partial<ShopEvent>);
    for (const id of ['p1', 'p2', 'p3', 'p4']) {
      looks(id);
      clock.advance(1_000);
    }
    expect(chosen()).to.deep.equal([]);
    clock.advance(7_000);
    looks('p5');
    expect(chosen().length).to.be.greaterThan(4);
    expect(new Set(log.choices().map(({ source }) => source))).to.deep.equal(new Set([7]));
  });

  it('is asked about a few times a second, however many events arrive', () => {
    for (let shopper = 0; shopper < 2_000; shopper++) viewed(`p${shopper % products}`, `s${shopper}`);
    for (let order = 0; order < 20; order++)
      happened('ORDER_COMPLETED', ['p1', 'p2', 'p3'], { sessionId: `till ${order}` });
    expect(names()).to.deep.equal(['cart', 'cart']);
    expect(chosen()).to.deep.equal(['cart 3', 'cart 3']);
    clock.advance(1_000);
    expect(asked.length).to.be.within(10, 19);
    clock.advance(60_000);
    expect(asked.length).to.be.at.most(70);
  });

  it('is known of a sample of the shoppers, however many others there are', () => {
    const shoppers = 10_000;
    const round = (id: string) => {
      for (let shopper = 0; shopper < shoppers; shopper++) {
        viewed(id, `s${shopper}`);
        clock.advance(2);
      }
    };
    round('p1');
    round('p2');
    const before = log.seen;
    round('p3');
    expect(log.seen - before).to.be.greaterThan(100);
  });

  it('of newcomers is held against what a newcomer was shown', () => {
    viewed('p1');
    clock.advance(1_000);
    viewed('p5', 'bea');
    expect(chosen()).to.deep.equal(['home 5']);
    viewed('p6', 'eve');
    expect(chosen()).to.deep.equal(['home 5']);
  });

  it('in a list that was shown is one of what was in it', () => {
    viewed('p1');
    clock.advance(1_000);
    happened('RECOMMENDATION_SHOWN', ['p8', 'p3', 'p6'], {
      decisionId: decisionOf('home', ['p8', 'p3', 'p6'], 'x'),
    });
    clock.advance(1_000);
    happened('RECOMMENDATION_CLICKED', ['p6'], { decisionId: decisionOf('home', ['p8', 'p3', 'p6'], 'y') });
    happened('RECOMMENDATION_SHOWN', ['p8', 'p3', 'p6'], {
      decisionId: decisionOf('home', ['p8', 'p3', 'p6'], 'z'),
    });
    clock.advance(1_000);
    expect(chosen()).to.deep.equal([]);
    happened('RECOMMENDATION_CLICKED', ['p6'], { decisionId: decisionOf('home', ['p8', 'p3', 'p6'], 'z') });
    const [choice] = log.choices();
    expect(choice!.alternatives).to.equal(3);
    expect(choice!.handicaps![choice!.taken]).to.be.closeTo(-Math.log(3), 1e-6);
  });

  it('begins anew when a recommender has changed, and ends when the process does', () => {
    viewed('p1');
    clock.advance(1_000);
    log.startAnew();
    viewed('p2');
    expect(chosen()).to.deep.equal([]);
    const before = asked.length;
    log.stop();
    clock.advance(10_000);
    expect(asked).to.have.lengthOf(before);
    viewed('p3', 'nobody');
    expect(log.seen).to.equal(0);
  });

  it('may not be learned from where the shopper does not want it', () => {
    viewed('p1');
    happened('PRODUCT_VIEWED', ['p2'], { learn: false });
    clock.advance(1_000);
    expect(asked.every(({ context }) => !context.session.includes(2))).to.equal(true);
  });
});
