import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { createMetrics } from '../../src/gateway/metrics.js';
import { definePlugin } from '../../src/plugin.js';
import { bootEvents, contextOf, view } from '../support/events.js';

const broken = definePlugin({
  name: 'half-broken',
  provides: null,
  needs: [],
  create: () => ({
    port: null,
    counters: {
      fails: {
        help: 'Fails.',
        read: () => {
          throw new Error('no');
        },
      },
    },
  }),
});

describe('the metrics', () => {
  it('count products in events that the catalog does not have, each event once', async () => {
    const system = await bootEvents({}, [catalog, broken]);
    await system.port('catalog').save([{ id: 'mug', sku: 'M-1', title: 'Mug' }]);
    const events = [
      view('1', 'mug'),
      view('2', 'M-1'),
      view('3', 'gone'),
      view('4', 'gone'),
      view('4', 'gone'),
    ];
    await system.port('events').record(contextOf('s'), events);
    await system.port('events').record(contextOf('s'), events);
    const metrics = createMetrics();
    metrics.followPlugins(system.plugins);
    for (let written = 0; written < 2; written++) {
      const { body } = await metrics.text();
      expect(body).to.match(/^rapport_events_unknown_products_total 2$/m);
      expect(body).to.match(/^rapport_half_broken_fails_total 0$/m);
    }
    await system.close();
  });

  it('refuse a counter whose name is not snake case, with the name of its plugin', async () => {
    const odd = {
      ...broken,
      create: () => ({ port: null, counters: { 'not-snake': { help: '', read: () => 0 } } }),
    };
    const started = await bootEvents({}, [odd]).then(
      () => null,
      (error: unknown) => error,
    );
    expect(String(started)).to.contain('half-broken').and.contain('"not-snake"');
  });
});
