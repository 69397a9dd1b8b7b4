import { expect } from 'chai';
import type { Contributed } from '../../src/contributed.js';
import { definePlugin, type Plugin } from '../../src/plugin.js';
import type { RankingRule } from '../../src/ports/ranking.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const rule: RankingRule = { changes: () => [] };

function contributing(name: string, ...rules: readonly RankingRule[]): Plugin {
  return definePlugin({
    name,
    provides: null,
    needs: [],
    create: () => ({ port: null, contributes: { rankingRule: rules } }),
  });
}

/** Boots a plugin that reads ranking rules, with others; returns what it read. */
async function reading(
  others: readonly Plugin[],
): Promise<{ system: TestSystem; rules: readonly Contributed<RankingRule>[] }> {
  let rules: readonly Contributed<RankingRule>[] = [];
  const host = definePlugin({
    name: 'host-of-rules',
    provides: null,
    needs: [],
    create: ({ contributions }) => ({
      port: null,
      start: async () => {
        rules = contributions('rankingRule');
      },
    }),
  });
  return { system: await bootPlugins([host, ...others]), rules };
}

describe('An extension point', () => {
  it('is read at the start, with the contributions of plugins that start later, in the order of plugins', async () => {
    const { system, rules } = await reading([
      contributing('first', rule, rule),
      contributing('none'),
      contributing('second', rule),
    ]);
    expect(rules.map(({ plugin }) => plugin)).to.deep.equal(['first', 'first', 'second']);
    expect(Object.isFrozen(rules)).to.equal(true);
    await system.close();
  });

  it('cannot be read while plugins are created', async () => {
    const hasty = definePlugin({
      name: 'hasty',
      provides: null,
      needs: [],
      create({ contributions }) {
        contributions('rankingRule');
        return { port: null };
      },
    });
    await bootPlugins([hasty]).then(
      () => expect.fail('it was not refused'),
      (error: Error) =>
        expect(error.message).to.equal(
          'hasty could not be created: contributions to rankingRule can be read from the start on, when all plugins are created',
        ),
    );
  });

  it('that nobody reads is named in the log with who contributes to it', async () => {
    const system = await bootPlugins([contributing('lonely', rule)]);
    expect(system.log.lines.map(({ level, fields }) => [level, fields])).to.deep.equal([
      ['warn', { plugin: 'lonely', point: 'rankingRule' }],
    ]);
    await system.close();
  });

  it('returns at once what a contribution returns at once, and counts only what was left out', async () => {
    const { system, rules } = await reading([contributing('one', rule)]);
    const [one] = rules;
    expect(one!.call(10, () => 42)).to.equal(42);
    expect(await one!.call(10, async () => 43)).to.equal(43);
    expect(system.leftOut()).to.deep.equal([{ plugin: 'one', point: 'rankingRule', times: 0 }]);
    const late = one!.call(10, () => new Promise((_, reject) => setImmediate(reject, new Error('too late'))));
    system.clock.advance(10);
    expect(await late).to.equal(null);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await one!.call(10, () => Promise.reject(new Error('no')))).to.equal(null);
    expect(system.leftOut()).to.deep.equal([{ plugin: 'one', point: 'rankingRule', times: 2 }]);
    await system.close();
  });
});
