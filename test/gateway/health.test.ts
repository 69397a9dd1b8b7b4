import { expect } from 'chai';
import { RapportError } from '../../src/errors.js';
import { throttled } from '../../src/gateway/operator.js';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway } from '../support/gateway.js';
import { pantry } from './pantry.js';

describe('Readiness', () => {
  let state: Error | null = null;
  let thrown: Error | null = null;
  const fragile = definePlugin({
    name: 'fragile',
    provides: null,
    needs: [],
    create: () => ({
      port: null,
      check: () => {
        if (thrown) throw thrown;
        return state ? Promise.reject(state) : Promise.resolve();
      },
    }),
  });

  it('stays while something is degraded, which is named, and goes only with what cannot answer at all', async () => {
    const gateway = await openTestGateway([pantry, fragile]);
    async function ready(): Promise<[number, Record<string, unknown>]> {
      const answer = await fetch(`${gateway.url}/health/ready`);
      return [answer.status, (await answer.json()) as Record<string, unknown>];
    }
    async function metric(): Promise<string | undefined> {
      const text = await (await fetch(`${gateway.url}/metrics`)).text();
      return /rapport_plugin_unhealthy\{plugin="fragile"\} (\d)/.exec(text)?.[1];
    }
    try {
      expect(await ready()).to.deep.equal([
        200,
        { ready: true, stopping: false, degraded: [], parts: { fragile: 'ok' } },
      ]);
      expect(await metric()).to.equal('0');
      state = new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the disk is full');
      expect(await ready()).to.deep.equal([
        200,
        { ready: true, stopping: false, degraded: ['fragile'], parts: { fragile: 'the disk is full' } },
      ]);
      expect(await metric()).to.equal('1');
      state = new Error('a bug');
      expect((await ready())[0]).to.equal(503);
      state = null;
      expect((await ready())[0]).to.equal(200);
      thrown = new Error('a bug at once');
      expect(await ready()).to.deep.equal([
        503,
        { ready: false, stopping: false, degraded: [], parts: { fragile: 'a bug at once' } },
      ]);
    } finally {
      await gateway.close();
    }
  });

  it('is answered always, and checked 20 times a second at most', async () => {
    let checks = 0;
    const counted = definePlugin({
      name: 'counted',
      provides: null,
      needs: [],
      create: () => ({
        port: null,
        async check() {
          checks++;
        },
      }),
    });
    const gateway = await openTestGateway([pantry, counted]);
    const statuses = async (path: string, count: number) => {
      const found = new Set<number>();
      for (let i = 0; i < count; i++) found.add((await fetch(`${gateway.url}${path}`)).status);
      return [...found];
    };
    try {
      expect(await statuses('/health/ready', 60)).to.deep.equal([200]);
      expect(checks).to.equal(40);
      gateway.system.clock.advance(1_000);
      expect(await statuses('/health/ready', 60)).to.deep.equal([200]);
      expect(checks).to.be.within(59, 60);
      expect(await statuses('/metrics', 60)).to.deep.equal([200]);
    } finally {
      await gateway.close();
    }
  });
});

describe('A throttled function', () => {
  it('is called at its rate at most, and otherwise returns what the last call returned', () => {
    let nowMs = 0;
    let calls = 0;
    const next = throttled(() => ++calls, { perSecond: 2, burst: 3 }, { nowMs: () => nowMs });
    expect(Array.from({ length: 5 }, next)).to.deep.equal([1, 2, 3, 3, 3]);
    nowMs = 500;
    expect([next(), next()]).to.deep.equal([4, 4]);
  });
});
