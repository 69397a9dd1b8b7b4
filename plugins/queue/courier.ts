import { describeError } from '../../src/errors.js';
import type { Fact, FactHandler, FactType } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import type { QueueDriver } from '../../src/ports/queue-driver.js';
import type { Page, Store } from '../../src/ports/store.js';
import { enterPassedDay } from './days.js';
import { type Again, createDelivery } from './delivery.js';
import { createLeases, leaseMs } from './leases.js';
import { type Entry, isPlanned, type Kept } from './outbox.js';
import { createSchedule, lookEveryMs } from './schedule.js';
import { createBackground, createRetries, retryMs } from './work.js';

const sweepMax = 100;

export interface Courier {
  createEntry(id: string, fact: Fact): Entry;
  /** True if a plugin may handle it. */
  concerns(fact: Fact): boolean;
  react(plugin: string, type: FactType, reaction: FactHandler): void;
  /** From now on nobody here takes these entries, until they are delivered or withdrawn. */
  hold(ids: readonly string[]): void;
  withdraw(ids: readonly string[]): void;
  /** Begins to deliver entries that are held here. */
  deliver(entries: readonly Entry[]): void;
  /** Takes note of an entry that was planned. */
  plan(entry: Entry): void;
  idle(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Takes entries from the outbox to the reactions: at once in a process that reacts, else by waking one that does;
 * and comes back for those that failed, that were planned, or that a dead process left.
 */
export function createCourier(driver: QueueDriver, store: Store, host: Host, kept: () => Kept): Courier {
  const delivery = createDelivery(host, kept, !store.ordered);
  const background = createBackground();
  const retries = createRetries(host, background);
  const { insist } = retries;
  /** `reacting`: all reactions are known. Before that, entries wait. */
  let state: 'waiting' | 'registering' | 'reacting' | 'closed' = 'waiting';
  const { wakeAt, ...schedule } = createSchedule({
    clock: host.clock,
    alone: store.ordered,
    sweep: () => background.run(sweep, failedTo('look for facts that are due')),
    dayBegan: tellPassedDay,
  });

  const { release, ...leases } = createLeases({
    clock: host.clock,
    alone: store.ordered,
    kept,
    insist,
    passedOver: () => wakeAt(host.clock.nowMs()),
    recovered: (entry) => deliver([entry]),
  });

  function createEntry(id: string, fact: Fact): Entry {
    const nowMs = host.clock.nowMs();
    return {
      id,
      fact,
      atMs: nowMs,
      dueAtMs: nowMs + leaseMs,
      stamp: host.ids.next(),
      pending: null,
      attempts: 0,
    };
  }

  function failedTo(what: string): (error: unknown) => void {
    return (error) => {
      host.log.warn(`could not ${what}; it will be tried again`, { err: describeError(error) });
      wakeAt(host.clock.nowMs() + retryMs);
    };
  }

  function deliver(entries: readonly Entry[]): void {
    if (state === 'reacting') entries.forEach(deliverHere);
    else if (state !== 'closed') handOver(entries);
  }

  /** To each plugin by itself; the entry goes when nothing of it is left to do. */
  function deliverHere(entry: Entry): void {
    const plugins = delivery.pluginsOf(entry);
    const alone = plugins.length === 1;
    const open = new Set(plugins);
    const free = (): void => release([entry.id]);

    function settled(plugin: string): void {
      open.delete(plugin);
      if (open.size > 0) return;
      if (alone) free();
      else insist('finish a fact', () => delivery.finish(entry).then(free), free);
    }

    if (plugins.length === 0) insist('finish a fact', () => delivery.finish(entry).then(free), free);
    for (const plugin of plugins) {
      insist('react to a fact', async () => {
        const settle = await delivery.attempt(entry, plugin, alone);
        insist(
          'store the outcome of a reaction',
          async () => {
            const again = await settle();
            if (again) comeBack(again);
            settled(plugin);
          },
          // The entry stays, and is taken up again when it is due.
          free,
        );
      });
    }
  }

  /** Takes an entry after a time that does not depend on how the clock is set meanwhile. */
  function comeBack({ id, dueAtMs, delayMs }: Again): void {
    const begun = retries.after(delayMs, () =>
      background.run(async () => {
        const [entry] = await kept().entries.getMany([id], { skipDamaged: true });
        if (entry?.dueAtMs === dueAtMs) await take([entry]);
      }, failedTo('take up a fact again')),
    );
    if (!begun) wakeAt(dueAtMs);
  }

  /** To another process; or, alone, to this one once it reacts. */
  function handOver(entries: readonly Entry[]): void {
    release(entries.map(({ id }) => id));
    if (!store.ordered) insist('wake a process that reacts', () => wakeAnother(entries));
  }

  /** Without the driver, by the store: those that react look there every second for what is due. */
  async function wakeAnother(entries: readonly Entry[]): Promise<void> {
    try {
      await driver.send(entries.map(({ id }) => id));
    } catch {
      const nowMs = host.clock.nowMs();
      await Promise.all(entries.map((entry) => leases.lease(entry, nowMs)));
    }
  }

  async function take(found: readonly Entry[]): Promise<void> {
    deliver(await leases.take(found));
  }

  /** Takes all that is due, and plans to come back for the next entry. */
  async function sweep(): Promise<void> {
    let after: string | null = null;
    do {
      const page: Page<Entry> = await kept().entries.find({
        index: 'byDue',
        skipDamaged: true,
        limit: sweepMax,
        ...(after === null ? {} : { after }),
      });
      const nowMs = host.clock.nowMs();
      const later = page.items.find(({ dueAtMs }) => dueAtMs > nowMs);
      await take(page.items.filter(({ dueAtMs }) => dueAtMs <= nowMs));
      if (later) wakeAt(later.dueAtMs);
      after = later ? null : page.next;
    } while (after !== null);
  }

  /** Alone on its store, every entry whose time has come is left from an earlier life. */
  async function recover(): Promise<void> {
    if (store.ordered) {
      for await (const page of kept().entries.scan({ pageSize: sweepMax })) {
        const nowMs = host.clock.nowMs();
        await take(page.filter((entry) => !isPlanned(entry) || entry.atMs <= nowMs));
      }
    }
    await schedule.sweepNow();
  }

  async function tellPassedDay(): Promise<boolean> {
    let isTold = true;
    await background.run(
      async () => {
        const entry = await enterPassedDay(kept(), host, createEntry);
        if (!entry) return;
        leases.hold([entry.id]);
        deliver([entry]);
      },
      (error) => {
        isTold = false;
        failedTo('tell that a day has passed')(error);
      },
    );
    return isTold;
  }

  return {
    createEntry,
    concerns: (fact) => state !== 'reacting' || !store.ordered || delivery.reactsTo(fact.type),
    react(plugin, type, reaction) {
      delivery.react(plugin, type, reaction);
      if (state !== 'waiting') return;
      state = 'registering';
      // All plugins register in one go; only then is it known who wants what.
      void background.run(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (state === 'closed') return;
        state = 'reacting';
        schedule.sweeps();
        driver.receive((ids) =>
          background.run(async () => {
            const read = await kept().entries.getMany(ids, { skipDamaged: true });
            const found = read.filter((entry) => entry !== null);
            const nowMs = host.clock.nowMs();
            const planned = found.filter((entry) => isPlanned(entry) && entry.dueAtMs > nowMs);
            for (const { dueAtMs } of planned) wakeAt(dueAtMs);
            await take(found.filter((entry) => !planned.includes(entry)));
          }, failedTo('take up facts it was told of')),
        );
        await recover();
      }, failedTo('take up facts that were left'));
    },
    hold: leases.hold,
    withdraw(ids) {
      void background.run(
        async () => {
          try {
            await kept().entries.remove(ids);
          } finally {
            release(ids);
          }
        },
        (error) =>
          host.log.warn('could not withdraw a fact; it may be told of a write that was refused', {
            err: describeError(error),
          }),
      );
    },
    deliver,
    plan(entry) {
      if (state === 'reacting') wakeAt(entry.dueAtMs);
      // Others look again within a second.
      else if (!store.ordered && entry.dueAtMs - host.clock.nowMs() <= lookEveryMs)
        void background.run(
          () => driver.send([entry.id]),
          () => undefined,
        );
    },
    async idle() {
      await background.settled();
      if (state !== 'reacting') return;
      await schedule.sweepNow();
      await background.settled();
    },
    start: schedule.start,
    async close() {
      schedule.stop();
      state = 'closed';
      delivery.close();
      retries.close();
      await background.settled();
    },
  };
}
