import { join } from 'node:path';
import { plugins } from '../../plugins/index.js';
import { boot } from '../../src/boot.js';
import { openGateway } from '../../src/gateway/http.js';
import { createApiKeys } from '../../src/gateway/keys.js';
import { createSurface } from '../../src/gateway/surface.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import { contextOf } from './context.js';
import { serve } from './servers.js';
import { productOf, stockOf } from './variants-products.js';

/** The whole of Rapport on a catalog that `fill` wrote before. `VARIANTS=yes`: products have variants. */
const withVariants = process.env.VARIANTS === 'yes';
const silent = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const ids = createIds(systemClock);
const system = await boot({
  plugins,
  environment: {
    RAPPORT_PORT: '0',
    RAPPORT_BIND: '127.0.0.1',
    RAPPORT_RATE_LIMITS: 'false',
    RAPPORT_CONSENT_MODE: 'opt-out',
    RAPPORT_DATA_DIR: join(process.env.BENCH_DIRECTORY!, 'shop'),
  },
  host: (core) => ({ clock: systemClock, ids, random: systemRandom, log: silent, dataDir: core.dataDir }),
});
const gateway = await openGateway({
  system,
  host: { clock: systemClock, ids, log: silent },
  surface: createSurface(process.env.SCHEMA_DIRECTORY!, system.plugins),
  keys: createApiKeys('STOREFRONT=bench-storefront', { development: false }),
  development: false,
  home: '/graphql',
  shownKeys: null,
});

export type ShopCall =
  | 'stop'
  | 'memory'
  | { readonly save: { readonly from: number; readonly count: number } }
  | { readonly events: { readonly count: number; readonly products: number } }
  | { readonly setStock: { readonly entries: number; readonly products: number; readonly round: number } };

const perCall = 500;
const eventsPerCall = 2_500;

/** Resolves to the CPU time, microseconds. */
async function measured(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system: inKernel } = process.cpuUsage(before);
  return user + inKernel;
}

async function save(from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += perCall) {
    const numbers = Array.from({ length: Math.min(perCall, from + count - at) }, (_, i) => at + i);
    const { userErrors } = await system.port('catalog').save(numbers.map((n) => productOf(n, withVariants)));
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors[0]));
    const entries = numbers.flatMap((n) => stockOf(n, withVariants, 5));
    for (let i = 0; i < entries.length; i += 1_000)
      await system.port('catalog').setStock(entries.slice(i, i + 1_000));
  }
}

/** Views, carts and orders, so that lists are ranked by more than the catalog. */
async function recordEvents(count: number, products: number): Promise<void> {
  for (let from = 0; from < count; from += eventsPerCall) {
    const numbers = Array.from({ length: Math.min(eventsPerCall, count - from) }, (_, at) => from + at);
    await system.port('events').record(
      numbers.map((n) => contextOf(`session-${Math.floor(n / 5)}`, systemClock.nowMs())),
      numbers.map((n) => ({
        messageId: `m-${n}`,
        type: n % 20 === 19 ? 'ORDER_COMPLETED' : n % 10 === 4 ? 'PRODUCT_ADDED_TO_CART' : 'PRODUCT_VIEWED',
        productIds: [`p${Math.floor(products * (((n * 7_919) % 10_007) / 10_007) ** 2)}`],
      })),
    );
  }
}

/** As many entries on both sides, each of another product, in an order that is not that of the store. */
async function setStock(count: number, products: number, round: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, i) => {
    const n = (i * 7_919 + round * 13) % products;
    const options = stockOf(n, withVariants, (i + round) % 40);
    return options[(i + round) % options.length]!;
  });
  for (let i = 0; i < entries.length; i += 100) {
    const { set, userErrors } = await system.port('catalog').setStock(entries.slice(i, i + 100));
    if (set !== Math.min(100, entries.length - i)) throw new Error(JSON.stringify(userErrors[0]));
  }
}

serve(`http://127.0.0.1:${gateway.port}`, async (message) => {
  const call = message as ShopCall;
  if (call === 'stop') {
    await gateway.close();
    await system.close();
    return null;
  }
  if (call === 'memory') return process.memoryUsage().rss;
  if ('save' in call) return measured(() => save(call.save.from, call.save.count));
  if ('events' in call) return measured(() => recordEvents(call.events.count, call.events.products));
  const { entries, products, round } = call.setStock;
  return measured(() => setStock(entries, products, round));
});
