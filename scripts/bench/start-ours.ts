import { join } from 'node:path';
import { plugins } from '../../plugins/index.js';
import { boot } from '../../src/boot.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import type { Clock } from '../../src/plugin.js';
import { contextOf } from './context.js';
import { serve } from './servers.js';
import { word } from './words.js';

/**
 * A start of the whole of Rapport on what is stored. Where `FILL` is set it can fill the shop first: it begins a month ago by its clock, takes products and
 * then events of that month, and stores what it learned when it is told to stop.
 */
const monthMs = 30 * 86_400_000;
let filledMs = process.env.FILL ? systemClock.nowMs() - monthMs : null;
const clock: Clock = { ...systemClock, nowMs: () => filledMs ?? systemClock.nowMs() };
const dataDir = join(process.env.BENCH_DIRECTORY!, 'shop');
const silent = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const system = await boot({
  plugins,
  environment: {
    RAPPORT_PORT: '0',
    RAPPORT_BIND: '127.0.0.1',
    RAPPORT_DATA_DIR: dataDir,
    RAPPORT_CONSENT_MODE: 'opt-out',
  },
  host: (core) => ({
    clock,
    ids: createIds(clock),
    random: systemRandom,
    log: silent,
    dataDir: core.dataDir,
  }),
});

const perCall = 2_500;
const productsPerCall = 500;

async function fill(products: number, events: number): Promise<void> {
  const catalog = system.port('catalog');
  for (let from = 0; from < products; from += productsPerCall) {
    await catalog.save(
      Array.from({ length: Math.min(productsPerCall, products - from) }, (_, at) => {
        const n = from + at;
        return {
          id: `product-${n}`,
          sku: `sku-${n}`,
          title: `${word(n)} ${word(n * 7 + 3)} ${word(n * 13 + 5)}`,
          description: Array.from({ length: 30 }, (_, i) => word(n * 31 + i)).join(' '),
          brand: `Brand ${n % 500}`,
          categoryIds: [`category-${n % 300}`, `category-${n % 20}`],
          prices: [{ currency: 'EUR', amount: `${(n % 900) + 1}.90` }],
          attributes: [{ name: 'colour', value: word(n * 3) }],
        };
      }),
    );
  }
  const beganMs = clock.nowMs();
  for (let from = 0; from < events; from += perCall) {
    const count = Math.min(perCall, events - from);
    filledMs = beganMs + (monthMs * from) / events;
    const numbers = Array.from({ length: count }, (_, at) => from + at);
    await system.port('events').record(
      numbers.map((n) => contextOf(`session-${Math.floor(n / 5)}`, clock.nowMs())),
      numbers.map((n) => ({
        messageId: `m-${n}`,
        type: n % 20 === 19 ? 'ORDER_COMPLETED' : n % 10 === 4 ? 'PRODUCT_ADDED_TO_CART' : 'PRODUCT_VIEWED',
        // Some are looked at far oftener than others.
        productIds: [`product-${Math.floor(products * (((n * 7_919) % 10_007) / 10_007) ** 2)}`],
      })),
    );
  }
}

serve('ready', async (message) => {
  const asked = message as { readonly products: number; readonly events: number } | 'stop' | 'size';
  if (asked === 'stop') await system.close();
  else if (asked === 'size')
    return { rss: process.memoryUsage().rss, products: system.port('catalog').shelf.size };
  else await fill(asked.products, asked.events);
  return null;
});
