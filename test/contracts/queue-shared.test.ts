import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { bull as bullPlugin } from '../../plugins/bull/plugin.js';
import { queue as queuePlugin } from '../../plugins/queue/plugin.js';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import { bootPlugins, createTestClock, type TestClock, type TestSystem } from '../support/boot.js';
import { openCuttable } from '../support/cuttable.js';
import { describeDrivers } from './drivers.js';

const leaseMs = 121_000;
let stores = 0;

/** Gateways publish and workers react: over Redis, with the outbox on MongoDB (`MONGODB_URL`). */
describeDrivers('a queue of many processes', ['bull'], (_driver, url) => {
  let systems: TestSystem[];
  let clock: TestClock;
  let told: string[];
  let storeUrl: string;

  before(function () {
    if (!process.env.MONGODB_URL) this.skip();
  });
  beforeEach(() => {
    systems = [];
    told = [];
    clock = createTestClock();
    const pathname = `/shared-queue-${process.pid}-${stores++}`;
    storeUrl = Object.assign(new URL(process.env.MONGODB_URL!), { pathname }).href;
  });
  afterEach(async () => {
    for (const system of systems) await system.close();
  });

  async function join(role: 'gateway' | 'worker', queueUrl = url!): Promise<TestSystem> {
    const listener: Plugin = definePlugin({
      name: 'listener',
      provides: null,
      needs: [],
      create: () => ({
        port: null,
        reactions: { 'product.changed': async ({ ids }) => void told.push(...ids) },
      }),
    });
    const system = await bootPlugins([storePlugin, queuePlugin, bullPlugin, listener], {
      clock,
      seed: systems.length + 1,
      environment: { RAPPORT_ROLE: role, RAPPORT_STORE_URL: storeUrl, RAPPORT_QUEUE_URL: queueUrl },
    });
    systems.push(system);
    return system;
  }

  async function publish(gateway: TestSystem, ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map((id) =>
        gateway.port('queue').publishing([{ type: 'product.changed', ids: [id] }], async () => undefined),
      ),
    );
    await gateway.port('queue').idle();
  }

  async function until(count: number): Promise<void> {
    for (let waitedMs = 0; told.length < count && waitedMs < 5_000; waitedMs += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const ids = Array.from({ length: 40 }, (_, i) => `p${i}`);

  it('wakes a worker for what a gateway published, each fact once', async () => {
    const gateway = await join('gateway');
    await join('worker');
    await join('worker');
    await publish(gateway, ids);
    await until(ids.length);
    expect([...told].sort()).to.deep.equal([...ids].sort());
  });

  it('loses nothing when Redis is emptied', async () => {
    const gateway = await join('gateway');
    await publish(gateway, ids);
    const { hostname, port, pathname } = new URL(url!);
    const redis = connect(Number(port || 6379), hostname);
    redis.end(`SELECT ${Number(pathname.slice(1) || 0)}\r\nFLUSHDB\r\nQUIT\r\n`);
    redis.resume();
    await once(redis, 'close');
    const worker = await join('worker');
    await worker.port('queue').idle();
    clock.advance(leaseMs);
    await worker.port('queue').idle();
    expect([...told].sort()).to.deep.equal([...ids].sort());
  });

  it('publishes and tells while Redis is away', async function () {
    this.timeout(60_000);
    const few = ids.slice(0, 10);
    const { hostname, port, pathname } = new URL(url!);
    const line = await openCuttable(hostname, Number(port || 6379));
    try {
      const broken = `redis://127.0.0.1:${line.port}${pathname}`;
      const gateway = await join('gateway', broken);
      const worker = await join('worker', broken);
      await line.cut();
      await publish(gateway, few);
      expect(
        await gateway
          .port('queue')
          .check()
          .catch((error: { code: string }) => error.code),
      ).to.equal('QUEUE_UNAVAILABLE');
      clock.advance(1_000);
      await worker.port('queue').idle();
      expect([...told].sort()).to.deep.equal([...few].sort());
      await line.restore();
      for (let i = 0; i < 200; i++) {
        const back = await gateway
          .port('queue')
          .check()
          .then(
            () => true,
            () => false,
          );
        if (back) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await publish(gateway, ['again']);
      await until(few.length + 1);
      expect(told).to.include('again');
    } finally {
      await line.close();
    }
  });

  it('refuses to start without Redis, saying so', async () => {
    const refusal = await join('gateway', 'redis://127.0.0.1:9').catch((error: Error) => error.message);
    expect(refusal).to.match(/^queue could not be opened on its bull driver: Redis cannot answer now/);
  });
});
