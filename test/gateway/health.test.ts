import { expect } from 'chai';
import { RapportError } from '../../src/errors.js';
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
    try {
      expect(await ready()).to.deep.equal([
        200,
        { ready: true, stopping: false, degraded: [], parts: { fragile: 'ok' } },
      ]);
      state = new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the disk is full');
      expect(await ready()).to.deep.equal([
        200,
        { ready: true, stopping: false, degraded: ['fragile'], parts: { fragile: 'the disk is full' } },
      ]);
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
});
