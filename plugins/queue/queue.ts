import { isRapportError, RapportError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Queue } from '../../src/ports/queue.js';
import type { QueueDriver } from '../../src/ports/queue-driver.js';
import type { Store } from '../../src/ports/store.js';
import { createCourier } from './courier.js';
import { createJobs } from './jobs.js';
import { type Entry, type Kept, openOutbox, plannedId } from './outbox.js';

const factsMax = 100;
const keyCharactersMax = 500;
const deadLettersPageMax = 1_000;
const plannedMsMax = 8.64e15;

export interface QueueParts {
  readonly port: Queue;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The rules of the queue: what is in the outbox when, and what that means to whoever publishes. */
export function createQueue(driver: QueueDriver, store: Store, host: Host): QueueParts {
  let opened: Kept | null = null;
  function kept(): Kept {
    if (!opened) throw new RapportError('unavailable', 'QUEUE_UNAVAILABLE', 'the queue has not started yet');
    return opened;
  }
  const courier = createCourier(driver, store, host, kept);
  const jobs = createJobs(host);

  /** Keeps the entries while `write` runs, and nobody takes them. Resolves when both are durable. */
  async function keepWhile<T>(entries: readonly Entry[], write: () => Promise<T>): Promise<T> {
    const keeping = kept().entries.insert(entries);
    // An ordered store makes the entries durable no later than the write, so that both can share a flush.
    if (!store.ordered) await keeping;
    const keptInTime = keeping.then(
      () => true,
      () => false,
    );
    const answer = await write();
    // The entries failed and the write did not: it may only be acknowledged once they are there too.
    if (!(await keptInTime)) await kept().entries.insert(entries);
    return answer;
  }

  const port: Queue = {
    async publishing(facts, write) {
      if (facts.length > factsMax) {
        throw new RapportError(
          'invalid',
          'QUEUE_BATCH_TOO_LARGE',
          `${facts.length} facts at once; at most ${factsMax} are allowed`,
        );
      }
      const entries = facts
        .filter(courier.concerns)
        .map((fact) => courier.createEntry(host.ids.next(), fact));
      if (entries.length === 0) return write();
      const ids = entries.map(({ id }) => id);
      courier.hold(ids);
      let begun = false;
      let answer: Awaited<ReturnType<typeof write>>;
      try {
        answer = await keepWhile(entries, () => {
          begun = true;
          return write();
        });
      } catch (error) {
        // A write whose response was lost may have happened, so its facts are published.
        const lost = isRapportError(error, 'unavailable') && begun && !store.ordered;
        if (lost) courier.deliver(entries);
        else courier.withdraw(ids);
        throw error;
      }
      courier.deliver(entries);
      return answer;
    },
    async publishAt(atMs, key, fact) {
      if (!Number.isFinite(atMs) || Math.abs(atMs) > plannedMsMax) {
        throw new RapportError(
          'invalid',
          'QUEUE_TIME_INVALID',
          `${atMs} is no moment; milliseconds since the epoch are`,
        );
      }
      const entry = { ...courier.createEntry(planned(key), fact), atMs, dueAtMs: atMs };
      await kept().entries.put([entry]);
      courier.plan(entry);
    },
    async cancel(key) {
      await kept().entries.remove([planned(key)]);
    },
    react: courier.react,
    schedule: jobs.schedule,
    async deadLetters({ limit }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > deadLettersPageMax) {
        throw new RapportError(
          'invalid',
          'QUEUE_LIMIT_INVALID',
          `a limit of ${limit}; 1 to ${deadLettersPageMax} is allowed`,
        );
      }
      const { items } = await kept().deadLetters.find({
        index: 'byFailure',
        descending: true,
        limit,
        skipDamaged: true,
      });
      return items;
    },
    async replay(ids) {
      const read = await kept().deadLetters.getMany([...new Set(ids)], { skipDamaged: true });
      const letters = read.filter((letter) => letter !== null);
      if (letters.length === 0) return 0;
      const entries = letters.map(({ id, fact, plugin }) => ({
        ...courier.createEntry(host.ids.next(), fact),
        // The id of a dead letter is that of the fact, and the plugin.
        stamp: id.slice(0, -1 - plugin.length),
        pending: [plugin],
      }));
      courier.hold(entries.map(({ id }) => id));
      await kept().entries.insert(entries);
      await kept().deadLetters.remove(letters.map(({ id }) => id));
      courier.deliver(entries);
      return letters.length;
    },
    async idle() {
      await jobs.idle();
      await courier.idle();
    },
    check: () => driver.check(),
  };

  return {
    port,
    async start() {
      opened = await openOutbox(store);
      await jobs.open(store);
      await courier.start();
    },
    async close() {
      await jobs.close();
      await courier.close();
    },
  };
}

function planned(key: string): string {
  if (key.length === 0 || key.length > keyCharactersMax) {
    throw new RapportError(
      'invalid',
      'QUEUE_KEY_INVALID',
      `a key of ${key.length} characters; 1 to ${keyCharactersMax} are allowed`,
    );
  }
  return plannedId(key);
}
