import { join } from 'node:path';
import { plugins } from '../plugins/index.js';
import { seedDemoShop } from '../scripts/demo/seed.js';
import { boot, type System } from './boot.js';
import { roles } from './context.js';
import { developmentKeys } from './gateway/authentication.js';
import { type Gateway, openGateway } from './gateway/http.js';
import { createLog } from './gateway/log.js';
import { createIds, systemClock, systemRandom } from './host.js';
import type { Log } from './plugin.js';
import { projectDirectory } from './project-directory.js';
import { loadThirdParty } from './third-party.js';
import { welcome } from './welcome.js';

const environment = process.env;
const production = environment.NODE_ENV === 'production';
/** Load balancers and clients with open connections get so long to notice a SIGTERM; whoever types Ctrl-C does not wait. */
const noticeMs = 1_000;

async function main(): Promise<void> {
  const apiKeys = environment.RAPPORT_API_KEYS || (production ? '' : developmentKeys);
  if (!apiKeys)
    throw new Error('RAPPORT_API_KEYS must name at least one key in production, e.g. STOREFRONT=…,SERVER=…');
  const all = [...plugins, ...(await loadThirdParty(environment.RAPPORT_PLUGINS ?? ''))];
  let log: Log = createLog('info');
  const ids = createIds(systemClock);
  const system = await boot({
    plugins: all,
    environment,
    host: (core) => {
      log = createLog(core.logLevel);
      return { clock: systemClock, ids, random: systemRandom, log, dataDir: core.dataDir };
    },
  });
  const host = { clock: systemClock, ids, log };
  let gateway: Gateway;
  const keys = apiKeys.split(',').map((entry) => entry.split('=').map((part) => part.trim()));
  const storefrontKey = keys.find(([name]) => name === 'STOREFRONT')?.[1] ?? '';
  const home = `/showcase#key=${encodeURIComponent(storefrontKey)}`;
  const isDemo = isEmptyEmbedded(system) && system.core.demo && !production;
  try {
    if (isDemo) await seedDemoShop(system, { clock: systemClock }, (line) => console.log(line));
    gateway = await openGateway({
      system,
      host,
      schemaDirectory: join(projectDirectory(), 'schema'),
      apiKeys,
      production,
      home,
      keyOf: (role) => keys.find(([name]) => name === role)?.[1],
    });
  } catch (error) {
    await system.close();
    throw error;
  }
  log.info('ready', { port: gateway.port, role: system.core.role, drivers: driversOf(system) });
  if (!production && !environment.RAPPORT_API_KEYS) {
    const shown = roles.flatMap((role) =>
      keys.filter(([name]) => name === role).map(([, key]) => [role, key ?? ''] as const),
    );
    console.log(
      welcome({ url: `http://localhost:${gateway.port}`, home, keys: shown, demo: system.core.demo }),
    );
  }
  stopOnSignals(gateway, system, log);
}

function isEmptyEmbedded(system: System): boolean {
  const store = system.plugins.find(({ plugin }) => plugin.provides === 'store');
  return store?.driver === 'embedded' && system.port('catalog').shelf.size === 0;
}

function driversOf(system: System): Record<string, string> {
  return Object.fromEntries(
    system.plugins.flatMap(({ plugin, driver }) => (driver ? [[plugin.name, driver]] : [])),
  );
}

function stopOnSignals(gateway: Gateway, system: System, log: Log): void {
  let stopping = false;
  async function stop(signal: string, noticeMs: number): Promise<void> {
    if (stopping) process.exit(1);
    stopping = true;
    log.info('stopping', { signal });
    await gateway.close(Math.min(noticeMs, system.core.shutdownMs));
    await system.close();
    log.info('stopped');
    process.exit(0);
  }
  process.on('SIGTERM', () => void stop('SIGTERM', noticeMs));
  process.on('SIGINT', () => void stop('SIGINT', 0));
}

main().catch((error: unknown) => {
  console.error(`Rapport could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
