import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plugins } from '../../plugins/index.js';
import { boot } from '../../src/boot.js';
import { openGateway } from '../../src/gateway/http.js';
import { createApiKeys } from '../../src/gateway/keys.js';
import { createSurface } from '../../src/gateway/surface.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import { seedDemoShop } from '../demo/seed.js';
import { serve } from './servers.js';

/** The whole of Rapport with the demo shop in it: on the embedded drivers unless `STORE_URL` and `QUEUE_URL` name others. */
const { STORE_URL, QUEUE_URL } = process.env;
const silent = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const ids = createIds(systemClock);
const system = await boot({
  plugins,
  environment: {
    RAPPORT_PORT: '0',
    RAPPORT_BIND: '127.0.0.1',
    RAPPORT_RATE_LIMITS: 'false',
    RAPPORT_DATA_DIR: mkdtempSync(join(tmpdir(), 'rapport-bench-')),
    RAPPORT_STORE_URL: STORE_URL,
    RAPPORT_QUEUE_URL: QUEUE_URL,
  },
  host: (core) => ({ clock: systemClock, ids, random: systemRandom, log: silent, dataDir: core.dataDir }),
});
await seedDemoShop(system, { clock: systemClock }, () => undefined, Number(process.env.STRANGERS ?? 3_000));
const gateway = await openGateway({
  system,
  host: { clock: systemClock, ids, log: silent },
  surface: createSurface(process.env.SCHEMA_DIRECTORY!, system.plugins),
  keys: createApiKeys('STOREFRONT=bench-storefront', { development: false }),
  development: false,
  home: '/graphql',
  shownKeys: null,
});
serve(`http://127.0.0.1:${gateway.port}`);
