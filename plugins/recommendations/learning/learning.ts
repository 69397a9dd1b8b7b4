import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog, Product } from '../../../src/ports/catalog.js';
import type { Consent } from '../../../src/ports/consent.js';
import type { Events } from '../../../src/ports/events.js';
import type { Collection, StoredPeople } from '../../../src/ports/store.js';
import type { Leasing } from '../snapshots/lease.js';
import { createLogConsumer, type LogConsumer } from '../snapshots/log-consumer.js';
import { createLogPosition } from '../snapshots/log-position.js';
import type { Snapshot, Snapshots } from '../snapshots/snapshots.js';
import type { Models } from './models.js';
import type { Retraining } from './retraining.js';

/** A snapshot is due after so many events since the last one, and at least this share of all events, */
const eventsPerSnapshotMin = 20_000;
const growthPerSnapshot = 0.05;
/** and after so long, unless there are so many events that a start would read them for seconds. */
const snapshotMsMin = 5 * 60_000;
const eventsPerSnapshotMax = 500_000;
/** With fewer events, one snapshot an hour, if there are at least so many. */
const checkEveryMs = 3_600_000;
const eventsPerHourMin = 1_000;
/** The statistics are built again from the start of the log after so long, without what was erased from it. */
const builtMsMax = 14 * 86_400_000;
/** The statistics are rebuilt so long after the last build if a consent was withdrawn or an order changed since: within a day, checked once an hour. */
const withdrawnMsMax = 86_400_000 - checkEveryMs;
/** A snapshot of another process replaces this one's statistics if it was built so much later. */
const builtMsMin = withdrawnMsMax / 2;
/** A start waits so long for the log; the rest of it is read beside serving. */
const startMsMax = 90_000;
/** Erasures within this time share one build, since each reads the whole log. */
const forgetEveryMs = 600_000;
/** While statistics are being replaced, an erasure waits so long. */
const forgetAgainMs = 5_000;

interface LearningParts {
  readonly catalog: Catalog;
  readonly consent: Pick<Consent, 'withdrawnSince'>;
  readonly events: Events;
  readonly models: Models;
  readonly retraining: Retraining;
  readonly people: Pick<StoredPeople, 'erasedUntilMs'>;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log' | 'role'>;
}

/**
 * Teaches the models each product and event before its write is acknowledged, so that the next response knows it. The worker stores
 * snapshots from time to time. Every process starts from the newest snapshot and reads only the rest of the log.
 */
export function createLearning(parts: LearningParts) {
  const { catalog, consent, events, models, retraining, people, host } = parts;
  const { clock, log } = host;
  const mayBuild = host.role !== 'gateway';
  const stops: (() => void)[] = [];
  let snapshots: Snapshots | null = null;
  let lease: Leasing | null = null;
  let current: LogConsumer | null = null;
  /** The consumer that is to replace the current one. */
  let next: LogConsumer | null = null;
  let replacing = false;
  let storing: Promise<void> | null = null;
  let storedAtMs = clock.nowMs();
  /** No consent was withdrawn between the last build and this time. */
  let noneWithdrewUntilMs = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let forgotAtMs = Number.NEGATIVE_INFINITY;
  let cancelForget: (() => void) | null = null;
  /** Recommenders whose state the snapshot did not have; they know it once the statistics are built anew. */
  let missing: readonly string[] = [];

  const builds = () => mayBuild && lease?.held() === true;

  function put(product: Product): void {
    const item = catalog.shelf.numberOf(product.id);
    if (item >= 0) models.put(item, product);
  }

  const begin = () => ({ statistics: models.begin(), position: createLogPosition(clock.nowMs) });
  const fromNothing = () => {
    missing = [];
    return createLogConsumer(events, begin(), clock.nowMs());
  };

  async function fromSnapshot(): Promise<LogConsumer> {
    const beganMs = clock.nowMs();
    const found = await snapshots!.load(begin);
    if (found) {
      const { id, interactions } = found.snapshot;
      log.info('the statistics were read', { snapshot: id, interactions, ms: clock.nowMs() - beganMs });
    }
    if (!found) return fromNothing();
    missing = found.learned.statistics.contributed.missing();
    return createLogConsumer(events, found.learned, found.snapshot.builtAtMs);
  }

  function couldNot(what: string, error: unknown): void {
    // The log closes before its last page was read.
    if (!stopped) log.error(what, { err: describeError(error) });
  }

  /** Never rejects: a failure is logged, and the next snapshot is due after as many events again. */
  function save(consumer: LogConsumer): Promise<void> {
    storing ??= storeNow(consumer).finally(() => {
      storing = null;
    });
    return storing;
  }

  async function storeNow(consumer: LogConsumer): Promise<void> {
    const beganMs = clock.nowMs();
    consumer.stored();
    storedAtMs = beganMs;
    try {
      const { bytes, interactions } = await snapshots!.save(consumer, consumer.builtAtMs);
      log.info('the statistics were stored', { bytes, interactions, ms: clock.nowMs() - beganMs });
    } catch (error) {
      log.warn('the statistics could not be stored', { err: describeError(error) });
    }
  }

  function considerStoring(consumer: LogConsumer, least: number): void {
    if (consumer.unstored >= least && builds()) void save(consumer);
  }

  const growthAt = () => Math.max(eventsPerSnapshotMin, growthPerSnapshot * models.session.interactions);

  /** Called with every batch of events. */
  function considerStoringLater(consumer: LogConsumer): void {
    if (consumer.unstored < eventsPerSnapshotMin) return;
    const early = Math.abs(clock.nowMs() - storedAtMs) < snapshotMsMin;
    considerStoring(consumer, early ? Math.max(eventsPerSnapshotMax, growthAt()) : growthAt());
  }

  /** Reads the log from a consumer's position on, and replaces the current consumer by it. */
  async function takeOver(from: LogConsumer): Promise<void> {
    next = from;
    try {
      await from.catchUp();
      models.exchange(from.statistics);
      current = from;
    } finally {
      next = null;
    }
    considerLearning();
    considerStoring(from, growthAt());
  }

  function considerLearning(): void {
    if (builds()) retraining.consider();
  }

  /** Replaces the current consumer beside serving, one at a time. */
  async function replace(from: () => Promise<LogConsumer>): Promise<void> {
    if (replacing || next !== null || current === null) return;
    replacing = true;
    await from()
      .then(takeOver)
      .catch((error: unknown) => couldNot('the statistics could not be built anew', error));
    replacing = false;
  }

  async function rebuild(): Promise<void> {
    await replace(async () => fromNothing());
    // That one is of the statistics before.
    await storing;
    if (current !== null && !isOld(current)) await save(current);
  }

  /** Also if it was built in the future, by a clock that ran ahead. */
  const isOld = ({ builtAtMs }: LogConsumer) => Math.abs(clock.nowMs() - builtAtMs) > builtMsMax;

  function checkHourly(): void {
    stops.push(
      clock.after(checkEveryMs, () => {
        if (stopped || current === null) return;
        void buildIfDue(current);
        considerLearning();
        checkHourly();
      }),
    );
  }

  /** Returns true if a consent was withdrawn since the build, so that the statistics still hold that person's events. Reads the ledger once a day. */
  async function holdsWithdrawn(builtAtMs: number): Promise<boolean> {
    const sinceMs = Math.max(builtAtMs, noneWithdrewUntilMs);
    const nowMs = clock.nowMs();
    if (nowMs - sinceMs < withdrawnMsMax) return false;
    try {
      if (await consent.withdrawnSince(sinceMs)) return true;
      noneWithdrewUntilMs = nowMs;
    } catch (error) {
      couldNot('withdrawn consents could not be looked for; this is tried again in an hour', error);
    }
    return false;
  }

  /** Returns true if an order was refunded, cancelled or updated since the build, which only a build counts. Looked for once a day. */
  async function holdsChangedOrders(builtAtMs: number): Promise<boolean> {
    if (clock.nowMs() - builtAtMs < withdrawnMsMax) return false;
    try {
      return await events.ordersChangedSince(builtAtMs);
    } catch (error) {
      couldNot('changes of orders could not be looked for; this is tried again in an hour', error);
      return false;
    }
  }

  /** True if somebody was erased whose events may be in the statistics. */
  const holdsErased = ({ builtAtMs }: LogConsumer) => builtAtMs < people.erasedUntilMs();

  /** Builds the statistics without people who were erased, in whichever process is notified: two that build at once do no harm. */
  function forget(delayMs = forgotAtMs + forgetEveryMs - clock.nowMs()): void {
    cancelForget ??= clock.after(Math.min(forgetEveryMs, Math.max(0, delayMs)), () => {
      cancelForget = null;
      if (stopped || current === null || !holdsErased(current)) return;
      if (replacing || next !== null) return forget(forgetAgainMs);
      forgotAtMs = clock.nowMs();
      void rebuild();
    });
  }

  async function buildIfDue(built: LogConsumer): Promise<void> {
    if (!mayBuild || !(await lease!.take())) return;
    const { builtAtMs } = built;
    if (isOld(built) || (await holdsWithdrawn(builtAtMs)) || (await holdsChangedOrders(builtAtMs)))
      await rebuild();
    else if (built.unstored >= eventsPerHourMin) await save(built);
  }

  /** Resolves when the log has been read, or has taken so long that answers must begin without the rest of it. */
  async function startFollowing(): Promise<void> {
    const following = fromSnapshot().then(takeOver);
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(startMsMax, () => {
        if (next !== null) models.exchange(next.statistics);
        log.warn('the event log is still being read; until it is, answers know a part of it');
        following.catch((error: unknown) => couldNot('the event log could not be read to its end', error));
        resolve();
      });
    });
    await Promise.race([following, late]);
    cancel();
  }

  catalog.readAtStart(async (pages) => {
    stops.push(
      catalog.watch((changes) => {
        for (const { id, product } of changes) {
          if (product) put(product);
          else {
            const item = catalog.shelf.numberOf(id);
            if (item >= 0) models.remove(item);
          }
        }
      }),
    );
    for await (const page of pages) for (const product of page) put(product);
  });

  return {
    /** Reads the newest usable snapshot and the rest of the log, then follows both. Of several processes, the holder of the lease stores snapshots. */
    async start(kept: Collection<Snapshot>, opened: Snapshots, leasing: Leasing): Promise<void> {
      snapshots = opened;
      lease = leasing;
      if (mayBuild) await lease.take();
      stops.push(
        events.watch((batch) => {
          next?.take(batch);
          if (current === null) return;
          current.take(batch);
          considerLearning();
          considerStoringLater(current);
        }, 'ANALYTICS'),
        kept.watch((changes) => {
          // Another process built the statistics anew from the log.
          const since =
            (current?.builtAtMs ?? Number.POSITIVE_INFINITY) + (missing.length > 0 ? 0 : builtMsMin);
          const isWithoutErased = (builtAtMs: number) =>
            current !== null && holdsErased(current) && builtAtMs >= people.erasedUntilMs();
          const news = changes.some(
            ({ document }) =>
              document?.chunks && (document.builtAtMs > since || isWithoutErased(document.builtAtMs)),
          );
          if (news) void replace(fromSnapshot);
          // What this process would store is stored.
          else if (storing === null && changes.some(({ document }) => document?.chunks)) current?.stored();
        }),
      );
      await startFollowing();
      if (missing.length > 0 && builds()) {
        log.info('the log is read again for recommenders that have no state in the snapshot', { missing });
        void rebuild();
      }
      if (mayBuild && current !== null && holdsErased(current)) forget();
      checkHourly();
    },
    /** After a person was erased. */
    forget(): void {
      if (mayBuild) forget();
    },
    /** Stores a last snapshot if this process holds the lease. */
    async stop(): Promise<void> {
      stopped = true;
      cancelForget?.();
      retraining.stop();
      for (const stop of stops.splice(0)) stop();
      await storing;
      const consumer = current ?? next;
      const isNew = consumer !== null && consumer.unstored >= eventsPerHourMin;
      if (isNew && mayBuild && (await lease?.take())) await save(consumer);
      await lease?.release();
    },
  };
}
