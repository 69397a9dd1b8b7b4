import type { Host } from '../../src/plugin.js';
import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { Events } from '../../src/ports/events.js';
import type { Store } from '../../src/ports/store.js';
import type { HistoryReader } from './history.js';
import type { Models } from './models.js';
import type { Refit } from './refit.js';
import { openArchive } from './snapshots/archive.js';
import { createFollower, type Follower } from './snapshots/follower.js';
import { createLogPosition } from './snapshots/log-position.js';
import { createSnapshots, type Snapshot, type Snapshots, snapshotSpec } from './snapshots/snapshots.js';

/** A snapshot is due when so many events came since the last one, and at least so great a part of all. */
const eventsPerSnapshotMin = 20_000;
const growthPerSnapshot = 0.05;
/** When there are fewer, one an hour, if there are so many at all. */
const checkEveryMs = 3_600_000;
const eventsPerHourMin = 1_000;
/** The log is read again from its start after so long: what was erased from it is gone from the statistics then. */
const builtMsMax = 14 * 86_400_000;
/** A snapshot of another process that was built anew so much later takes the place of what this one learned. */
const builtMsMin = 86_400_000;
/** A start waits so long for the log to be read; then it goes on being read beside the answers. */
const startMsMax = 90_000;

export interface Learning {
  /** Reads the catalog, the newest good snapshot, and the log from there on; then follows both. */
  start(): Promise<void>;
  /** What was learned since the last snapshot is stored, by whoever builds. */
  stop(): Promise<void>;
}

export interface LearningParts {
  readonly catalog: Catalog;
  readonly events: Events;
  readonly store: Store;
  readonly models: Models;
  readonly refit: Refit;
  readonly history: HistoryReader;
  readonly host: Pick<Host, 'clock' | 'ids' | 'log' | 'role'>;
}

/**
 * Teaches the models: each product and event before its write is acknowledged, so that the next answer knows it. The worker
 * stores what it learned from time to time; every process starts from there and reads only the rest of the log.
 */
export function createLearning(parts: LearningParts): Learning {
  const { catalog, events, store, models, refit, history, host } = parts;
  const { clock, log } = host;
  const builds = host.role !== 'gateway';
  const stops: (() => void)[] = [];
  let snapshots: Snapshots | null = null;
  let current: Follower | null = null;
  /** What is being built to take the place of the current one. */
  let next: Follower | null = null;
  let builtAtMs = 0;
  /** How many events the current one had learned when it was last stored. */
  let storedAt = 0;
  let storing: Promise<void> | null = null;
  let stopped = false;

  function put(product: Product): void {
    const item = catalog.shelf.numberOf(product.id);
    if (item < 0) return;
    models.content.put(item, product);
    models.newest.put(item, product.createdAtMs);
  }

  const begin = () => createFollower(events, models.begin(), createLogPosition());

  function unstored(): number {
    return current === null ? 0 : current.learned - storedAt;
  }

  function considerStoring(): void {
    const due = Math.max(eventsPerSnapshotMin, growthPerSnapshot * models.session.interactions);
    if (builds && unstored() >= due) void save();
  }

  /** Never rejects: what could not be stored is in the log. */
  function save(): Promise<void> {
    storing ??= storeNow().finally(() => {
      storing = null;
    });
    return storing;
  }

  async function storeNow(): Promise<void> {
    if (current === null || snapshots === null) return;
    const { learned } = current;
    const beganMs = clock.nowMs();
    try {
      const { bytes, interactions } = await snapshots.save(current, builtAtMs);
      storedAt = learned;
      log.info('the statistics were stored', { bytes, interactions, ms: clock.nowMs() - beganMs });
    } catch (error) {
      // Not before there is as much again.
      storedAt = learned;
      log.warn('the statistics could not be stored', { error: String(error) });
    }
  }

  /** Builds in the place of the current ones statistics that begin with what `from` answers, beside everything else. */
  async function replace(
    from: () => Promise<{ readonly follower: Follower; readonly since: number }>,
  ): Promise<boolean> {
    if (next !== null || current === null) return false;
    try {
      const { follower, since } = await from();
      next = follower;
      await follower.catchUp();
      takeOver(follower, since);
      return true;
    } catch (error) {
      next = null;
      log.error('the statistics could not be built anew', { error: String(error) });
      return false;
    }
  }

  async function rebuild(): Promise<void> {
    if (await replace(async () => ({ follower: begin(), since: clock.nowMs() }))) await save();
  }

  async function follow(): Promise<void> {
    const loaded = await load();
    next = loaded?.follower ?? begin();
    const since = loaded?.since ?? clock.nowMs();
    const follower = next;
    await follower.catchUp();
    takeOver(follower, since);
    refit.consider();
    considerStoring();
  }

  async function load(): Promise<{ readonly follower: Follower; readonly since: number } | null> {
    const found = await snapshots!.load(begin);
    return found && { follower: found.learned, since: found.snapshot.builtAtMs };
  }

  /** Another process built the statistics anew from the log. */
  async function adopt(): Promise<void> {
    await replace(async () => (await load()) ?? { follower: begin(), since: clock.nowMs() });
  }

  function takeOver(fresh: Follower, since: number): void {
    current = fresh;
    next = null;
    builtAtMs = since;
    storedAt = 0;
    models.exchange(fresh.statistics);
  }

  function checkHourly(): void {
    stops.push(
      clock.after(checkEveryMs, () => {
        if (stopped) return;
        if (clock.nowMs() - builtAtMs > builtMsMax) void rebuild();
        else if (unstored() >= eventsPerHourMin) void save();
        checkHourly();
      }),
    );
  }

  /** Resolves when the log has been read, or has taken so long that answers must begin without the rest of it. */
  async function startFollowing(): Promise<void> {
    const following = follow();
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(startMsMax, () => {
        if (next !== null) models.exchange(next.statistics);
        log.warn('the event log is still being read; until it is, answers know a part of it');
        following.catch((error: unknown) =>
          log.error('the event log could not be read', { error: String(error) }),
        );
        resolve();
      });
    });
    await Promise.race([following, late]);
    cancel();
  }

  return {
    async start() {
      const kept = await store.collection<Snapshot>(snapshotSpec);
      snapshots = createSnapshots(kept, await openArchive(store), catalog.shelf, host);
      stops.push(
        catalog.watch((changes) => {
          for (const { id, product } of changes) {
            if (product) put(product);
            else {
              const item = catalog.shelf.numberOf(id);
              if (item >= 0) models.content.remove(item);
            }
          }
        }),
        events.watch((batch) => {
          history.arrived(batch);
          next?.take(batch);
          if (current === null) return;
          current.take(batch);
          refit.consider();
          considerStoring();
        }),
        kept.watch((changes) => {
          for (const { document } of changes) {
            if (
              document !== null &&
              document.chunks !== null &&
              document.builtAtMs - builtAtMs > builtMsMin
            ) {
              void adopt();
            }
          }
        }),
      );
      for await (const page of catalog.scan()) for (const product of page) put(product);
      await startFollowing();
      if (builds) checkHourly();
    },
    async stop() {
      stopped = true;
      refit.stop();
      for (const stop of stops.splice(0)) stop();
      if (builds && unstored() >= eventsPerHourMin) await save();
      await storing;
    },
  };
}
