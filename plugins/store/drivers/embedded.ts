import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { StoreDriver } from '../driver.js';
import { createKeptCollection } from './embedded/collection.js';
import { openEnvironment } from './embedded/environment.js';
import { openJournal } from './embedded/journal.js';
import { createMover } from './embedded/mover.js';
import { claimDirectory } from './embedded/owner.js';
import { appliedKey, recover } from './embedded/recovery.js';
import { createTurns } from './embedded/turns.js';
import { createWriter } from './embedded/writer.js';

export const settings = z.strictObject({
  moveAt: z.coerce
    .number()
    .int()
    .min(1)
    .max(20_000)
    .default(5_000)
    .describe('How many written documents gather in the journal before they move to their trees.'),
});

/** Keeps documents under `<data directory>/store`, for one process at a time: a journal, then LMDB. */
export async function open(
  { moveAt }: z.output<typeof settings>,
  host: Host,
): Promise<StoreDriver & { close(): Promise<void> }> {
  const directory = join(host.dataDir, 'store');
  mkdirSync(directory, { recursive: true });
  const environment = openEnvironment(directory);
  const closers: (() => Promise<unknown>)[] = [environment.close];
  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) =>
        host.log.error('the store could not be closed in order; its journal is kept', {
          err: describeError(error),
        }),
      );
    }
  }
  try {
    closers.push(claimDirectory(environment.meta, host.dataDir));
    const { journal, records } = openJournal(directory, Number(environment.meta.get(appliedKey) ?? 0));
    closers.push(journal.close);
    await recover(environment, records);
    const turns = createTurns();
    const mover = createMover(environment, journal, turns, host, moveAt);
    const writer = createWriter(journal, mover, turns);
    closers.push(mover.close, writer.close);
    return {
      ordered: true,
      collection: async (layout, notice) =>
        createKeptCollection(await environment.openTree(layout), writer, notice),
      check: writer.check,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
