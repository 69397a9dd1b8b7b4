import { expect } from 'chai';
import { createSharedRates } from '../../src/gateway/shared-rates.js';
import { type Buckets, createBuckets } from '../../src/gateway/token-bucket.js';
import { definePlugin } from '../../src/plugin.js';
import type { RateStore } from '../../src/ports/queue-driver.js';
import { createTestClock, createTestLog } from '../support/boot.js';
import { openTestGateway, testKeys } from '../support/gateway.js';
import { createMemoryRates } from '../support/rate-store.js';
import { pantry } from './pantry.js';

const reportMs = 200;
/** In that time every process has heard of the others. */
const presenceMs = 2_400;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Shared rate limits', () => {
  let clock: ReturnType<typeof createTestClock>;
  let store: RateStore;
  let away: boolean;
  let ids: number;
  let buckets: string[];
  const toClose: { close(): void }[] = [];

  beforeEach(() => {
    clock = createTestClock();
    const memory = createMemoryRates(clock);
    away = false;
    ids = 0;
    buckets = [];
    store = {
      async report(processId, taken) {
        if (away) throw new Error('away');
        buckets.push(...taken.map(({ bucket }) => bucket));
        return memory.report(processId, taken);
      },
    };
  });
  afterEach(() => {
    for (const shared of toClose.splice(0)) shared.close();
  });

  function openProcess(from = store) {
    const log = createTestLog();
    const shared = createSharedRates(from, { clock, log, ids: { next: () => `process-${++ids}` } });
    toClose.push(shared);
    const own = shared.join('clients', (taken) =>
      createBuckets({ perSecond: 10, burst: 100 }, clock, 1_000, taken),
    );
    return { shared, log, buckets: own };
  }
  function takenBy({ buckets }: { readonly buckets: Buckets }, id: string, most = 1_000): number {
    let count = 0;
    while (count < most && buckets.take(id, 1) === 0) count++;
    return count;
  }
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += reportMs) {
      clock.advance(reportMs);
      await settled();
    }
  }

  it('hold one limit: what one process admitted, the others do not admit again', async () => {
    const [one, two, three] = [openProcess(), openProcess(), openProcess()];
    expect(takenBy(one, 'ada', 60)).to.equal(60);
    expect(takenBy(two, 'ada', 40)).to.equal(40);
    await pass(2 * reportMs);
    // In two reports 4 units have flowed in; the third process has not seen this client before.
    expect(takenBy(one, 'ada') + takenBy(two, 'ada')).to.be.at.most(8);
    expect(takenBy(one, 'bob', 100)).to.equal(100);
    expect(takenBy(three, 'ada', 1)).to.equal(1);
    await pass(reportMs);
    expect(takenBy(three, 'ada')).to.be.at.most(6);
    expect(three.shared.state).to.deep.equal({ processes: 3, shares: true });
  });

  it('exceed a limit by a burst for each further process at most, and what was exceeded is owed', async () => {
    const all = [openProcess(), openProcess(), openProcess()];
    const atOnce = all.map((process) => takenBy(process, 'ada'));
    expect(atOnce).to.deep.equal([100, 100, 100]);
    let total = 300;
    const seconds = 120;
    for (let i = 0; i < (seconds * 1_000) / reportMs; i++) {
      await pass(reportMs);
      for (const process of all) total += takenBy(process, 'ada');
    }
    // The burst, and what flowed in. Each process may take what flows in between two reports.
    const allowed = 100 + 10 * seconds;
    expect(total).to.be.within(allowed - 10, allowed * 1.02);
  });

  it('do not refuse a client that stays with one process', async () => {
    const [one] = [openProcess(), openProcess(), openProcess(), openProcess()];
    expect(takenBy(one, 'ada', 100)).to.equal(100);
    for (let i = 0; i < 100; i++) {
      await pass(reportMs);
      expect(takenBy(one, 'ada', 2), `report ${i}`).to.be.at.least(1);
    }
  });

  it('ask nothing of the store for clients that use little, and notice one that uses little of each process', async () => {
    const all = [openProcess(), openProcess(), openProcess(), openProcess()];
    await pass(presenceMs);
    for (const process of all) process.buckets.take('ada', 0.04);
    await pass(reportMs);
    expect(buckets).to.deep.equal([]);
    // A burst's worth and half as much again of what flows in, evenly spread.
    for (let i = 0; i < 400; i++) {
      for (const process of all) process.buckets.take('bob', 0.75);
      await pass(reportMs);
    }
    for (const process of all) expect(process.buckets.take('bob', 4)).to.be.above(0);
  });

  it('tell the store no address', async () => {
    const one = openProcess();
    takenBy(one, '203.0.113.7', 5);
    await pass(reportMs);
    expect(buckets).to.have.length(1);
    expect(buckets.join()).to.not.contain('203.0.113.7');
  });

  it('fall back to a part of each limit while the store is away, say so, and share again', async () => {
    const [one, two] = [openProcess(), openProcess()];
    await pass(presenceMs);
    away = true;
    await pass(3_000);
    expect(one.shared.state).to.deep.equal({ processes: 2, shares: false });
    expect(one.log.lines.filter(({ level }) => level === 'warn')).to.have.length(1);
    expect(one.log.lines[0]!.fields).to.include({ processes: 2 });
    expect(takenBy(one, 'ada')).to.equal(50);
    expect(takenBy(two, 'ada')).to.equal(50);
    for (let i = 0; i < 20; i++) {
      await pass(1_000);
      expect(takenBy(one, 'ada')).to.equal(5);
    }
    away = false;
    await pass(1_000);
    expect(one.shared.state.shares).to.equal(true);
    expect(one.log.lines.at(-1)!.message).to.contain('shared again');
    // Its part was used up, so half of the whole is left, and what flowed in since.
    expect(takenBy(one, 'ada')).to.be.within(50, 65);
    expect(takenBy(one, 'bob')).to.equal(100);
  });

  it('let nobody wait for a store that does not answer', async () => {
    const one = openProcess({ report: () => new Promise(() => undefined) });
    clock.advance(10_000);
    expect(takenBy(one, 'ada')).to.equal(100);
  });

  it('are shared by gateways whose plugin has a rate store, and shown in the metrics', async () => {
    const ratesOf = (gateway: string) =>
      definePlugin({
        name: 'rates',
        provides: null,
        needs: [],
        create: () => ({
          port: null,
          // Ids of test gateways are alike.
          rateStore: { report: (id, taken) => store.report(`${gateway} ${id}`, taken) },
        }),
      });
    const open = (gateway: string) =>
      openTestGateway([pantry, ratesOf(gateway)], {
        clock,
        environment: { RAPPORT_RATE_LIMITS: 'true', RAPPORT_RATE_CLIENT: '2' },
      });
    const [one, two] = await Promise.all([open('one'), open('two')]);
    const ask = async ({ url }: { url: string }, headers: Record<string, string>) => {
      const response = await fetch(`${url}/graphql?query={version}`, { headers });
      await response.text();
      return { status: response.status, retryAfter: Number(response.headers.get('retry-after')) };
    };
    try {
      const key = { 'x-api-key': testKeys.STOREFRONT };
      await pass(presenceMs);
      for (let i = 0; i < 25; i++) await ask(one, key);
      await ask(two, key);
      await pass(reportMs);
      const { status, retryAfter } = await ask(two, key);
      expect(status).to.equal(429);
      expect(retryAfter).to.be.within(1, 10);
      const metrics = await fetch(`${one.url}/metrics`, { headers: { 'x-api-key': testKeys.ADMIN } });
      expect(await metrics.text())
        .to.match(/^rapport_rate_limit_processes 2$/m)
        .and.match(/^rapport_rate_limit_fallback 0$/m);
    } finally {
      await one.close();
      await two.close();
    }
  });
});
