import { createConnection } from 'mongoose';
import { z } from 'zod';
import type { Host } from '../../../src/plugin.js';
import type { StoreDriver } from '../driver.js';
import { openSharedCollection } from './mongodb/collection.js';
import { answering } from './mongodb/failure.js';
import { createFeed } from './mongodb/feed.js';
import { followPresence } from './mongodb/presence.js';

export const settings = z.strictObject({
  url: z
    .string()
    .describe('Of the MongoDB to keep documents in: `mongodb://…/<database>`; absent: embedded.'),
});

const databaseDefault = 'rapport';
const selectionMs = 2_000;
const connectMs = 5_000;
const socketMs = 20_000;
/** How soon a server that is back, or one that is gone, is noticed. */
const heartbeatMs = 1_000;

/** Keeps documents in MongoDB, for any number of processes. Reconnects by itself; until then calls are `unavailable`. */
export async function open(
  { url }: z.output<typeof settings>,
  host: Host,
): Promise<StoreDriver & { close(): Promise<void> }> {
  const connection = createConnection(url, {
    bufferCommands: false,
    autoIndex: false,
    serverSelectionTimeoutMS: selectionMs,
    connectTimeoutMS: connectMs,
    heartbeatFrequencyMS: heartbeatMs,
    socketTimeoutMS: socketMs,
    writeConcern: { w: 'majority', journal: true },
    ignoreUndefined: true,
  });
  // Without a listener a lost connection would end the process.
  connection.on('error', (error: unknown) => host.log.warn('MongoDB', { error: String(error) }));
  try {
    await connection.asPromise();
    const client = connection.getClient();
    const presence = followPresence(client, host.clock);
    const named = connection.name !== '' && connection.name !== 'test';
    const database = client.db(named ? connection.name : databaseDefault);
    await database.command({ ping: 1 });
    const feed = await createFeed(database, host);
    return {
      ordered: false,
      collection: (layout, notice) =>
        answering(async () =>
          presence.guard(await openSharedCollection(database, feed, layout, notice, host)),
        ),
      check: () =>
        answering(async () => {
          await database.command({ ping: 1 });
        }),
      async close() {
        await feed.close();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}
