import type { mongo } from 'mongoose';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import { unavailable } from './failure.js';

/** Time is counted in beats with a turn of the event loop between them, so that a process that was busy suspects nobody. */
const beatMs = 1_000;
/** A new primary is chosen in less: until then calls wait for one. */
const patienceBeats = 2;
/** Longer than any time limit of the client's own. */
const callBeats = 25;

/** Every call to the server goes through here. */
export interface Reach {
  /** Settles; throws nothing but `STORE_UNAVAILABLE`, at once while the server has been away for longer than calls would wait for it. */
  <T>(ask: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Follows whether there is a server to write to. The client (7.8) can write to a connection that is just being closed and waits
 * for ever: calls get lost that way, and on servers that do not stream their heartbeats the heartbeats, too, so that it never
 * notices that the server is back. So calls have a limit of ours, and while the server is away the client is connected anew.
 */
export function openReach(client: mongo.MongoClient, { clock, log }: Pick<Host, 'clock' | 'log'>): Reach {
  /** Oldest first. */
  const waiting = new Set<{ readonly since: number; lose(): void }>();
  let beat = 0;
  /** Since which beat; null: there. */
  let away: number | null = null;
  let renewing: Promise<void> | null = null;
  let cancelBeat: () => void = () => undefined;
  let closed = false;

  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const there = [...newDescription.servers.values()].some(({ isWritable }) => isWritable);
    away = there ? null : (away ?? beat);
  });

  function isAway(): boolean {
    return away !== null && beat - away > patienceBeats;
  }

  function renew(): void {
    renewing ??= settling(async () => {
      await client.close(true);
      await client.connect();
      log.info('MongoDB: connected anew');
    })
      .catch((error: unknown) => log.warn('MongoDB cannot be reached', { err: describeError(error) }))
      .finally(() => {
        renewing = null;
      });
  }

  function planBeat(): void {
    if (closed) return;
    cancelBeat = clock.after(beatMs, () => {
      beat++;
      for (const call of waiting) {
        if (beat - call.since <= callBeats) break;
        call.lose();
        // The connection that a lost call holds comes back only with a new pool.
        renew();
      }
      if (isAway()) renew();
      setImmediate(planBeat);
    });
  }
  planBeat();

  async function settling<T>(ask: () => Promise<T>): Promise<T> {
    let forget: () => void = () => undefined;
    const lost = new Promise<never>((_, reject) => {
      const call = { since: beat, lose: () => reject(new Error(`no answer within ${callBeats} s`)) };
      waiting.add(call);
      forget = () => waiting.delete(call);
    });
    try {
      return await Promise.race([ask(), lost]);
    } finally {
      forget();
    }
  }

  async function reach<T>(ask: () => Promise<T>): Promise<T> {
    if (isAway()) throw unavailable('its server is away');
    try {
      return await settling(ask);
    } catch (error) {
      throw unavailable(error);
    }
  }

  return Object.assign(reach, {
    async close() {
      closed = true;
      cancelBeat();
      await renewing;
    },
  });
}
