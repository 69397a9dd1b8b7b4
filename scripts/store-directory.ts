import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refuseInterruptedRestore } from '../plugins/store/drivers/embedded/interrupted-restore.js';
import { createHost, createIds, systemClock, systemRandom } from '../src/host.js';
import type { Host } from '../src/plugin.js';

const quiet = () => undefined;

/** The data directory that was named, or the one that Rapport uses. Throws unless it holds an embedded store. */
export function storeDirectory(named: string | undefined): string {
  if (process.env.RAPPORT_STORE_URL && named === undefined) {
    throw new Error(
      'RAPPORT_STORE_URL names a MongoDB; use mongodump and mongorestore, or name a directory with --data',
    );
  }
  const dataDir = named ?? process.env.RAPPORT_DATA_DIR ?? 'data';
  refuseInterruptedRestore(dataDir);
  if (!existsSync(join(dataDir, 'store'))) throw new Error(`${dataDir} holds no embedded store`);
  return dataDir;
}

export function toolHost(dataDir: string): Host {
  return createHost({
    clock: systemClock,
    ids: createIds(systemClock),
    random: systemRandom,
    log: { error: say, warn: say, info: quiet, debug: quiet },
    dataDir,
  });
}

function say(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  console.error(`${message} ${JSON.stringify(fields)}`);
}
