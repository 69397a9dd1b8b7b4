import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { StoreDriver } from '../driver.js';
import { createKeptCollection } from './embedded/collection.js';
import { openEnvironment } from './embedded/environment.js';
import { claimDirectory } from './embedded/owner.js';
import { createWriter } from './embedded/writer.js';

export const settings = z.strictObject({});

/** Keeps documents in LMDB under `<data directory>/store`, for one process at a time. */
export async function open(
  _settings: z.output<typeof settings>,
  host: Host,
): Promise<StoreDriver & { close(): Promise<void> }> {
  const directory = join(host.dataDir, 'store');
  mkdirSync(directory, { recursive: true });
  const environment = openEnvironment(directory);
  let release: () => Promise<void>;
  try {
    release = claimDirectory(environment.meta, host.dataDir);
  } catch (error) {
    await environment.close();
    throw error;
  }
  const writer = createWriter(environment);
  let closed = false;
  return {
    ordered: true,
    async collection(layout, written) {
      return createKeptCollection(await environment.openTree(layout), writer, written);
    },
    async check() {
      if (closed) throw new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the store is closed');
      await writer.check();
    },
    async close() {
      closed = true;
      await writer.close();
      await release();
      await environment.close();
    },
  };
}
