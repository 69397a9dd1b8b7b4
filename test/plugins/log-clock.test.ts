import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { createLogClock } from '../../plugins/recommendations/learning/log-clock.js';
import { createStatistics, type Statistics } from '../../plugins/recommendations/learning/statistics.js';
import {
  createLeasing,
  type Lease,
  leaseMs,
  leaseSpec,
} from '../../plugins/recommendations/snapshots/lease.js';
import { createLogPosition } from '../../plugins/recommendations/snapshots/log-position.js';
import { store } from '../../plugins/store/plugin.js';
import { createIds } from '../../src/host.js';
import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { bootPlugins, createRandom, createTestClock, createTestLog } from '../support/boot.js';
import { runs } from '../support/runs.js';
import { openShop } from '../support/shop.js';
import { eventOf } from '../support/shop-event.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const beganMs = Date.UTC(2026, 0, 15, 12);
const products = 40;

const shelf: Shelf = {
  size: products,
  changes: 0,
  numberOf: (id) => Number(id.slice(1)),
  idOf: (number) => `p${number}`,
  eligible: () => true,
  inStock: () => true,
  status: () => 'ACTIVE',
  inStore: () => true,
  knowsStore: () => true,
  isSoldIn: () => true,
  brand: () => null,
  categories: () => [],
  createdAtMs: () => 0,
};
const tie = (a: number, b: number) => a - b;

function view(session: string, product: string, atMs: number): ShopEvent {
  const id = `server:${session}-${product}-${atMs}`;
  return eventOf('PRODUCT_VIEWED', atMs, [product], { id, sessionId: session, storeId: 'here' });
}

/** Somebody looks at something every ten minutes; the first products most. */
function traffic(fromMs: number, count: number, seed: number): ShopEvent[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) =>
    view(`s${seed}-${at}`, `p${Math.floor((products - 5) * random() ** 3)}`, fromMs + at * 10 * minuteMs),
  );
}

function board(statistics: Statistics, of: 'popularity' | 'trend'): string[] {
  const { items, length } = statistics[of].overall(products);
  return Array.from({ length }, (_, place) => `p${items[place]!}`);
}

/** Of each product the part of all interest. */
function shares(statistics: Statistics, of: 'popularity' | 'trend'): Map<string, number> {
  const { items, scores, length } = statistics[of].overall(products);
  let sum = 0;
  for (let place = 0; place < length; place++) sum += scores[place]!;
  return new Map(Array.from({ length }, (_, place) => [`p${items[place]!}`, scores[place]! / sum]));
}

function inOrder(...logs: (readonly ShopEvent[])[]): Statistics {
  const statistics = createStatistics(shelf, tie);
  for (const log of logs) statistics.learn(log);
  return statistics;
}

describe('a server clock that ran ahead', () => {
  const before = traffic(beganMs, 600, 1);
  const afterMs = beganMs + 600 * 10 * minuteMs;
  const after = traffic(afterMs, 300, 2);

  it('changes nothing for good, whatever happened meanwhile and however far ahead it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 3_000 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (daysAhead, events, minutes) => {
          const at = (n: number) => afterMs + (n * minutes * minuteMs) / events;
          const during = Array.from({ length: events }, (_, n) => view(`x${n}`, `p${35 + (n % 5)}`, at(n)));
          const ahead = during.map((event) => {
            const atMs = event.atMs + daysAhead * dayMs;
            return { ...event, atMs, receivedAtMs: atMs };
          });
          const wrong = inOrder(before, ahead, after);
          const right = inOrder(before, during, after);
          for (const of of ['popularity', 'trend'] as const) {
            const [found, expected] = [shares(wrong, of), shares(right, of)];
            for (const [product, share] of expected)
              expect(found.get(product), `${of} of ${product}`).to.be.closeTo(share, 0.05 * share + 1e-3);
          }
        },
      ),
      { numRuns: runs(10) },
    );
  });

  it('is forgotten within days even if it was ahead for hours', () => {
    const ahead = Array.from({ length: 500 }, (_, n) =>
      view(`x${n}`, `p${35 + (n % 5)}`, afterMs + 400 * dayMs + n * minuteMs),
    );
    const statistics = inOrder(before, ahead, traffic(afterMs, 1_500, 2));
    const top = board(statistics, 'trend').slice(0, 5);
    for (const product of ['p35', 'p36', 'p37', 'p38', 'p39']) expect(top).to.not.include(product);
  });

  for (const [minutes, what] of [
    [1, 'a moment'],
    [60, 'hours'],
  ] as const) {
    it(`leads nothing when the log is read again after it was ahead for ${what}: then its receipts come last`, () => {
      const ahead = Array.from({ length: 300 }, (_, n) =>
        view(`x${n}`, `p${35 + (n % 5)}`, afterMs + 400 * dayMs + (n * minutes * minuteMs) / 30),
      );
      const nowMs = afterMs + 301 * 10 * minuteMs;
      const position = createLogPosition(() => nowMs);
      const statistics = createStatistics(shelf, tie, undefined, undefined, () => nowMs);
      for (const log of [before, after, ahead]) {
        statistics.learn(log);
        position.passed(log);
      }
      const lastMs = after.at(-1)!.receivedAtMs;
      const right = inOrder(
        before,
        after,
        ahead.map((event) => ({ ...event, atMs: lastMs, receivedAtMs: lastMs })),
      );
      for (const of of ['popularity', 'trend'] as const)
        expect(shares(statistics, of), of).to.deep.equal(shares(right, of));
      expect(position.fromMs).to.equal(lastMs - minuteMs);
    });
  }

  it('is believed by nobody when it is the server that is behind its own log', () => {
    const behind = createStatistics(shelf, tie, undefined, undefined, () => 0);
    for (const log of [before, after]) behind.learn(log);
    const right = inOrder(before, after);
    for (const of of ['popularity', 'trend'] as const)
      expect(board(behind, of)).to.deep.equal(board(right, of));
  });

  it('is told within an hour from a shop that was silent for weeks', () => {
    const later = (n: number, afterwardsMs: number) =>
      view(`y${n}`, 'p39', afterMs + 30 * dayMs + afterwardsMs);
    const firstHour = Array.from({ length: 12 }, (_, n) => later(n, n * minuteMs));
    const statistics = inOrder(before, firstHour);
    expect(board(statistics, 'trend')[0]).to.not.equal('p39');
    statistics.learn(Array.from({ length: 12 }, (_, n) => later(12 + n, (61 + n) * minuteMs)));
    expect(board(statistics, 'trend')[0]).to.equal('p39');
  });

  it('leaves the position in the log where it was, and is learned once', () => {
    const position = createLogPosition();
    const ahead = [view('x', 'p39', afterMs + 400 * dayMs)];
    position.passed(before);
    position.passed(ahead);
    const [last] = before.slice(-1);
    expect(position.fromMs).to.be.within(last!.receivedAtMs - minuteMs, last!.receivedAtMs);
    const again = createLogPosition();
    for (const part of position.save()) again.restore(part);
    for (const each of [position, again]) {
      expect(each.news(ahead)).to.deep.equal([]);
      expect(each.news(before.slice(-1))).to.deep.equal([]);
      expect(each.news(after.slice(0, 1))).to.deep.equal(after.slice(0, 1));
    }
  });

  it('knows the time again after it has gone back', () => {
    const setBack: number[] = [];
    const clock = createLogClock({ setBack: (byMs) => setBack.push(byMs) });
    for (let n = 0; n < 100; n++) clock.enter(beganMs + 400 * dayMs + n * minuteMs);
    for (let n = 0; n < 100; n++) clock.enter(beganMs + n * minuteMs);
    expect(clock.newestMs).to.equal(beganMs + 99 * minuteMs);
    expect(setBack.length).to.equal(1);
  });

  it('holds no lease for good', async () => {
    const system = await bootPlugins([store]);
    const leases = await system.port('store').collection<Lease>(leaseSpec);
    const host = (clock: ReturnType<typeof createTestClock>) => ({
      clock,
      ids: createIds(clock),
      log: createTestLog(),
    });
    const wrong = createTestClock(beganMs + 400 * dayMs);
    const right = createTestClock(beganMs);
    expect(await createLeasing(leases, 'building', host(wrong)).take()).to.equal(true);
    const other = createLeasing(leases, 'building', host(right));
    expect(await other.take()).to.equal(true);
    right.advance(leaseMs / 2);
    expect(other.held()).to.equal(true);
    await system.close();
  });

  it('leads nothing after it has come back', async () => {
    const shop = await openShop({ environment: { RAPPORT_CONSENT_MODE: 'opt-out' } });
    await shop.save(Array.from({ length: 12 }, (_, at) => ({ id: `p${at}` })));
    const startMs = shop.clock.nowMs();
    for (let n = 0; n < 30; n++) {
      await shop.did(`s${n}`, 'PRODUCT_VIEWED', [`p${n % 3}`]);
      shop.clock.advance(minuteMs);
    }
    const leader = async () =>
      (await shop.recommend('blank', { placement: 'trending' })).items.map(({ product }) => product.id);
    const backMs = shop.clock.nowMs();
    shop.clock.advance(400 * dayMs);
    for (let n = 0; n < 10; n++) await shop.did(`x${n}`, 'PRODUCT_VIEWED', ['p9']);
    shop.clock.advance(backMs - shop.clock.nowMs());
    expect(shop.clock.nowMs()).to.be.lessThan(startMs + dayMs);
    for (let n = 0; n < 60; n++) {
      await shop.did(`t${n}`, 'PRODUCT_VIEWED', [`p${n % 3}`]);
      shop.clock.advance(minuteMs);
    }
    expect((await leader())[0]).to.be.oneOf(['p0', 'p1', 'p2']);
    await shop.close();
  });

  it('leads nothing after a restart either', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    const environment = { RAPPORT_CONSENT_MODE: 'opt-out' };
    let shop = await openShop({ environment, dataDir });
    const { clock } = shop;
    await shop.save(Array.from({ length: 12 }, (_, at) => ({ id: `p${at}` })));
    const look = async (who: string, many: number, products: number): Promise<void> => {
      for (let n = 0; n < many; n++) await shop.did(`${who}${n}`, 'PRODUCT_VIEWED', [`p${n % products}`]);
    };
    await look('s', 30, 3);
    clock.advance(400 * dayMs);
    for (let n = 0; n < 10; n++) await shop.did(`x${n}`, 'PRODUCT_VIEWED', ['p9']);
    clock.advance(-400 * dayMs);
    await look('t', 30, 3);
    await shop.close();
    shop = await openShop({ environment, dataDir, clock });
    for (const placement of ['trending', 'home']) {
      const { items } = await shop.recommend('blank', { placement });
      expect(items[0]!.product.id, placement).to.be.oneOf(['p0', 'p1', 'p2']);
    }
    await shop.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
