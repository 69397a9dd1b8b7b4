import { plugins } from '../plugins/index.js';
import { boot } from '../src/boot.js';
import { createLog } from '../src/gateway/log.js';
import { createIds, systemClock, systemRandom } from '../src/host.js';
import { markDemoShop } from './demo/marker.js';
import { seedDemoShop } from './demo/seed.js';

/** Fills the configured backends with the demo shop; only when there is no product yet. */
async function main(): Promise<void> {
  const system = await boot({
    plugins,
    environment: process.env,
    host: ({ dataDir }) => ({
      clock: systemClock,
      ids: createIds(systemClock),
      random: systemRandom,
      log: createLog('warn'),
      dataDir,
    }),
  });
  try {
    const { size } = system.port('catalog').shelf;
    if (size > 0) {
      throw new Error(
        `there are ${size} products already; the demo shop goes into an empty installation, e.g. another RAPPORT_DATA_DIR`,
      );
    }
    const startMs = systemClock.nowMs();
    const store = system.plugins.find(({ plugin }) => plugin.provides === 'store');
    if (store?.driver === 'embedded') markDemoShop(system.core.dataDir);
    await seedDemoShop(system, { clock: systemClock }, (line) => console.log(line));
    console.log(`Demo shop: seeded in ${((systemClock.nowMs() - startMs) / 1000).toFixed(1)} s`);
  } finally {
    await system.close();
  }
}

main().catch((error: unknown) => {
  console.error(`The demo shop was not seeded: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
