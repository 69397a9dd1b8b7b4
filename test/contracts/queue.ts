import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { stopMs } from '../../plugins/queue/delivery.js';
import { queue as queuePlugin } from '../../plugins/queue/plugin.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Fact, FactDelivery, Reactions } from '../../src/facts.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import type { Queue } from '../../src/ports/queue.js';
import { bootPlugins, createTestClock, type TestClock, type TestSystem } from '../support/boot.js';

const leaseMs = 121_000;
const changed = (...ids: string[]): Fact => ({ type: 'product.changed', ids });

function reacting(name: string, reactions: Reactions): Plugin {
  return definePlugin({
    name,
    provides: null,
    needs: [],
    create: () => ({ port: null, reactions }),
  });
}

/**
 * What every driver of the queue promises; see the docstrings of `src/ports/queue.ts`. `environmentOfTest` returns the variables that choose
 * the driver, `further` are the plugins that contribute it.
 */
export function queueContract(
  environmentOfTest: () => Readonly<Record<string, string>>,
  further: readonly Plugin[] = [],
): void {
  let environment: Readonly<Record<string, string>>;
  let dataDir: string;
  let clock: TestClock;
  let system: TestSystem;
  let queue: Queue;
  let told: string[];

  async function open(...plugins: Plugin[]): Promise<void> {
    system = await bootPlugins([storePlugin, queuePlugin, ...further, ...plugins], {
      dataDir,
      clock,
      environment,
    });
    queue = system.port('queue');
    // Among many processes what a dead one had is taken up when its time is over, else at once.
    if (!system.port('store').ordered) clock.advance(leaseMs);
    await queue.idle();
  }

  /** A plugin that notes what it is told, and fails as long as `failing` says so. */
  function listener(name: string, failing: () => boolean = () => false): Plugin {
    return reacting(name, {
      'product.changed': async ({ ids }) => {
        if (failing()) throw new Error(`${name} cannot`);
        told.push(...ids.map((id) => `${name}:${id}`));
      },
      'day.passed': async ({ day }) => {
        told.push(`${name}:${day}`);
      },
    });
  }

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    clock = createTestClock(Date.UTC(2026, 0, 15, 12));
    told = [];
    environment = environmentOfTest();
  });
  afterEach(async () => {
    await system.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('tells every plugin that reacts', async () => {
    await open(listener('a'), listener('b'));
    const answer = await queue.publishing([changed('1'), changed('2')], async () => {
      expect(told).to.deep.equal([]);
      return 'written';
    });
    expect(answer).to.equal('written');
    await queue.idle();
    expect([...told].sort()).to.deep.equal(['a:1', 'a:2', 'b:1', 'b:2']);
  });

  it('withdraws the facts of a write that throws', async () => {
    await open(listener('a'));
    const failing = queue.publishing([changed('1')], async () => {
      throw new Error('no');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    await queue.idle();
    await system.close();
    await open(listener('a'));
    expect(told).to.deep.equal([]);
  });

  it('tells after a restart what was published and not told', async () => {
    let broken = true;
    await open(
      listener('a', () => broken),
      listener('b'),
    );
    await queue.publishing([changed('1')], async () => undefined);
    await queue.idle();
    expect(told).to.deep.equal(['b:1']);
    await system.close();
    broken = false;
    await open(
      listener('a', () => broken),
      listener('b'),
    );
    expect([...told].sort()).to.deep.equal(['a:1', 'b:1']);
  });

  it('tells at the next start what a dead process was writing', async () => {
    await open(listener('a'));
    let begun: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const store = system.port('store');
    const notes = await store.collection<{ id: string }>({ name: 'notes', indexes: {} });
    // A write that never comes to an end stands for a process that dies in the middle of it.
    void queue.publishing([changed('1')], async () => {
      await notes.put([{ id: 'n' }]);
      begun();
      await new Promise(() => undefined);
    });
    await inside;
    await system.close();
    expect(told).to.deep.equal([]);
    await open(listener('a'));
    expect(told).to.deep.equal(['a:1']);
  });

  it('keeps facts until somebody reacts', async () => {
    await open();
    await queue.publishing([changed('1')], async () => undefined);
    queue.react('late', 'product.changed', async () => {
      told.push('late');
    });
    await queue.idle();
    if (!system.port('store').ordered) clock.advance(leaseMs);
    await queue.idle();
    expect(told).to.deep.equal(['late']);
  });

  it('tries again later and later, only who failed, then keeps a dead letter', async () => {
    await open(
      listener('good'),
      listener('bad', () => true),
    );
    await queue.publishing([changed('1')], async () => undefined);
    await queue.idle();
    const waitsMs: number[] = [];
    for (let attempt = 2; attempt <= 5; attempt++) {
      const before = failures();
      const fromMs = clock.nowMs();
      while (failures() === before) {
        clock.advance(250);
        await queue.idle();
      }
      waitsMs.push(clock.nowMs() - fromMs);
    }
    expect(waitsMs[0]).to.be.within(500, 1_250);
    expect(waitsMs[3]).to.be.within(4_000, 8_250);
    expect(told).to.deep.equal(['good:1']);
    clock.advance(3_600_000);
    await queue.idle();
    expect(failures()).to.equal(5);
    const letters = await queue.deadLetters({ limit: 10 });
    expect(letters).to.have.length(1);
    expect(letters[0]).to.include({ plugin: 'bad', attempts: 5, error: 'Error: bad cannot' });
    expect(letters[0]!.err.stack).to.match(/^Error: bad cannot\n\s+at .*queue\.[jt]s/);
    expect(letters[0]!.fact).to.deep.equal(changed('1'));
  });

  function failures(): number {
    return system.log.lines.filter(({ message }) => message === 'a reaction failed').length;
  }

  it('gives handlers the id, the moment and the attempt of a fact, the same id in all plugins and after a replay', async () => {
    const deliveries: Record<string, FactDelivery[]> = { good: [], bad: [] };
    let broken = true;
    await open(
      reacting('good', { 'product.changed': async (_, delivery) => void deliveries.good!.push(delivery) }),
      reacting('bad', {
        async 'product.changed'(_, delivery) {
          deliveries.bad!.push(delivery);
          if (broken) throw new Error('bad cannot');
        },
      }),
    );
    const publishedAtMs = clock.nowMs();
    await queue.publishing([changed('1')], async () => undefined);
    for (let i = 0; i < 20; i++) {
      await queue.idle();
      clock.advance(10_000);
    }
    const [letter] = await queue.deadLetters({ limit: 1 });
    broken = false;
    await queue.replay([letter!.id]);
    await queue.idle();
    expect(deliveries.good).to.have.length(1);
    expect(deliveries.bad!.map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3, 4, 5, 1]);
    const ids = [...deliveries.good!, ...deliveries.bad!].map(({ id }) => id);
    expect(new Set(ids).size).to.equal(1);
    expect(deliveries.bad!.slice(0, 5).map(({ atMs }) => atMs)).to.deep.equal(Array(5).fill(publishedAtMs));
  });

  it('replays dead letters once, newest first in the list', async () => {
    let broken = true;
    await open(listener('a', () => broken));
    for (const id of ['1', '2']) {
      await queue.publishing([changed(id)], async () => undefined);
      for (let i = 0; i < 20; i++) {
        clock.advance(10_000);
        await queue.idle();
      }
    }
    const letters = await queue.deadLetters({ limit: 10 });
    expect(letters.map(({ fact }) => 'ids' in fact && fact.ids[0])).to.deep.equal(['2', '1']);
    broken = false;
    expect(await queue.replay([letters[0]!.id, letters[0]!.id, 'unknown'])).to.equal(1);
    await queue.idle();
    expect(told).to.deep.equal(['a:2']);
    expect(await queue.replay([letters[0]!.id])).to.equal(0);
    expect(await queue.deadLetters({ limit: 10 })).to.have.length(1);
  });

  it('tells planned facts when their time has come, not before, and also after a restart', async () => {
    await open(listener('a'));
    const nowMs = clock.nowMs();
    await queue.publishAt(nowMs + 10_000, 'one', changed('1'));
    await queue.publishAt(nowMs + 20_000, 'two', changed('2'));
    await queue.publishAt(nowMs + 30_000, 'three', changed('3'));
    await queue.publishAt(nowMs + 15_000, 'one', changed('1 again'));
    await queue.cancel('three');
    clock.advance(14_999);
    await queue.idle();
    expect(told).to.deep.equal([]);
    clock.advance(1);
    await queue.idle();
    expect(told).to.deep.equal(['a:1 again']);
    await system.close();
    clock.advance(100_000);
    await open(listener('a'));
    expect(told).to.deep.equal(['a:1 again', 'a:2']);
    await queue.publishAt(nowMs, 'past', changed('past'));
    await queue.idle();
    expect(told.at(-1)).to.equal('a:past');
  });

  it('tells that a day has passed once, and of missed days only the last', async () => {
    await open(listener('a'));
    expect(told).to.deep.equal([]);
    clock.advance(12 * 3_600_000);
    await queue.idle();
    expect(told).to.deep.equal(['a:2026-01-15']);
    await system.close();
    await open(listener('a'));
    expect(told).to.deep.equal(['a:2026-01-15']);
    await system.close();
    clock.advance(5 * 86_400_000);
    await open(listener('a'));
    expect(told).to.deep.equal(['a:2026-01-15', 'a:2026-01-20']);
    clock.advance(86_400_000);
    await queue.idle();
    clock.advance(86_400_000);
    await queue.idle();
    expect(told.slice(2)).to.deep.equal(['a:2026-01-21', 'a:2026-01-22']);
  });

  it('runs a bounded number of reactions at once', async () => {
    let running = 0;
    let most = 0;
    await open(
      reacting('slow', {
        'product.changed': async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
      }),
    );
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => queue.publishing([changed(String(i))], async () => undefined)),
    );
    await queue.idle();
    expect(most).to.be.within(2, 16);
  });

  it('does not wait for a reaction that hangs, and counts it as failed', async () => {
    await open(reacting('hanging', { 'product.changed': () => new Promise(() => undefined) }));
    await queue.publishing([changed('1')], async () => undefined);
    clock.advance(60_000);
    await queue.idle();
    expect(failures()).to.equal(1);
  });

  it('stops within three seconds although a reaction hangs, names its plugin, and tells its fact again', async () => {
    const hanging = reacting('hanging', { 'product.changed': () => new Promise(() => undefined) });
    await open(hanging, listener('a'));
    await queue.publishing([changed('1')], async () => undefined);
    await until(() => told.length === 1);
    let isClosed = false;
    const closing = system.close().then(() => {
      isClosed = true;
    });
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed, 'before').to.equal(false);
    clock.advance(stopMs);
    await closing;
    const [line] = system.log.lines.filter(({ message }) => message.includes('did not end'));
    expect(line?.fields)
      .to.include({ plugin: 'hanging' })
      .and.to.deep.include({ facts: ['product.changed'] });
    await open(listener('hanging'), listener('a'));
    await until(() => told.length === 2);
    expect(told).to.deep.equal(['a:1', 'hanging:1']);
  });

  it('delays no other plugin, and no publisher, when the reactions of one hang', async () => {
    let begun = 0;
    const hanging = reacting('hanging', {
      'product.changed': () => {
        begun++;
        return new Promise(() => undefined);
      },
    });
    let failing = true;
    const flaky = reacting('flaky', {
      'product.changed': async ({ ids }) => {
        if (failing) throw new Error('not yet');
        told.push(...ids.map((id) => `flaky:${id}`));
      },
    });
    const stock = reacting('stock', { 'stock.changed': async ({ ids }) => void told.push(...ids) });
    await open(hanging, flaky, stock, listener('a'));
    // Far more than one plugin has turns. The clock stands still, so whatever waited for a deadline would wait for ever.
    for (let i = 0; i < 40; i++) await queue.publishing([changed(String(i))], async () => undefined);
    await queue.publishing([{ type: 'stock.changed', ids: ['s'] }], async () => undefined);
    await until(() => told.length === 41);
    expect(told).to.include('s').and.include('a:39');
    expect(begun).to.be.within(1, 16);
    // Who failed is tried again, although the same facts still hang elsewhere.
    failing = false;
    await until(() => failures() === 40);
    for (let waitedMs = 0; waitedMs < 3_000; waitedMs += 250) {
      clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => told.filter((name) => name.startsWith('flaky:')).length === 40);
    expect(told.filter((name) => name.startsWith('a:'))).to.have.length(40);
  });

  it('keeps a dead letter for each plugin that fails, with its own attempts', async () => {
    await open(
      listener('one', () => true),
      listener('two', () => true),
      listener('good'),
    );
    await queue.publishing([changed('1')], async () => undefined);
    await queue.idle();
    for (let i = 0; i < 40; i++) {
      clock.advance(1_000);
      await queue.idle();
    }
    const letters = await queue.deadLetters({ limit: 10 });
    expect(letters.map(({ plugin, attempts }) => [plugin, attempts])).to.have.deep.members([
      ['one', 5],
      ['two', 5],
    ]);
    expect(told).to.deep.equal(['good:1']);
  });

  /** Waits in real time for what follows by itself; without `idle`, which looks for what is due. */
  async function until(isTrue: () => boolean): Promise<void> {
    for (let turn = 0; turn < 10_000 && !isTrue(); turn++)
      await new Promise((resolve) => setTimeout(resolve, 1));
    expect(isTrue(), 'in time').to.equal(true);
  }

  it('tells planned facts within 50 ms of any moment, also of a fraction, and none before', async () => {
    const exact = clock;
    // As the system's: it shows whole milliseconds, and its timers drop fractions.
    clock = {
      ...exact,
      nowMs: () => Math.floor(exact.nowMs()),
      after: (delayMs, run) => exact.after(Math.max(1, Math.floor(delayMs)), run),
    };
    await open(listener('a'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 8 }),
        async (delays) => {
          told = [];
          const startMs = clock.nowMs();
          const dueMs = delays.map((delay) => startMs + delay);
          // Planned anew while the one before is being finished; a server without atomic updates may lose that.
          const round = system.port('store').ordered ? '' : String(startMs);
          for (const [i, atMs] of dueMs.entries())
            await queue.publishAt(atMs, `plan ${round} ${i}`, changed(`${i}`));
          for (const atMs of [...dueMs].sort((a, b) => a - b)) {
            await advanceTo(Math.ceil(atMs) - 1);
            const early = dueMs.flatMap((due, i) => (due > clock.nowMs() ? [`a:${i}`] : []));
            expect(told.filter((name) => early.includes(name))).to.deep.equal([]);
            await advanceTo(Math.ceil(atMs) + 50);
            const due = dueMs.flatMap((due, i) => (due <= atMs ? [`a:${i}`] : []));
            await until(() => due.every((name) => told.includes(name)));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  /** As time goes by on a quiet system: in small steps, and the store answers in between. */
  async function advanceTo(atMs: number): Promise<void> {
    while (clock.nowMs() < atMs) {
      clock.advance(Math.min(atMs - clock.nowMs(), 250));
      // A server that answers nothing for two seconds counts as away.
      await system.port('store').check();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Within some seconds; the outcome of a failure may be on its way to the store meanwhile. */
  async function advanceUntil(isTrue: () => boolean): Promise<void> {
    for (let step = 0; step < 100 && !isTrue(); step++) {
      clock.advance(50);
      for (let turn = 0; turn < 20 && !isTrue(); turn++)
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(isTrue(), 'in time').to.equal(true);
  }

  it('tells soon what became due, or was to be tried again, when the clock is set', async () => {
    let aheadMs = 0;
    const still = clock;
    clock = { ...still, nowMs: () => still.nowMs() + aheadMs };
    let broken = true;
    await open(listener('a', () => broken));
    await queue.publishAt(clock.nowMs() + 3_600_000, 'soon', changed('planned'));
    await queue.publishing([changed('failed')], async () => undefined);
    await until(() => failures() === 1);
    broken = false;
    aheadMs = -86_400_000;
    await advanceUntil(() => told.includes('a:failed'));
    aheadMs = 3_600_000;
    await advanceUntil(() => told.includes('a:planned'));
  });

  it('tells every day again after the clock was far ahead for a while', async () => {
    let aheadMs = 0;
    const still = clock;
    clock = { ...still, nowMs: () => still.nowMs() + aheadMs };
    await open(listener('a'));
    aheadMs = 400 * 86_400_000;
    clock.advance(60_000);
    await until(() => told.includes('a:2027-02-18'));
    aheadMs = 0;
    clock.advance(86_400_000);
    await until(() => told.includes('a:2026-01-15'));
  });

  it('refuses what is out of bounds', async () => {
    await open(listener('a'));
    async function refused(code: string, promise: Promise<unknown>): Promise<void> {
      expect(await promise.catch((error: { code: string }) => error.code)).to.equal(code);
    }
    const many = Array.from({ length: 101 }, () => changed('1'));
    await refused(
      'QUEUE_BATCH_TOO_LARGE',
      queue.publishing(many, async () => undefined),
    );
    await refused('QUEUE_TIME_INVALID', queue.publishAt(Number.NaN, 'k', changed('1')));
    await refused('QUEUE_KEY_INVALID', queue.publishAt(0, '', changed('1')));
    await refused('QUEUE_LIMIT_INVALID', queue.deadLetters({ limit: 0 }));
  });
}
