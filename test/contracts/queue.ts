import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { queue as queuePlugin } from '../../plugins/queue/plugin.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Fact, Reactions } from '../../src/facts.js';
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

/** What every driver of the queue promises; see the docstrings of `src/ports/queue.ts`. */
export function queueContract(environmentOfTest: () => Readonly<Record<string, string>>): void {
  let environment: Readonly<Record<string, string>>;
  let dataDir: string;
  let clock: TestClock;
  let system: TestSystem;
  let queue: Queue;
  let told: string[];

  async function open(...plugins: Plugin[]): Promise<void> {
    system = await bootPlugins([storePlugin, queuePlugin, ...plugins], {
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

  it('tells every plugin that reacts, before the publisher goes on', async () => {
    await open(listener('a'), listener('b'));
    const answer = await queue.publishing([changed('1'), changed('2')], async () => {
      expect(told).to.deep.equal([]);
      return 'written';
    });
    expect(answer).to.equal('written');
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
    expect(letters[0]!.err.stack).to.match(/^Error: bad cannot\n\s+at .*queue\.ts/);
    expect(letters[0]!.fact).to.deep.equal(changed('1'));
  });

  function failures(): number {
    return system.log.lines.filter(({ message }) => message === 'a reaction failed').length;
  }

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
    await open(reacting('hanging', { 'product.changed': () => new Promise(() => undefined) }), listener('a'));
    let done = false;
    const publishing = queue
      .publishing([changed('1')], async () => undefined)
      .then(() => {
        done = true;
      });
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(done).to.equal(false);
    clock.advance(250);
    await publishing;
    clock.advance(60_000);
    await queue.idle();
    expect(failures()).to.equal(1);
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
