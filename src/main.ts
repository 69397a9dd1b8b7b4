import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { plugins } from '../plugins/index.js';
import { markDemoShop, refuseDemoShop } from '../scripts/demo/marker.js';
import { seedDemoShop } from '../scripts/demo/seed.js';
import { createSystem, type System } from './boot.js';
import { configurationFaults } from './configuration-error.js';
import { roles } from './context.js';
import { type Gateway, openGateway } from './gateway/http.js';
import { followKeyFile, readKeyFile } from './gateway/key-file.js';
import { createApiKeys, developmentKeys } from './gateway/keys.js';
import { createLog } from './gateway/log.js';
import { createSurface } from './gateway/surface.js';
import { readTrustedDocuments } from './gateway/trusted-documents.js';
import { createIds, systemClock, systemRandom } from './host.js';
import { messageOf } from './lifecycle.js';
import type { Log, Plugin } from './plugin.js';
import { followProcessFaults } from './process-faults.js';
import { projectDirectory } from './project-directory.js';
import { loadThirdParty } from './third-party.js';
import { welcome } from './welcome.js';

const environment = process.env;
/** Load balancers and clients with open connections get so long to notice a SIGTERM; whoever types Ctrl-C does not wait. */
const noticeMs = 1_000;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { dev: { type: 'boolean', default: false } } });
  const development = values.dev;
  const keysFile = environment.RAPPORT_API_KEYS_FILE;
  const generated = development && !environment.RAPPORT_API_KEYS && !keysFile ? developmentKeys : null;
  let log: Log = createLog('info');
  let all: readonly Plugin[] = plugins;
  followProcessFaults(process, () => ({ log, plugins: all, projectDirectory: projectDirectory() }));
  const { RAPPORT_TRUSTED_DOCUMENTS: manifest } = environment;
  const [readKeys, loaded, trusted] = await Promise.allSettled([
    keysOf(generated ? textOf(generated) : (environment.RAPPORT_API_KEYS ?? ''), keysFile, development),
    loadThirdParty(environment.RAPPORT_PLUGINS ?? ''),
    manifest ? readTrustedDocuments(manifest) : null,
  ]);
  if (loaded.status === 'fulfilled') all = [...plugins, ...loaded.value];
  const ids = createIds(systemClock);
  const created = await createSystem({
    plugins: all,
    environment,
    faults: configurationFaults([readKeys, loaded, trusted]),
    unread: loaded.status === 'rejected' ? ['RAPPORT_PLUGINS'] : [],
    host: (core) => {
      log = createLog(core.logLevel);
      return { clock: systemClock, ids, random: systemRandom, log, dataDir: core.dataDir };
    },
  });
  if (readKeys.status === 'rejected') throw readKeys.reason;
  if (trusted.status === 'rejected') throw trusted.reason;
  const { keys, keysText } = readKeys.value;
  if (!development && isEmbedded(created)) refuseDemoShop(created.core.dataDir);
  const surface = createSurface(join(projectDirectory(), 'schema'), created.plugins);
  const system = await created.start();
  const host = { clock: systemClock, ids, log };
  let gateway: Gateway;
  const home = generated ? `/showcase#key=${encodeURIComponent(generated.STOREFRONT)}` : '/showcase';
  const isDemo = isEmptyEmbedded(system) && system.core.demo && development;
  try {
    if (isDemo) {
      markDemoShop(system.core.dataDir);
      await seedDemoShop(system, { clock: systemClock }, (line) => console.log(line));
    }
    gateway = await openGateway({
      system,
      host,
      surface,
      keys,
      development,
      home,
      shownKeys: generated,
      warmUp: true,
      trusted: trusted.value,
    });
  } catch (error) {
    await system.close();
    throw error;
  }
  if (keysFile) {
    const followed = followKeyFile(keysFile, keysText, keys, { clock: systemClock, log });
    process.on('SIGHUP', () => void followed.readNow());
  }
  const { port, operatorPort } = gateway;
  const { role } = system.core;
  log.info('ready', {
    port,
    ...(operatorPort === null ? {} : { operatorPort }),
    role,
    drivers: driversOf(system),
  });
  if (generated) {
    const shown = roles.map((role) => [role, generated[role]] as const);
    console.log(welcome({ url: `http://localhost:${port}`, home, keys: shown, demo: system.core.demo }));
  }
  stopOnSignals(gateway, system, log);
}

async function keysOf(listed: string, fileName: string | undefined, development: boolean) {
  if (!fileName) return { keys: createApiKeys(listed, { development }), keysText: '' };
  const keysText = await readKeyFile(fileName).catch((error: unknown) => {
    throw new Error(`RAPPORT_API_KEYS_FILE cannot be read: ${messageOf(error)}`, { cause: error });
  });
  return { keys: createApiKeys(listed, { development, file: { name: fileName, text: keysText } }), keysText };
}

function textOf(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([role, key]) => `${role}=${key}`)
    .join(',');
}

function isEmbedded({ plugins }: Pick<System, 'plugins'>): boolean {
  return plugins.find(({ plugin }) => plugin.provides === 'store')?.driver === 'embedded';
}

function isEmptyEmbedded(system: System): boolean {
  return isEmbedded(system) && system.port('catalog').shelf.size === 0;
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
  console.error(`Rapport could not start: ${messageOf(error)}`);
  process.exit(1);
});
