import { join } from 'node:path';
import { plugins } from '../../plugins/index.js';
import { boot } from '../../src/boot.js';
import { openGateway } from '../../src/gateway/http.js';
import { createApiKeys } from '../../src/gateway/keys.js';
import { createSurface } from '../../src/gateway/surface.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import { contextOf } from './context.js';
import { serve } from './servers.js';

/**
 * The whole of Rapport on the embedded drivers: its event log empty, the products known, so that every event is learned from. As a
 * gateway it trains no models from the log beside that, which is a worker's task and would take CPU time for minutes after the warm-up.
 */
const productCount = Number(process.env.PRODUCTS);
const dataDir = join(process.env.BENCH_DIRECTORY!, 'ours');
const silent = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const ids = createIds(systemClock);
const system = await boot({
  plugins,
  environment: {
    RAPPORT_PORT: '0',
    RAPPORT_BIND: '127.0.0.1',
    RAPPORT_ROLE: 'gateway',
    RAPPORT_RATE_LIMITS: 'false',
    RAPPORT_DATA_DIR: dataDir,
  },
  host: (core) => ({ clock: systemClock, ids, random: systemRandom, log: silent, dataDir: core.dataDir }),
});
await system.port('catalog').save(
  Array.from({ length: productCount }, (_, i) => ({
    id: `product-${i}`,
    title: `Product ${i}`,
    brand: `Brand ${i % 7}`,
    categoryIds: [`category-${i % 11}`],
    prices: [{ currency: 'EUR', amount: '19.90' }],
  })),
);
const gateway = await openGateway({
  system,
  host: { clock: systemClock, ids, log: silent },
  surface: createSurface(process.env.SCHEMA_DIRECTORY!, system.plugins),
  keys: createApiKeys('STOREFRONT=bench-storefront,SERVER=bench-server', { development: false }),
  development: false,
  home: '/graphql',
  shownKeys: null,
});

interface Work {
  readonly sessionIds: readonly string[];
  readonly inputs: readonly (readonly unknown[])[];
}

/** Records batches through the port, 16 at a time: what the log itself costs, without HTTP. */
async function record({ sessionIds, inputs }: Work): Promise<void> {
  const events = system.port('events');
  let next = 0;
  async function work(): Promise<void> {
    for (let i = next++; i < inputs.length; i = next++)
      await events.record(contextOf(sessionIds[i]!, systemClock.nowMs()), inputs[i]!);
  }
  await Promise.all(Array.from({ length: 16 }, work));
}

serve(`http://127.0.0.1:${gateway.port}`, (message) => record(message as Work));
