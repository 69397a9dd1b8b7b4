import { describeError } from '../../src/errors.js';
import type { Fact, FactType } from '../../src/facts.js';
import type { Host } from '../../src/plugin.js';
import type { Page, Store } from '../../src/ports/store.js';
import { enterPassedDay, untilMidnightMs } from './days.js';
import { createDelivery, type Reaction, reactionDeadlineMs } from './delivery.js';
import type { QueueDriver } from './driver.js';
import type { Entry, Kept } from './outbox.js';
import { createBackground } from './work.js';

/** How long an entry belongs to the process that took it; a process that dies gives it back that late. */
const leaseMs = 2 * reactionDeadlineMs;
/** How often a process looks for what others left behind. One alone on its store need not look. */
const sweepEveryMs = 1_000;
const sweepMax = 500;
const retryMs = 5_000;
/** What failed and is tried again. Beyond that, leases end and others take over. */
const againMax = 10_000;
const wakeAfterMsMax = 86_400_000;

export interface Courier {
  createEntry(id: string, fact: Fact): Entry;
  /** Whether anybody could want to know. */
  concerns(fact: Fact): boolean;
  react(plugin: string, type: FactType, reaction: Reaction): void;
  /** From now on nobody here takes these entries, until they are delivered or withdrawn. */
  hold(ids: readonly string[]): void;
  withdraw(ids: readonly string[]): void;
  /** Delivers entries that are held here. Resolves after the first attempt at all of them; never rejects. */
  deliver(entries: readonly Entry[]): Promise<void>;
  wakeAt(atMs: number): void;
  idle(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Takes entries from the outbox to the reactions: at once in a process that reacts, else by waking one that does;
 * and comes back for those that failed, that were planned, or that a dead process left.
 */
export function createCourier(driver: QueueDriver, store: Store, host: Host, kept: () => Kept): Courier {
  const delivery = createDelivery(host, kept);
  const background = createBackground();
  const held = new Set<string>();
  /** `reacting`: all reactions are known. Before that, entries wait. */
  let state: 'waiting' | 'registering' | 'reacting' | 'closed' = 'waiting';
  let wakingAtMs = Number.POSITIVE_INFINITY;
  let cancelWake: () => void = () => undefined;
  let cancelDay: () => void = () => undefined;
  let again = 0;

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

  /** Tries until it succeeds. */
  function insist(what: string, work: () => Promise<unknown>, first = true): void {
    if (state === 'closed') return;
    void background.run(work, (error) => {
      if (again >= againMax) return;
      again++;
      if (first) {
        host.log.warn(`could not ${what}; it will be tried again`, { err: describeError(error) });
      }
      host.clock.after(retryMs, () => {
        again--;
        insist(what, work, false);
      });
    });
  }

  function release(ids: readonly string[]): void {
    for (const id of ids) held.delete(id);
  }

  async function deliver(entries: readonly Entry[]): Promise<void> {
    if (state === 'reacting') await Promise.all(entries.map(deliverHere));
    else if (state !== 'closed') handOver(entries);
  }

  /** The promise is of the attempt; the book-keeping goes on in the background. */
  function deliverHere(entry: Entry): Promise<void> {
    return new Promise((attempted) => {
      insist('react to a fact', async () => {
        const settle = await delivery.attempt(entry);
        attempted();
        insist('note what became of a fact', async () => {
          try {
            const againAtMs = await settle();
            if (againAtMs !== null) wakeAt(againAtMs);
          } finally {
            release([entry.id]);
          }
        });
      });
    });
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
      await Promise.all(entries.map((entry) => lease(entry, nowMs)));
    }
  }

  /** Answers the entry with its new time; null when somebody else has taken it, finished it or put it off. */
  async function lease(entry: Entry, dueAtMs: number): Promise<Entry | null> {
    let own = false;
    const now = await kept().entries.update(entry.id, (current) => {
      own = current?.stamp === entry.stamp && current.dueAtMs === entry.dueAtMs;
      return own ? { ...current!, dueAtMs } : undefined;
    });
    return own ? now : null;
  }

  /** Takes entries that another process or an earlier life of this one has left. */
  async function take(found: readonly Entry[]): Promise<void> {
    const free = found.filter(({ id }) => !held.has(id));
    for (const { id } of free) held.add(id);
    let taken: readonly Entry[] = [];
    try {
      taken = await (store.ordered ? unchanged(free) : claim(free));
    } finally {
      const ids = new Set(taken.map(({ id }) => id));
      release(free.map(({ id }) => id).filter((id) => !ids.has(id)));
    }
    void deliver(taken);
  }

  /** Without those that were finished, or put off, between the look and the hold. */
  async function unchanged(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const now = await kept().entries.getMany(entries.map(({ id }) => id));
    return now.filter(
      (entry, i) => entry?.stamp === entries[i]!.stamp && entry.dueAtMs === entries[i]!.dueAtMs,
    ) as readonly Entry[];
  }

  /** With others on the same store: only those that nobody else claims at the same time. */
  async function claim(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const dueAtMs = host.clock.nowMs() + leaseMs;
    const claimed = await Promise.all(
      entries.map(async (entry) => {
        try {
          return await lease(entry, dueAtMs);
        } catch {
          // The answer may have been lost, and the lease be ours.
          insist('claim a fact', async () => {
            const [now] = await kept().entries.getMany([entry.id]);
            if (now?.stamp === entry.stamp && now.dueAtMs === dueAtMs) void deliver([now]);
          });
          return null;
        }
      }),
    );
    return claimed.filter((entry) => entry !== null);
  }

  async function sweep(): Promise<void> {
    const nowMs = host.clock.nowMs();
    let after: string | null = null;
    do {
      const due: Page<Entry> = await kept().entries.find({
        index: 'byDue',
        to: nowMs,
        limit: sweepMax,
        ...(after === null ? {} : { after }),
      });
      await take(due.items);
      after = due.next;
    } while (after !== null);
    const next = (await kept().entries.find({ index: 'byDue', from: nowMs + 1, limit: 1 })).items[0];
    const laterMs = store.ordered ? wakeAfterMsMax : sweepEveryMs;
    wakeAt(Math.min(next?.dueAtMs ?? Number.POSITIVE_INFINITY, nowMs + laterMs));
  }

  function sweepNow(): Promise<void> {
    return background.run(sweep, failedTo('look for facts that are due'));
  }

  function wakeAt(atMs: number): void {
    if (state !== 'reacting' || atMs >= wakingAtMs) return;
    const delayMs = atMs - host.clock.nowMs();
    if (delayMs <= 0) return void sweepNow();
    cancelWake();
    wakingAtMs = atMs;
    cancelWake = host.clock.after(Math.min(delayMs, wakeAfterMsMax), () => {
      wakingAtMs = Number.POSITIVE_INFINITY;
      void sweepNow();
    });
  }

  /** Alone on its store, every entry whose time has come is left from an earlier life. */
  async function recover(): Promise<void> {
    if (store.ordered) {
      for await (const page of kept().entries.scan({ pageSize: sweepMax })) {
        await take(page.filter(({ atMs }) => atMs <= host.clock.nowMs()));
      }
    }
    await sweep();
  }

  async function tellPassedDay(): Promise<void> {
    const entry = await enterPassedDay(kept(), host, createEntry);
    if (!entry) return;
    held.add(entry.id);
    void deliver([entry]);
  }

  function planDay(): void {
    cancelDay = host.clock.after(untilMidnightMs(host.clock.nowMs()), () => {
      void background.run(tellPassedDay, failedTo('tell that a day has passed'));
      planDay();
    });
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
        driver.receive((ids) =>
          background.run(async () => {
            const found = await kept().entries.getMany(ids);
            await take(found.filter((entry) => entry !== null));
          }, failedTo('take up facts it was told of')),
        );
        await recover();
      }, failedTo('take up facts that were left'));
    },
    hold(ids) {
      for (const id of ids) held.add(id);
    },
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
    wakeAt,
    async idle() {
      await background.settled();
      if (state !== 'reacting') return;
      await sweepNow();
      await background.settled();
    },
    async start() {
      await tellPassedDay();
      planDay();
    },
    async close() {
      cancelDay();
      cancelWake();
      state = 'closed';
      await background.settled();
    },
  };
}
