import type { mongo } from 'mongoose';
import { RapportError } from '../../../../src/errors.js';
import type { Clock } from '../../../../src/plugin.js';
import type { DriverCollection } from '../../driver.js';

/** A new primary is chosen in less: until then calls wait for one. */
const patienceMs = 2_000;

export interface Presence {
  /** The same collection; its calls fail at once while the server has been away for longer than calls would wait for it. */
  guard(collection: DriverCollection): DriverCollection;
}

/** Follows whether there is a server to write to, by what the client's own heartbeats say. */
export function followPresence(client: mongo.MongoClient, clock: Clock): Presence {
  let awaySinceMs: number | null = null;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const present = [...newDescription.servers.values()].some(({ isWritable }) => isWritable);
    if (present) awaySinceMs = null;
    else awaySinceMs ??= clock.nowMs();
  });

  async function present<T>(ask: () => Promise<T>): Promise<T> {
    if (awaySinceMs !== null && clock.nowMs() - awaySinceMs > patienceMs) {
      throw new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the store cannot be reached now', {
        retryAfterSeconds: 1,
      });
    }
    return ask();
  }

  return {
    guard: (collection) => ({
      getMany: (ids) => present(() => collection.getMany(ids)),
      put: (documents) => present(() => collection.put(documents)),
      insert: (documents) => present(() => collection.insert(documents)),
      update: (id, change) => present(() => collection.update(id, change)),
      remove: (ids) => present(() => collection.remove(ids)),
      find: (range) => present(() => collection.find(range)),
      count: () => present(() => collection.count()),
    }),
  };
}
