import { expect } from 'chai';
import { createStatistics } from '../../plugins/recommendations/learning/statistics.js';
import { createExamples } from '../../plugins/recommendations/learning/training-example.js';
import {
  createAdmission,
  networkOrders,
  networkShare,
} from '../../plugins/recommendations/limits/admission.js';
import { createContributionLimits } from '../../plugins/recommendations/limits/contribution-limits.js';
import { createNetworkShares } from '../../plugins/recommendations/limits/network-shares.js';
import { createPairLimits } from '../../plugins/recommendations/limits/pair-limits.js';
import { createRepeatGuard } from '../../plugins/recommendations/limits/repeat-guard.js';
import { settledAfterMs } from '../../plugins/recommendations/limits/settled-sessions.js';
import { eventOf, shopOf } from '../../scripts/evaluate/shop-log.js';
import { createDailyQuotas } from '../../src/kit/daily-quotas.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import type { EventType, ShopEvent } from '../../src/ports/events.js';
import { decisionOf } from '../support/decision.js';

const hourMs = 3_600_000;
const evil = 77;

describe('what one network teaches', () => {
  const { shelf } = shopOf(Array.from({ length: 200 }, (_, at) => ({ id: `p${at}`, title: `thing ${at}` })));
  let statistics: ReturnType<typeof createStatistics>;
  let nowMs: number;
  let events = 0;

  beforeEach(() => {
    statistics = createStatistics({ ...shelf, knowsStore: (id) => id === 'berlin' }, (a, b) => a - b);
    nowMs = Date.UTC(2026, 0, 1);
  });

  function happened(
    type: EventType,
    sessionId: string,
    productIds: readonly string[],
    more: Partial<ShopEvent> = {},
  ) {
    const id = `storefront-0:${++events}`;
    const event = { id, type, sessionId, productIds, network: evil, ...more };
    statistics.learn([eventOf({ atMs: nowMs, receivedAtMs: nowMs, ...event }, events)]);
  }

  /** Sessions that each look at a product and then put it into the cart. */
  function carts(sessions: number, tag: string, network = evil) {
    for (let n = 0; n < sessions; n++) happened('PRODUCT_VIEWED', `${tag}${n}`, ['p1'], { network });
    nowMs += settledAfterMs;
    for (let n = 0; n < sessions; n++) happened('PRODUCT_ADDED_TO_CART', `${tag}${n}`, ['p1'], { network });
  }

  it('is a few sessions of a product in a day, and evicts no baskets of others', () => {
    for (let n = 0; n < 192; n++) {
      const id = `server-0:${n}`;
      happened('ORDER_COMPLETED', `h${n}`, ['p1', 'p2'], { id, network: undefined });
      happened('ORDER_COMPLETED', `g${n}`, [`p${10 + (n % 90)}`], { id: `${id}g`, network: undefined });
      nowMs += hourMs / 2;
    }
    const together = () => Array.from(statistics.boughtTogether.row(1).items);
    expect(together()).to.deep.equal([2]);
    const before = statistics.session.interactions;
    carts(1_200, 'evil');
    expect(statistics.session.interactions - before).to.be.within(1, 30);
    expect(together()).to.deep.equal([2]);
    // Sessions of the days before that come back count as well.
    for (let day = 0; day < 5; day++) {
      nowMs += 24 * hourMs;
      const then = statistics.session.interactions;
      for (let of = 0; of <= day; of++) carts(100, `evil${of}-`);
      expect(statistics.session.interactions - then).to.be.at.most(30);
    }
  });

  it('is bounded over all products, and not by what a server writes', () => {
    for (let n = 0; n < 6_000; n++) happened('PRODUCT_VIEWED', `e${n % 40}`, [`p${n % 200}`]);
    nowMs += settledAfterMs;
    for (let n = 0; n < 60_000; n++) happened('PRODUCT_VIEWED', `e${n % 400}`, [`p${(n * 7) % 200}`]);
    expect(statistics.session.interactions).to.be.at.most(2_000);
    const before = statistics.session.interactions;
    for (let n = 0; n < 3_000; n++)
      happened('PRODUCT_VIEWED', `s${n}`, [`p${n % 200}`], { id: `server-0:${n}x` });
    expect(statistics.session.interactions - before).to.equal(3_000);
  });

  it('is no store that nobody knows', () => {
    for (let n = 0; n < 8; n++)
      happened('ORDER_COMPLETED', `b${n}`, ['p7'], { id: `server-0:b${n}`, storeId: 'berlin' });
    const popularIn = (store: string) => {
      const { items, length } = statistics.popularity.inStore(store, 5);
      return Array.from(items).slice(0, length);
    };
    const inBerlin = () => popularIn('berlin');
    expect(inBerlin()).to.deep.equal([7]);
    for (let n = 0; n < 5_000; n++) {
      const more = { network: 1 + (n % 4_000), storeId: `made-up-${n}` };
      happened('PRODUCT_VIEWED', `m${n}`, [`p${n % 200}`], more);
    }
    nowMs += settledAfterMs;
    for (let n = 0; n < 5_000; n++) {
      const more = { network: 1 + (n % 4_000), storeId: `made-up-${n}` };
      happened('PRODUCT_VIEWED', `m${n}`, [`p${(n + 1) % 200}`], more);
    }
    expect(inBerlin()).to.deep.equal([7]);
    expect(popularIn('made-up-4999')).to.deep.equal([]);
  });

  it('moves nobody’s reorder date by orders of a past that it invents', () => {
    const dayMs = 24 * hourMs;
    const bought = (person: string, ids: readonly string[], ago: number, more: Partial<ShopEvent>) =>
      happened('ORDER_COMPLETED', person, ids, { atMs: nowMs - ago * dayMs, ...more });
    const days = () => {
      const purchase = { item: 1, timesMs: [nowMs - 12 * dayMs] };
      return statistics.replenishment.due(purchase, [], nowMs).intervalDays;
    };
    expect(days()).to.equal(null);
    for (let n = 0; n < 2; n++)
      for (const ago of [95, 65, 35, 5])
        bought(`h${n}`, ['p1'], ago, { id: `server-0:${n}-${ago}`, network: undefined });
    expect(days(), 'two people').to.equal(null);
    for (let n = 2; n < 30; n++)
      for (const ago of [95, 65, 35, 5])
        bought(`h${n}`, ['p1'], ago, { id: `server-0:${n}-${ago}`, network: undefined });
    const before = days()!;
    expect(before).to.be.within(20, 40);
    for (let n = 0; n < 200; n++) happened('PRODUCT_VIEWED', `evil${n}`, ['p9']);
    nowMs += settledAfterMs;
    for (let n = 0; n < 200; n++) for (const ago of [3, 2, 1]) bought(`evil${n}`, ['p1'], ago, {});
    expect(days()).to.be.closeTo(before, 0.5);
    // Sessions that come back every day teach a little.
    for (let day = 0; day < 7; day++) {
      nowMs += dayMs;
      for (let n = 0; n < 200; n++) bought(`evil${n}`, ['p1'], 0, {});
    }
    expect(days()).to.be.within(0.75 * before, before + 1);
  });

  it('tries out no product that nobody knows, and dismisses one once', () => {
    const decisionId = decisionOf(
      'home',
      Array.from({ length: 40 }, (_, at) => `p${at}`),
    );
    const arms = () => {
      const parts = [...statistics.trials.save()] as unknown as {
        name: string;
        json: { readonly home?: unknown };
      }[];
      return (parts.find(({ name }) => name === 'bandit')!.json.home ?? []) as [string, number, number][];
    };
    const slot = { decisionId, position: 10 };
    for (let n = 0; n < 40; n++)
      happened('RECOMMENDATION_SHOWN', `h${n}`, [`p${n}`], { ...slot, id: `server-0:${n}` });
    expect(arms()).to.have.lengthOf(40);
    happened('PRODUCT_VIEWED', 'evil', ['p9']);
    nowMs += settledAfterMs;
    for (let n = 0; n < 600; n++)
      for (let of = 0; of < 20; of++) happened('RECOMMENDATION_SHOWN', 'evil', [`made-up-${n}-${of}`], slot);
    expect(arms()).to.have.lengthOf(40);
    happened('RECOMMENDATION_SHOWN', 'evil', ['p5'], slot);
    for (let n = 0; n < 40; n++) happened('PRODUCT_DISMISSED', 'evil', ['p5'], slot);
    expect(arms().find(([id]) => id === 'p5')).to.deep.equal(['p5', 5, 0]);
  });

  it('is counted by the report up to its limit, however many sessions come between', () => {
    const decisionId = decisionOf('home', ['p1']);
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 400; n++)
        happened('RECOMMENDATION_CLICKED', `c${round}-${n}`, ['p1'], { decisionId });
      for (let n = 0; n < 60_000; n++)
        happened('RECOMMENDATION_SHOWN', `f${round}-${n}`, ['p1'], { decisionId });
    }
    const [counted] = statistics.report.read(1, nowMs);
    expect(counted!.clicked).to.equal(200);
    expect(counted!.shown).to.equal(5_000);
  });
});

describe('what many networks teach of a product that nobody looks at', () => {
  const products = 100;
  const printOf = (item: number) => fingerprint(`p${item}`) | 1;

  it('is two sessions of each, once the product has hardly any room', () => {
    const daily = createDailyQuotas(7);
    const limits = createContributionLimits(() => products, 3, daily);
    const admission = createAdmission({
      limits,
      pairs: createPairLimits({ printOf, usualOf: limits.usualOf }),
      guard: createRepeatGuard(),
      daily,
      networks: createNetworkShares(networkShare),
      orders: createNetworkShares(networkOrders),
      storefrontOrders: 0.1,
    });
    const exampleOf = createExamples();
    const teaches = (sessionId: string, item: number, network: number, atMs: number) => {
      const event = eventOf(
        {
          id: 'storefront-0:1',
          type: 'PRODUCT_VIEWED',
          sessionId,
          productIds: [`p${item}`],
          atMs,
          receivedAtMs: atMs,
          network,
        },
        0,
      );
      return admission.of(exampleOf(event, fingerprint(sessionId), false, 0), item, printOf(item)).together;
    };
    const beganMs = Date.UTC(2026, 0, 1);
    const aDay = 4_000;
    for (let n = 0; n < 3 * aDay; n++)
      teaches(`h${n}`, n % (products - 1), 1_000 + (n % 3_000), beganMs + n * (86_400_000 / aDay));
    const nowMs = beganMs + 3 * 86_400_000;
    let taught = 0;
    for (let n = 0; n < 700; n++) {
      teaches(`i${n}`, n % (products - 1), 1_000 + (n % 3_000), nowMs + n * 5_000);
      if (teaches(`e${n}`, products - 1, 1 + (n % 100), nowMs + n * 5_000 + 1)) taught++;
    }
    expect(taught).to.be.within(20, 230);
  });
});
