import Bull from 'bull';
import { z } from 'zod';
import { deadlines } from '../../../src/deadlines.js';
import { describeError, RapportError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { QueueDriver } from '../../../src/ports/queue-driver.js';
import { createRedisRates } from './redis-rates.js';

export const settings = z.strictObject({
  url: z
    .string()
    .describe(
      'URL of the Redis that wakes workers, `redis://…/<number>`. If omitted, the embedded queue is used.',
    ),
});

/** Longer than bull lets Redis wait for a job (5 s): a connection that is silent for so long is opened anew. */
const silentMs = 10_000;
/** Ids of outbox entries in one job: bull carries a few thousand jobs a second, facts can be more. */
const idsMax = 500;

interface Wake {
  readonly ids: readonly string[];
}

/** Wakes reacting processes through bull. Jobs are gone when they are done; nothing depends on them. */
export async function open(
  { url }: z.output<typeof settings>,
  host: Host,
): Promise<QueueDriver & { close(): Promise<void> }> {
  const jobs = new Bull<Wake>('rapport-facts', { redis: connectionOf(url) });
  // Without a listener a lost connection would end the process.
  jobs.on('error', (error) => host.log.warn('Redis', { err: describeError(error) }));
  let waiting: string[] = [];
  let sending: Promise<void> | null = null;

  /** With Redis away an answer may never come. */
  async function answered<T>(asking: Promise<T>, withinMs: number = deadlines.readMs): Promise<T> {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = host.clock.after(withinMs, () => reject(new Error(`no answer within ${withinMs / 1_000} s`)));
    });
    try {
      return await Promise.race([asking, late]);
    } catch (cause) {
      throw new RapportError(
        'unavailable',
        'QUEUE_UNAVAILABLE',
        `Redis cannot answer now: ${String(cause)}`,
        {
          retryAfterSeconds: 1,
          cause,
        },
      );
    } finally {
      cancel();
    }
  }

  async function sendWaiting(): Promise<void> {
    // Behind all that is published in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const ids = waiting;
    waiting = [];
    sending = null;
    const wakes = Array.from({ length: Math.ceil(ids.length / idsMax) }, (_, i) => ({
      data: { ids: ids.slice(i * idsMax, (i + 1) * idsMax) },
      opts: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    }));
    await answered(jobs.addBulk(wakes));
  }

  try {
    await answered(jobs.isReady());
    await answered(jobs.client.ping());
  } catch (error) {
    void jobs.close(true).catch(() => undefined);
    throw error;
  }
  return {
    send(ids) {
      waiting.push(...ids);
      sending ??= sendWaiting();
      return sending;
    },
    receive(take) {
      void jobs
        .process(({ data }) => take(data.ids))
        .catch((error: unknown) => host.log.warn('Redis', { err: describeError(error) }));
    },
    async check() {
      await answered(jobs.client.ping());
    },
    rateStore: createRedisRates((script, keys, values) =>
      answered(jobs.client.eval(script, keys.length, ...keys, ...values), deadlines.ratesMs),
    ),
    close: () => answered(jobs.close(true)),
  };
}

function connectionOf(url: string) {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 6379),
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    connectTimeout: deadlines.connectMs,
    socketTimeout: silentMs,
    maxRetriesPerRequest: 1,
  };
}
