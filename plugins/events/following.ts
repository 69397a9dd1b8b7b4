import { describeError, isRapportError, RapportError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import { purposes } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { EventHandler, Events, EventType, FollowOptions, ShopEvent } from '../../src/ports/events.js';
import type { Change, Collection, Page } from '../../src/ports/store.js';
import { createHeldPosition, leaseMs, overlapMs, type Position } from './consumer-position.js';
import { createHandling, handlerDeadlineMs } from './handling.js';
import { fromEntry, type LogEntry } from './log-entry.js';
import { createPermitted } from './permitted.js';

const retryMaxMs = 30_000;
/** Interval at which a process that waits for a lease, or whose store is away, tries again. */
const againMs = 5_000;
/** Interval at which a process that holds a lease reads the log if nothing arrives, and extends the lease. */
const idleMs = 30_000;
const entriesPerPage = 32;
/** Interval at which the position is stored while events arrive. */
const storeEveryMs = 5_000;

interface FollowingParts {
  readonly host: Host;
  readonly log: () => Collection<LogEntry>;
  readonly positions: () => Collection<Position>;
  readonly customers: Customers;
  readonly consent: Consent;
}

/** Passes the log to durable consumers: `Events.follow`. */
export interface Following extends Pick<Events, 'follow'> {
  /** The log is open: consumers begin to read. */
  start(): void;
  /** Changes of the log, by this process or another one. Reads entries only if a consumer wants them, as the store parses them then. */
  arrived(changes: readonly Change<LogEntry>[]): void;
  close(): Promise<void>;
}

export function createFollowing(parts: FollowingParts): Following {
  const consumers = new Map<string, Consumer>();
  let state: 'created' | 'started' | 'closed' = 'created';
  return {
    follow(name, options, handle) {
      if (!/^[a-z][a-z0-9-]{0,99}$/.test(name))
        throw invalid(
          'EVENTS_CONSUMER_NAME',
          `the name ${JSON.stringify(name)} is not kebab case of at most 100 characters, for example "points-ledger"`,
        );
      if (consumers.has(name))
        throw invalid('EVENTS_CONSUMER_TAKEN', `"${name}" follows the events already; choose another name`);
      if (!purposes.includes(options.purpose))
        throw invalid(
          'EVENTS_PURPOSE_INVALID',
          `events are followed for ${purposes.join(', ')}, not for ${JSON.stringify(options.purpose)}`,
        );
      if (parts.host.role === 'gateway') return async () => undefined;
      const consumer = createConsumer(parts, name, options, handle);
      consumers.set(name, consumer);
      if (state === 'started') consumer.wake();
      return async () => {
        consumers.delete(name);
        await consumer.close();
      };
    },
    start() {
      state = 'started';
      for (const consumer of consumers.values()) consumer.wake();
    },
    arrived(changes) {
      if (consumers.size === 0) return;
      const entries = changes.flatMap(({ document }) =>
        document === null || document.rewritten ? [] : [document],
      );
      const removed = changes.flatMap(({ id, document }) => (document === null ? [id] : []));
      for (const consumer of consumers.values()) {
        consumer.arrived(entries);
        consumer.removed(removed);
      }
    },
    async close() {
      state = 'closed';
      await Promise.all([...consumers.values()].map((consumer) => consumer.close()));
      consumers.clear();
    },
  };
}

interface Consumer {
  wake(): void;
  arrived(entries: readonly LogEntry[]): void;
  /** Forgets the ids of entries: they have ids of messages. */
  removed(ids: readonly string[]): void;
  close(): Promise<void>;
}

function createConsumer(
  { host, log, positions, customers, consent }: FollowingParts,
  name: string,
  { types, purpose, fromMs }: FollowOptions,
  handle: EventHandler,
): Consumer {
  const { clock } = host;
  const held = createHeldPosition(positions, name, host.ids.next(), clock);
  const permitted = createPermitted(customers, consent, purpose);
  const handling = createHandling(clock, handle);
  const wants = typeof types === 'function' ? types : (type: EventType) => types?.includes(type) ?? true;
  const startMs = fromMs ?? clock.nowMs();
  /** The receipt of the newest entry that was read. */
  let cursorMs = 0;
  /** Entries that were received before it are done. Infinity: all are. */
  let doneToMs = 0;
  /** The same in the store, and never later. */
  let storedFromMs = 0;
  let storedAtMs = 0;
  /** When entries were read last, by the clock that nobody sets. Infinity: the position is behind them. */
  let newestReadAtMs = 0;
  /** Receipts of entries that are done, by id, since the stored position. */
  const done = new Map<string, number>();
  /** Entries that were stored behind the cursor. */
  let late: LogEntry[] = [];
  /** Entries that arrive while a page is read. */
  let meanwhile: LogEntry[] | null = null;
  let isHeld = false;
  let isWoken = false;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => undefined;

  function wake(): void {
    isWoken = true;
    if (handling.stopped()) return;
    running ??= run().finally(() => {
      running = null;
      if (isWoken) wake();
    });
  }

  async function run(): Promise<void> {
    while (isWoken && !handling.stopped()) {
      isWoken = false;
      let delayMs = againMs;
      try {
        await readOn();
        if (isHeld) delayMs = idleMs;
      } catch (error) {
        // Entries that were read and are not done are read again.
        cursorMs = storedFromMs;
        if (!isRapportError(error, 'unavailable'))
          host.log.error('events cannot be followed; it will be tried again', {
            consumer: name,
            err: describeError(error),
          });
      }
      cancelTimer();
      if (!handling.stopped()) cancelTimer = clock.after(delayMs, wake);
    }
  }

  async function takeLease(): Promise<boolean> {
    const taken = await held.take(startMs);
    isHeld = taken !== null;
    if (taken === null || taken === 'held') return isHeld;
    cursorMs = taken.fromMs;
    doneToMs = taken.fromMs;
    storedFromMs = taken.fromMs;
    storedAtMs = clock.monotonicMs();
    newestReadAtMs = clock.monotonicMs();
    late = [];
    done.clear();
    for (const id of taken.done) done.set(id, taken.fromMs + overlapMs);
    return true;
  }

  async function readOn(): Promise<void> {
    if (!held.lasts(leaseMs / 2) && !(await takeLease())) return;
    let after: string | null = null;
    do {
      const page = await readPage(after);
      const behind = late;
      late = [];
      if (!(await handleEntries(behind, false)) || !(await handleEntries(page.items, true))) return;
      after = page.next;
    } while (after !== null);
    if (late.length > 0) isWoken = true;
    else doneToMs = Number.POSITIVE_INFINITY;
    if (clock.monotonicMs() - storedAtMs >= storeEveryMs) await storePosition();
  }

  async function readPage(after: string | null): Promise<Page<LogEntry>> {
    const arriving: LogEntry[] = [];
    meanwhile = arriving;
    try {
      const page = await log().find({
        index: 'byReceipt',
        skipDamaged: true,
        from: cursorMs,
        limit: entriesPerPage,
        ...(after === null ? {} : { after }),
      });
      if (page.items.length > 0) {
        cursorMs = page.items.at(-1)!.receivedAtMs;
        newestReadAtMs = clock.monotonicMs();
      }
      return page;
    } finally {
      meanwhile = null;
      noticeLate(arriving);
    }
  }

  function noticeLate(entries: readonly LogEntry[]): void {
    for (const entry of entries) if (entry.receivedAtMs < cursorMs && !done.has(entry.id)) late.push(entry);
  }

  /** False when the lease was lost or the process stops. */
  async function handleEntries(entries: readonly LogEntry[], inOrder: boolean): Promise<boolean> {
    for (const entry of entries) {
      if (done.has(entry.id)) continue;
      if (inOrder) doneToMs = entry.receivedAtMs;
      for (const event of fromEntry(entry)) {
        if (!wants(event.type)) continue;
        if (!(await handleEvent(event))) return false;
      }
      done.set(entry.id, entry.receivedAtMs);
      if (clock.monotonicMs() - storedAtMs >= storeEveryMs && !(await storePosition())) return false;
    }
    return true;
  }

  async function storePosition(): Promise<boolean> {
    moveOn();
    isHeld = await held.keep(storedFromMs);
    storedAtMs = clock.monotonicMs();
    return isHeld;
  }

  /**
   * Moves the position on, as far as nothing can be stored behind it any more. By receipts alone, so that a clock that is ahead for a
   * while moves it over nothing.
   */
  function moveOn(): void {
    const isQuiet =
      doneToMs === Number.POSITIVE_INFINITY && clock.monotonicMs() - newestReadAtMs >= overlapMs;
    storedFromMs = Math.max(storedFromMs, isQuiet ? cursorMs + 1 : Math.min(doneToMs, cursorMs) - overlapMs);
    if (isQuiet) newestReadAtMs = Number.POSITIVE_INFINITY;
    for (const [id, receivedAtMs] of done) if (receivedAtMs < storedFromMs) done.delete(id);
    // Entries that are not remembered must not be read again.
    cursorMs = Math.max(cursorMs, storedFromMs);
  }

  /** Calls the handler until it resolves. False when the lease was lost or the process stops. */
  async function handleEvent(event: ShopEvent): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      if (handling.stopped()) return false;
      if (!held.lasts(2 * handlerDeadlineMs) && !(await storePosition())) return false;
      try {
        const shopper = await permitted.shopperOf(event);
        if (shopper !== null) await handling.run(event, shopper, attempt);
        return true;
      } catch (error) {
        if (handling.stopped()) return false;
        const delayMs = Math.min(retryMaxMs, 1_000 * 2 ** (attempt - 1));
        host.log.warn('an event could not be handled; it is tried again, and later events wait', {
          consumer: name,
          event: event.id,
          attempt,
          delayMs,
          err: describeError(error),
        });
        await handling.pause(delayMs);
      }
    }
  }

  return {
    wake,
    arrived(entries) {
      if (!isHeld) return;
      if (meanwhile === null) noticeLate(entries);
      else meanwhile.push(...entries);
      wake();
    },
    removed(ids) {
      for (const id of ids) done.delete(id);
    },
    async close() {
      cancelTimer();
      handling.stop();
      await running;
      if (!isHeld) return;
      isHeld = false;
      moveOn();
      await held.release(storedFromMs, [...done.keys()]).catch((error: unknown) =>
        host.log.warn('could not store how far events were followed; some are delivered again', {
          consumer: name,
          err: describeError(error),
        }),
      );
    },
  };
}

function invalid(code: string, message: string): RapportError {
  return new RapportError('invalid', code, message);
}
