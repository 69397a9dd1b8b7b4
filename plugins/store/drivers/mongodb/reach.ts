import type { mongo } from 'mongoose';
import { deadlines } from '../../../../src/deadlines.js';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import { unavailable } from './failure.js';

/** Time is counted in beats with a turn of the event loop between them, so that a busy process does not blame the server. */
const beatMs = 1_000;
/** Calls wait this long for a new primary, which is elected in less. */
const patienceBeats = 2;
/** Longer than any time limit of the client's own. */
const callBeats = Math.ceil(deadlines.writeMs / beatMs) + 5;
/** A read is given up in the beat after these. */
const readBeats = deadlines.readMs / beatMs - 1;

/** Every call to the server goes through here. */
export interface Reach {
  /** Settles; throws nothing but `STORE_UNAVAILABLE`, at once while the server has been away for longer than calls would wait for it. */
  <T>(ask: () => Promise<T>): Promise<T>;
  /** The same for a read that a shopper waits for: settles within `deadlines.readMs`, and rejects at once while the server is silent. */
  read<T>(ask: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Ask = <T>(ask: () => Promise<T>) => Promise<T>;

interface Call {
  readonly since: number;
  /** The caller gives up after this many beats; the client goes on waiting. */
  readonly beats: number;
  lose(): void;
}

/**
 * Follows whether there is a server to write to. The client (7.8) can write to a connection that is just being closed and waits
 * for ever: calls get lost that way, and on servers that do not stream their heartbeats the heartbeats, too, so that it never
 * notices that the server is back. So calls have a limit of ours, and while the server is away the client is connected anew.
 */
export function openReach(client: mongo.MongoClient, { clock, log }: Pick<Host, 'clock' | 'log'>): Reach {
  /** Oldest first. */
  const waiting = new Set<Call>();
  let beat = 0;
  /** The beat since which no server can be written to; null if there is one. */
  let away: number | null = null;
  let renewing: Promise<void> | null = null;
  let cancelBeat: () => void = () => undefined;
  let closed = false;
  /** The beat of the last response. */
  let answered = 0;
  /** True if nothing was answered since a read was sent that was given up. Then each beat sends a ping. */
  let silent = false;

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
        const waited = beat - call.since;
        if (waited > call.beats) {
          call.lose();
          if (answered <= call.since) silent = true;
        }
        // Only a new pool frees the connection that such a call holds.
        if (waited > callBeats) {
          waiting.delete(call);
          renew();
        }
      }
      if (isAway()) renew();
      else if (silent) settling(() => client.db().command({ ping: 1 }), readBeats).catch(() => undefined);
      setImmediate(planBeat);
    });
  }
  planBeat();

  function settling<T>(ask: () => Promise<T>, beats = callBeats): Promise<T> {
    return new Promise((resolve, reject) => {
      const lose = () => reject(new Error(`no answer within ${(beats * beatMs) / 1_000} s`));
      const call: Call = { since: beat, beats, lose };
      waiting.add(call);
      (async () => ask())().then(
        (value) => {
          waiting.delete(call);
          answered = beat;
          silent = false;
          resolve(value);
        },
        (error: unknown) => {
          waiting.delete(call);
          reject(error);
        },
      );
    });
  }

  async function reach<T>(ask: () => Promise<T>, beats = callBeats): Promise<T> {
    if (isAway()) throw unavailable('its server is away');
    try {
      return await settling(ask, beats);
    } catch (error) {
      throw unavailable(error);
    }
  }

  const patiently: Ask = (ask) => reach(ask);
  return Object.assign(patiently, {
    async read<T>(ask: () => Promise<T>): Promise<T> {
      if (silent) throw unavailable('its server does not answer');
      return reach(ask, readBeats);
    },
    async close() {
      closed = true;
      cancelBeat();
      await renewing;
    },
  });
}
