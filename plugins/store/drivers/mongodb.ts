import { createConnection } from 'mongoose';
import { z } from 'zod';
import { deadlines } from '../../../src/deadlines.js';
import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { StoreDriver } from '../../../src/ports/store-driver.js';
import { writesAtomically } from './mongodb/atomicity.js';
import { openSharedCollection } from './mongodb/collection.js';
import { openFeed } from './mongodb/feed.js';
import { openReach, type Reach } from './mongodb/reach.js';

export const settings = z.strictObject({
  url: z
    .string()
    .describe(
      'URL of the MongoDB that keeps documents, `mongodb://…/<database>`. If omitted, the embedded store is used.',
    ),
});

const databaseDefault = 'rapport';
/** How soon a server that is back, or one that is gone, is noticed. */
const heartbeatMs = 1_000;

export const traits = { ordered: false };

/** Keeps documents in MongoDB, for any number of processes. Reconnects by itself; until then calls are `unavailable`. */
export async function open(
  { url }: z.output<typeof settings>,
  host: Host,
): Promise<StoreDriver & { close(): Promise<void> }> {
  const connection = createConnection(url, {
    bufferCommands: false,
    autoIndex: false,
    serverSelectionTimeoutMS: deadlines.connectMs,
    // The client takes it for heartbeats, too.
    connectTimeoutMS: deadlines.heartbeatMs,
    heartbeatFrequencyMS: heartbeatMs,
    socketTimeoutMS: deadlines.writeMs,
    writeConcern: { w: 'majority', journal: true },
    ignoreUndefined: true,
  });
  // Without a listener a lost connection would end the process.
  connection.on('error', (error: unknown) => host.log.warn('MongoDB', { err: describeError(error) }));
  let reach: Reach | null = null;
  try {
    await connection.asPromise();
    const client = connection.getClient();
    const reached = openReach(client, host);
    reach = reached;
    const named = connection.name !== '' && connection.name !== 'test';
    const database = client.db(named ? connection.name : databaseDefault);
    const ping = () => reached.read(async () => void (await database.command({ ping: 1 })));
    await ping();
    if (!(await writesAtomically(database, reached, host))) {
      host.log.warn(
        'this server lets several conditional writes of one document succeed at once: two processes that change the same document at the same moment can lose a change. MongoDB does not; on this server, let one process write',
      );
    }
    const feed = await openFeed(database, reached, host);
    return {
      ...traits,
      collection: (schema, listener) =>
        openSharedCollection({ database, reach: reached, feed, schema, listener, host }),
      scrub: feed.forget,
      async check() {
        feed.check();
        await ping();
      },
      async close() {
        await feed.close();
        await reached.close();
        await connection.close();
      },
    };
  } catch (error) {
    await reach?.close();
    await connection.close().catch(() => undefined);
    throw error;
  }
}
