import { join } from 'node:path';
import type { Host } from '../../../../src/plugin.js';
import { open } from '../embedded.js';
import { openDataFile } from './data-file.js';
import { livingOwner } from './directory-lock.js';
import { dataFileName } from './environment.js';
import { readLogState } from './meta.js';
import { readMetaPages, requestSnapshot, type Snapshot } from './snapshots.js';

/** A state of a store for tools that read its files without LMDB. */
export interface StoreFiles extends Snapshot {
  readonly directory: string;
  /** Whether a process uses the store. */
  readonly online: boolean;
  close(): void;
}

/** All that was acknowledged before the call: from the process that uses the directory, else from the files, after what is in the log has moved. */
export async function openSnapshot(dataDir: string, host: Host): Promise<StoreFiles> {
  const directory = join(dataDir, 'store');
  if (livingOwner(directory)) return { directory, online: true, ...(await requestSnapshot(directory)) };
  const driver = await open({ checkpointAt: 1, salvage: false }, host);
  await driver.close();
  const file = openDataFile(join(directory, dataFileName));
  try {
    const state = readLogState(file);
    if (!state) throw new Error(`${directory} could not be brought up to date`);
    return { directory, online: false, metaPages: readMetaPages(directory), state, close: () => undefined };
  } finally {
    file.close();
  }
}
