import { expect } from 'chai';
import fc from 'fast-check';
import { createReport } from '../../plugins/recommendations/learning/report.js';
import { createRetraining } from '../../plugins/recommendations/learning/retraining.js';
import { createRepeatGuard } from '../../plugins/recommendations/limits/repeat-guard.js';
import { diversify } from '../../plugins/recommendations/ranking/diversity.js';
import { createFusion, type Part } from '../../plugins/recommendations/ranking/fusion.js';
import { bySeeds } from '../../plugins/recommendations/recommenders/candidates.js';
import { createNewest } from '../../plugins/recommendations/recommenders/newest.js';
import { createLeaderboard } from '../../plugins/recommendations/recommenders/popularity/leaderboard.js';
import { createPopularity } from '../../plugins/recommendations/recommenders/popularity/popularity.js';
import { createContent } from '../../plugins/recommendations/recommenders/similar/content.js';
import { fingerprint } from '../../src/kit/fingerprint.js';
import type { Product } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { createTestClock, createTestLog } from '../support/boot.js';
import { decisionOf } from '../support/decision.js';

const dayMs = 86_400_000;
const tie = (a: number, b: number) => a - b;

describe('what recommendations learn', () => {
  describe('popularity', () => {
    it('is in order of the sums after any rises, as sorting all of them would have it', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 40 }),
          fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 9 })), { maxLength: 200 }),
          (capacity, rises) => {
            const sums = new Map<number, number>();
            const board = createLeaderboard(capacity, tie);
            for (const [item, weight] of rises) {
              const before = sums.get(item) ?? 0;
              sums.set(item, before + weight);
              board.rise(item, before, before + weight);
            }
            const sorted = [...sums].sort((a, b) => b[1] - a[1] || tie(a[0], b[0])).slice(0, capacity);
            expect(Array.from(board.items.subarray(0, board.length))).to.deep.equal(
              sorted.map(([item]) => item),
            );
            expect(Array.from(board.sums.subarray(0, board.length))).to.deep.equal(
              sorted.map(([, sum]) => sum),
            );
          },
        ),
      );
    });

    it('forgets by half in each half-life, and does not overflow in a hundred years', () => {
      const products = { categories: () => ['c'], brand: () => 'b' };
      const popularity = createPopularity({ halfLifeMs: dayMs, products });
      const learn = (item: number, weight: number, day: number) =>
        popularity.learn(item, weight, day * dayMs, 'berne');
      const best = () => popularity.overall(1).items[0];
      learn(1, 7.9, 0);
      learn(2, 1, 3);
      expect(best()).to.equal(2);
      learn(1, 0.2, 3);
      expect(best()).to.equal(1);
      learn(3, 1, 36_500);
      learn(4, 1, 36_499);
      for (const list of [
        popularity.overall(9),
        popularity.inStore('berne', 9),
        popularity.inCategory('c', 9),
        popularity.ofBrand('b', 9),
      ]) {
        expect(Array.from(list.items.length ? [list.items[0], list.items[1]] : [])).to.deep.equal([3, 4]);
        for (let i = 0; i < list.length; i++) expect(Number.isFinite(list.scores[i])).to.equal(true);
      }
      expect(popularity.inStore('basel', 9).length).to.equal(0);
    });

    it('counts a page that is reloaded once, and another shopper again', () => {
      const guard = createRepeatGuard();
      expect(guard.isNew(fingerprint('s1'), 5, 'PRODUCT_VIEWED', 0)).to.equal(true);
      expect(guard.isNew(fingerprint('s1'), 5, 'PRODUCT_VIEWED', 60_000)).to.equal(false);
      expect(guard.isNew(fingerprint('s1'), 5, 'PRODUCT_ADDED_TO_CART', 60_000)).to.equal(true);
      expect(guard.isNew(fingerprint('s2'), 5, 'PRODUCT_VIEWED', 60_000)).to.equal(true);
      expect(guard.isNew(fingerprint('s1'), 5, 'PRODUCT_VIEWED', dayMs)).to.equal(true);
    });
  });

  it('the newest, as sorting by date would have it, each product once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(30)), { maxLength: 60 }), (puts) => {
        const newest = createNewest(100, tie);
        const dates = new Map<number, number>();
        for (const [item, date] of puts) {
          newest.put(item, date);
          dates.set(item, date);
        }
        const sorted = [...dates].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([item]) => item);
        expect(newest.items).to.deep.equal(sorted);
      }),
    );
    const few = createNewest(2, tie);
    for (const item of [1, 3, 2]) few.put(item, item);
    expect(few.items).to.deep.equal([3, 2]);
  });

  describe('what is similar', () => {
    const product = (title: string, other: Partial<Product> = {}) =>
      ({
        id: title,
        title,
        description: '',
        brand: null,
        categoryIds: [],
        attributes: [],
        prices: [],
        ...other,
      }) as unknown as Product;

    it('shares rare words, brand and category, and costs about the same', () => {
      const content = createContent(tie);
      const price = (amountMinor: number) => [
        { currency: 'EUR', amountMinor, listAmountMinor: null, storeId: null },
      ];
      content.put(0, product('Espresso machine', { categoryIds: ['coffee'], prices: price(20_000) }));
      content.put(1, product('Espresso machine', { categoryIds: ['coffee'], prices: price(2_000_000) }));
      content.put(2, product('Espresso machine', { categoryIds: ['coffee'], prices: price(21_000) }));
      content.put(3, product('Sewing machine', { categoryIds: ['textile'], prices: price(20_000) }));
      content.put(4, product('Blue shirt', { categoryIds: ['textile'], prices: price(2_000) }));
      expect(Array.from(content.row(0).items)).to.deep.equal([2, 1, 3]);
      content.remove(2);
      expect(Array.from(content.row(0).items)).to.deep.equal([1, 3]);
      content.put(1, product('Garden hose'));
      expect(Array.from(content.row(0).items)).to.deep.equal([3]);
    });

    it('does not ask how many products there are', () => {
      const content = createContent(tie);
      for (let i = 0; i < 3000; i++) {
        content.put(i, product(`Cup ${i % 700} of a set`, { brand: 'B', categoryIds: ['c'] }));
      }
      const row = content.row(42);
      // All are cups of one brand and category: only the number is something in common.
      expect(Array.from(row.items, (item) => item % 700)).to.deep.equal([42, 42, 42, 42]);
    });
  });

  describe('how proposals become one list', () => {
    const list = (entries: readonly (readonly [item: number, score: number])[]) => ({
      items: entries.map(([item]) => item),
      scores: entries.map(([, score]) => score),
      causes: entries.map(() => -1),
      length: entries.length,
    });

    it('prefers what several recommenders agree on, and does not depend on their scales', () => {
      const fusion = createFusion();
      const fused = (scale: number) => {
        const parts: Part[] = [
          {
            name: 'session',
            weight: 1,
            candidates: list([
              [1, 3 * scale],
              [2, 2 * scale],
            ]),
          },
          {
            name: 'popular',
            weight: 1,
            candidates: list([
              [3, 3],
              [2, 2],
            ]),
          },
        ];
        const pool = fusion.fuse(parts);
        return Array.from({ length: pool.length }, (_, place) => ({
          item: pool.items[place]!,
          score: pool.scores[place]!,
          shares: pool.sharesOf(place),
        })).sort((a, b) => b.score - a.score);
      };
      expect(fused(1)[0]!.item).to.equal(2);
      expect(fused(1e6).map(({ item }) => item)).to.deep.equal(fused(1).map(({ item }) => item));
      for (const { score, shares } of fused(1)) {
        expect(shares.reduce((sum, { amount }) => sum + amount, 0)).to.be.closeTo(score, 1e-9);
      }
    });

    it('names the seed that gave most as the cause', () => {
      const rows: Record<number, ReturnType<typeof list>> = {
        1: list([
          [5, 1],
          [6, 4],
        ]),
        2: list([
          [5, 3],
          [1, 9],
        ]),
      };
      const seeds = [
        { item: 1, weight: 1 },
        { item: 2, weight: 0.7 },
      ];
      const fromBoth = bySeeds(seeds, (item) => rows[item]!);
      expect(Array.from(fromBoth.items)).to.deep.equal([5, 6]);
      expect(fromBoth.scores[0]).to.be.closeTo(3.1, 1e-9);
      expect(Array.from(fromBoth.causes)).to.deep.equal([2, 1]);
    });

    it('puts brands and categories side by side as far as it is told to', () => {
      const shelf = { brand: (item: number) => (item < 5 ? 'A' : 'B'), categories: () => [] };
      const order = (diversity: number, limit: number) => {
        const pool = {
          length: 10,
          items: Int32Array.from({ length: 10 }, (_, item) => item),
          scores: Float64Array.from({ length: 10 }, (_, item) => 10 - item),
        };
        const placed: { item: number; score: number }[] = [];
        diversify(pool, diversity, shelf, tie, limit, (item, score) => placed.push({ item, score }) > 0);
        return placed;
      };
      expect(order(0, 10).map(({ item }) => item)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const mixed = order(0.5, 10);
      expect(mixed.slice(0, 4).filter(({ item }) => item >= 5)).to.have.lengthOf(1);
      expect(order(3, 2).map(({ item }) => item)).to.deep.equal([0, 5]);
      for (let i = 1; i < 10; i++) expect(mixed[i]!.score).to.be.at.most(mixed[i - 1]!.score);
      expect(order(0.5, 4)).to.deep.equal(mixed.slice(0, 4));
    });
  });

  describe('how the session model learns from the shop', () => {
    const start = (fails: boolean) => {
      const clock = createTestClock();
      const log = createTestLog();
      let steps = 0;
      let used = 0;
      const learner = {
        name: 'the session model',
        interactions: 0,
        size: () => learner.interactions,
        sizeMin: 20_000,
        *learn(): Generator<unknown, null> {
          for (let i = 0; i < 3; i++) {
            steps++;
            yield { stage: 'step', done: i / 3 };
          }
          if (fails) throw new Error('no luck');
          return null;
        },
        use: () => {
          used++;
        },
      };
      const retraining = createRetraining(learner, { clock, log });
      const grow = (interactions: number) => {
        learner.interactions = interactions;
        retraining.consider();
      };
      return { clock, log, retraining, grow, state: () => ({ steps, used }) };
    };

    it('in steps beside serving, once there is enough, and again when there is much more', () => {
      const { clock, grow, state } = start(false);
      grow(100);
      clock.advance(1000);
      expect(state()).to.deep.equal({ steps: 0, used: 0 });
      grow(30_000);
      expect(state()).to.deep.equal({ steps: 0, used: 0 });
      clock.advance(5);
      expect(state()).to.deep.equal({ steps: 1, used: 0 });
      clock.advance(1000);
      expect(state()).to.deep.equal({ steps: 3, used: 1 });
      grow(40_000);
      clock.advance(1000);
      expect(state()).to.deep.equal({ steps: 3, used: 1 });
      grow(45_000);
      clock.advance(1000);
      expect(state(), 'a log that grows fast').to.deep.equal({ steps: 3, used: 1 });
      clock.advance(15 * 60_000);
      expect(state()).to.deep.equal({ steps: 6, used: 2 });
      grow(50_000);
      clock.advance(60 * 60_000);
      expect(state()).to.deep.equal({ steps: 6, used: 2 });
      grow(80_000);
      clock.advance(1000);
      expect(state()).to.deep.equal({ steps: 9, used: 3 });
      grow(320_000);
      clock.advance(1000);
      expect(state(), 'four times as much').to.deep.equal({ steps: 12, used: 4 });
    });

    it('again by itself when an import went on while it learned, though no event comes after', () => {
      const { clock, grow, state } = start(false);
      grow(20_000);
      clock.advance(5);
      grow(290_000);
      clock.advance(1000);
      expect(state()).to.deep.equal({ steps: 6, used: 2 });
      grow(500_000);
      clock.advance(1000);
      expect(state(), 'too early').to.deep.equal({ steps: 6, used: 2 });
      clock.advance(15 * 60_000);
      expect(state()).to.deep.equal({ steps: 9, used: 3 });
    });

    it('keeps what is in use when learning fails, and stops when told to', () => {
      const failing = start(true);
      failing.grow(30_000);
      failing.clock.advance(1000);
      expect(failing.state()).to.deep.equal({ steps: 3, used: 0 });
      expect(failing.log.lines.map(({ level }) => level)).to.deep.equal(['error']);
      const stopped = start(false);
      stopped.grow(30_000);
      stopped.clock.advance(5);
      stopped.retraining.stop();
      stopped.clock.advance(1000);
      expect(stopped.state()).to.deep.equal({ steps: 1, used: 0 });
    });
  });

  describe('what recommendations led to', () => {
    let serial = 0;
    const event = (type: ShopEvent['type'], sessionId: string, productIds: string[], other = {}): ShopEvent =>
      ({
        id: `e${++serial}`,
        type,
        sessionId,
        productIds,
        decisionId: decisionOf('home', ['a', 'b', 'c']),
        atMs: 100 * dayMs,
        learn: true,
        ...other,
      }) as unknown as ShopEvent;

    it('counts a purchase once, by the session that clicked on that product within seven days before', () => {
      const report = createReport();
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a', 'b', 'c']));
      report.learn(event('RECOMMENDATION_CLICKED', 's', ['a']));
      report.learn(event('RECOMMENDATION_CLICKED', 's', ['b']));
      report.learn(event('ORDER_COMPLETED', 'other', ['a'], { decisionId: null }));
      report.learn(event('ORDER_COMPLETED', 's', ['a', 'a', 'c'], { decisionId: null, atMs: 106 * dayMs }));
      report.learn(event('ORDER_COMPLETED', 's', ['a'], { decisionId: null, atMs: 106 * dayMs }));
      report.learn(event('ORDER_COMPLETED', 's', ['b'], { decisionId: null, atMs: 108 * dayMs }));
      expect(report.read(90, 108 * dayMs)).to.deep.equal([
        { placement: 'home', shown: 3, clicked: 2, bought: 1 },
      ]);
      expect(report.read(3, 108 * dayMs)).to.deep.equal([
        { placement: 'home', shown: 0, clicked: 0, bought: 1 },
      ]);
    });

    it('counts of one storefront session and network so much a day, on days that are not over', () => {
      const report = createReport();
      const forged = (n: number, sessionId: string, more = {}) =>
        event(n % 2 ? 'RECOMMENDATION_CLICKED' : 'RECOMMENDATION_SHOWN', sessionId, ['a'], {
          id: `storefront-0:${n}`,
          decisionId: decisionOf('home', ['a'], n),
          receivedAtMs: 100 * dayMs,
          atMs: (n % 90) * dayMs,
          ...more,
        });
      for (let n = 0; n < 2_000; n++) report.learn(forged(n, 's'));
      const [counted] = report.read(90, 100 * dayMs);
      expect(counted!.clicked).to.be.within(10, 50);
      expect(counted!.shown).to.be.within(200, 600);
      expect(report.read(90, 98 * dayMs)).to.deep.equal([]);
      for (let n = 0; n < 20_000; n++) report.learn(forged(n, `s${n}`, { network: 7 }));
      expect(report.read(2, 100 * dayMs)[0]!.clicked).to.be.within(100, 400);
      for (let n = 0; n < 2_000; n++) report.learn(forged(1, `t${n}`, { network: 100 + n }));
      expect(report.read(2, 100 * dayMs)[0]!.clicked).to.be.within(2_000, 2_500);
    });

    it('counts nothing of those who refused, of unknown placements and of days long gone', () => {
      const report = createReport();
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a'], { learn: false }));
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a'], { decisionId: '__proto__.x' }));
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a'], { decisionId: 'home' }));
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a'], { decisionId: null }));
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a']));
      report.learn(event('RECOMMENDATION_SHOWN', 's', ['a'], { atMs: 300 * dayMs }));
      expect(report.read(90, 300 * dayMs)).to.deep.equal([
        { placement: 'home', shown: 1, clicked: 0, bought: 0 },
      ]);
      expect(report.read(90, 120 * dayMs)).to.deep.equal([]);
    });
  });
});
