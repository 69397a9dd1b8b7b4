import { join } from 'node:path';
import { z } from 'zod';
import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { StoreDriver } from '../../../src/ports/store-driver.js';
import { checkDataFile, markIfWhole } from './embedded/check-data-file.js';
import { createCheckpointer } from './embedded/checkpointer.js';
import { removeCleanMark } from './embedded/clean-mark.js';
import { createKeptCollection } from './embedded/collection.js';
import { createDamageReport } from './embedded/damage.js';
import { type DirectoryLock, lockDirectory, refuseIfInUse } from './embedded/directory-lock.js';
import { openEnvironment } from './embedded/environment.js';
import { refuseInterruptedRestore } from './embedded/interrupted-restore.js';
import { makePrivate } from './embedded/make-private.js';
import { createMutex } from './embedded/mutex.js';
import { recoverLog } from './embedded/recovery.js';
import { createScrub } from './embedded/scrub.js';
import { serveSnapshots } from './embedded/snapshots.js';
import { openLog } from './embedded/write-ahead-log.js';
import { createWriter } from './embedded/writer.js';

export const settings = z.strictObject({
  checkpointAt: z.coerce
    .number()
    .int()
    .min(1)
    .max(20_000)
    .default(5_000)
    .describe('Number of written documents in the write-ahead log that starts a checkpoint at once.'),
  salvage: z
    .stringbool()
    .default(false)
    .describe(
      'Opens a store with a damaged write-ahead log: recovers its whole records, keeps the damaged files and logs how many records were dropped.',
    ),
});

/** Inspecting a large data file after a crash takes time. */
export const openDeadlineMs = 600_000;

export const traits = { ordered: true };

/** Keeps documents under `<data directory>/store`, for one process at a time: a write-ahead log, then LMDB. */
export async function open(
  { checkpointAt, salvage }: z.output<typeof settings>,
  host: Host,
): Promise<StoreDriver & { close(): Promise<void> }> {
  const directory = join(host.dataDir, 'store');
  refuseInterruptedRestore(host.dataDir);
  makePrivate(directory, host.log);
  refuseIfInUse(directory, host.dataDir);
  const damage = createDamageReport(host.log);
  const rebuild = checkDataFile(directory, damage, host.log);
  const environment = openEnvironment(directory, damage, rebuild);
  let lock: DirectoryLock | null = null;
  let opened = false;
  let inOrder = true;
  // In reverse order: the lock is released last, since the next process may begin at once.
  const closers: (() => Promise<unknown>)[] = [
    async () => lock?.release(),
    async () => {
      if (opened && inOrder) markIfWhole(directory, host.log);
    },
    environment.close,
  ];
  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => {
        inOrder = false;
        host.log.error('the store could not be closed in order; its write-ahead log is kept', {
          err: describeError(error),
        });
      });
    }
  }
  try {
    lock = lockDirectory(directory, host.dataDir, environment, host.log);
    removeCleanMark(directory);
    const { store, latest, unmoved } = await recoverLog(environment, directory, host, salvage);
    const log = openLog(directory, store, latest);
    closers.push(log.close);
    // With records in both files neither can be begun anew.
    const begun = unmoved
      ? null
      : await log.swap().then(
          () => ({ store, generation: log.generation(), sequence: log.sequence() }),
          (error: unknown) => {
            host.log.error('nothing can be written to the store', { err: describeError(error) });
            return null;
          },
        );
    const mutex = createMutex();
    const checkpointer = createCheckpointer(environment, log, mutex, host, {
      store,
      begun,
      unmoved,
      checkpointAt,
    });
    const writer = createWriter(log, checkpointer, mutex);
    closers.push(checkpointer.close, writer.close);
    closers.push(await serveSnapshots(directory, lock, environment, checkpointer.settle, host));
    const { scrub, close: closeScrub } = createScrub(directory, environment, checkpointer, host);
    closers.push(closeScrub);
    opened = true;
    return {
      ...traits,
      collection: async (schema, listener) =>
        createKeptCollection(await environment.openTree(schema), writer, listener, unmoved),
      async check() {
        const writing = await writer.check().then(
          () => null,
          (error: unknown) => error,
        );
        try {
          environment.probe();
        } catch (cause) {
          // Not `unavailable`: a process that cannot read should get no more requests.
          throw new Error(`the store cannot be read: ${String(cause)}`, { cause });
        }
        if (writing) throw writing;
        damage.check();
      },
      scrub,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
