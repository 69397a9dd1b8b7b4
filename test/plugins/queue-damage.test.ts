import { expect } from 'chai';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Fact, Reactions } from '../../src/facts.js';
import { definePlugin } from '../../src/plugin.js';
import { bootPlugins, createTestClock, type TestClock, type TestSystem } from '../support/boot.js';
import { damageInPlace, type StoreFiles, storeFiles } from '../support/store-files.js';

const dayMs = 86_400_000;
const fact: Fact = { type: 'product.changed', ids: ['p'] };

describe('damage to what the queue keeps', () => {
  let files: StoreFiles;
  let clock: TestClock;
  let system: TestSystem;
  let told: string[];

  async function open(reactions: Reactions): Promise<void> {
    const plugin = definePlugin({
      name: 'shop',
      provides: null,
      needs: [],
      create: () => ({ port: null, reactions }),
    });
    system = await bootPlugins([store, queue, plugin], { dataDir: files.dataDir, clock });
    await system.port('queue').idle();
  }
  const days: Reactions = {
    'day.passed': async ({ day }) => {
      told.push(day);
    },
  };
  async function fail(): Promise<never> {
    throw new Error('cannot');
  }

  beforeEach(() => {
    files = storeFiles();
    clock = createTestClock();
    told = [];
  });
  afterEach(async () => {
    await system.close();
    files.remove();
  });

  it('of the last day that was told does not end the telling of days', async () => {
    await open(days);
    clock.advance(dayMs);
    await system.port('queue').idle();
    await system.close();
    damageInPlace(files, '"id":"told","day":"');
    await open(days);
    clock.advance(dayMs);
    await system.port('queue').idle();
    expect([...new Set(told)]).to.deep.equal(['2026-01-15', '2026-01-16']);
    clock.advance(1_000);
    await system.close();
    await open(days);
    await system.port('store').check();
  });

  it('of one dead letter leaves the others to be read and replayed', async () => {
    let failing = true;
    const reactions: Reactions = {
      'product.changed': async ({ ids }) => {
        if (failing) await fail();
        told.push(...ids);
      },
    };
    await open(reactions);
    for (const id of ['p1', 'p2'])
      await system.port('queue').publishing([{ ...fact, ids: [id] }], async () => undefined);
    for (let second = 0; second < 40; second++) {
      clock.advance(1_000);
      await system.port('queue').idle();
    }
    const letters = await system.port('queue').deadLetters({ limit: 10 });
    expect(letters).to.have.length(2);
    await system.close();
    damageInPlace(files, `"id":"${letters[0]!.id}","fact":{"type":"`);
    failing = false;
    await open(reactions);
    const left = await system.port('queue').deadLetters({ limit: 10 });
    expect(left.map(({ id }) => id)).to.deep.equal([letters[1]!.id]);
    expect(await system.port('queue').replay(letters.map(({ id }) => id))).to.equal(1);
    await system.port('queue').idle();
    expect(told).to.have.length(1);
  });

  it('of an entry whose reaction is running is healed when that is done', async () => {
    let done: () => void = () => undefined;
    await open({
      'product.changed': () =>
        new Promise<void>((resolve) => {
          done = resolve;
        }),
    });
    await system.port('queue').publishing([fact], async () => undefined);
    const text = '"fact":{"type":"product.changed"';
    // The checkpoint moves the log to the data file, where the damage is done.
    for (let turn = 0; turn < 10_000 && !files.read('data.mdb').includes(text); turn++) {
      clock.advance(1);
      await new Promise(setImmediate);
    }
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    damageInPlace(files, text);
    done();
    await system.port('queue').idle();
    expect(system.log.lines.filter(({ message }) => message.startsWith('could not'))).to.deep.equal([]);
    clock.advance(1_000);
    await system.close();
    await open({ 'product.changed': fail });
    await system.port('store').check();
  });
});
