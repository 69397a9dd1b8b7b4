import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import type { Environment } from './environment.js';
import type { PendingWrite } from './memtable.js';
import type { LogState } from './meta.js';
import type { Mutex } from './mutex.js';
import type { Target } from './target.js';
import type { Unmoved } from './unmoved.js';
import type { WriteAheadLog } from './write-ahead-log.js';

/** What one transaction takes: larger ones cost less a document, and hold up the event loop longer. */
const sliceMax = 2_500;
const checkpointAfterMs = 200;
const retryAfterMs = 1_000;
/** While moving fails for one reason, that is logged at once and then so often. */
const toldAgainMs = 60_000;
const checkpointAtCharacters = 8 * 1024 * 1024;
const pendingMax = 50_000;
const pendingCharactersMax = 128 * 1024 * 1024;

/** Takes pending writes from the log to their trees: many at a time, because that is what a tree is good at. */
export interface Checkpointer {
  add(target: Target, writes: number, characters: number): void;
  /** Resolves when there is room for another record; rejects when there is none because moving fails. */
  room(): Promise<void>;
  failing(): boolean;
  /** After a failure moves what is pending, which begins a new file of the log. Rejects when that fails. */
  retry(): Promise<void>;
  /**
   * Resolves when all that was acknowledged before has moved. In the turn in which it resolves nothing else has: the data file is
   * the state behind one record.
   */
  settle(): Promise<void>;
  /** Moves all that is pending, and leaves no copy of it in the log. */
  moveAndClear(): Promise<void>;
  /** Moves everything; nothing may be added meanwhile. */
  close(): Promise<void>;
}

interface Load {
  /** The last record that this is about. */
  readonly sequence: number;
  /** Of the file that took over behind it. */
  readonly generation: number;
  readonly parts: { readonly target: Target; readonly writes: readonly PendingWrite[] }[];
  readonly count: number;
  readonly characters: number;
}

export interface CheckpointOptions {
  readonly store: string;
  /** The file of the log that was begun at the start; null: none could be. */
  readonly begun: LogState | null;
  /** Records of an earlier process that have to move before anything else. */
  readonly unmoved: Unmoved | null;
  /** How many pending writes are moved without waiting for more. */
  readonly checkpointAt: number;
}

/** `mutex`: between two records, when all that is in the log is in the memtables too. */
export function createCheckpointer(
  environment: Environment,
  log: WriteAheadLog,
  mutex: Mutex,
  host: Host,
  { begun, unmoved, store, checkpointAt }: CheckpointOptions,
): Checkpointer {
  let uncommitted = begun;
  let earlier = unmoved;
  const targets = new Set<Target>();
  let count = 0;
  let characters = 0;
  /** What the released half of the log holds until it has been moved; kept when moving fails. */
  let load: Load | null = null;
  let moving: Promise<void> | null = null;
  let failure: unknown = null;
  let cancel: (() => void) | null = null;
  /** Files of the log are emptied also while much is written. */
  let clearing = false;
  let told = { reason: '', atMs: 0 };

  async function begin(): Promise<Load> {
    await log.swap();
    const parts = [...targets].map((target) => ({ target, writes: [...target.memtable.values()] }));
    targets.clear();
    const begun = { sequence: log.sequence(), generation: log.generation(), parts, count, characters };
    count = 0;
    characters = 0;
    return begun;
  }

  async function moveOnce(): Promise<void> {
    await earlier?.move();
    earlier = null;
    // The data file names one of the two files of the log at any time.
    const state = uncommitted;
    if (state) environment.requireSpace([]);
    if (state) await environment.commit(() => environment.writeLogState(state));
    uncommitted = null;
    load ??= await mutex(begin);
    for (const { target, writes } of load.parts) {
      for (let at = 0; at < writes.length; at += sliceMax) {
        const slice = writes.slice(at, at + sliceMax);
        environment.requireSpace(slice);
        await environment.commit(() => slice.forEach(target.tree.write));
        target.memtable.drop(slice);
      }
    }
    const { sequence, generation } = load;
    environment.requireSpace([]);
    await environment.commit(() => environment.writeLogState({ store, generation, sequence }));
    load = null;
    // Nobody is writing much: leave no copies of documents behind.
    await log.release(count === 0 || clearing);
  }

  function tell(error: unknown): void {
    const reason = String(error);
    const nowMs = host.clock.nowMs();
    if (reason === told.reason && nowMs - told.atMs < toldAgainMs) return;
    told = { reason, atMs: nowMs };
    host.log.error('documents cannot be moved from the write-ahead log to the data file', {
      err: describeError(error),
    });
  }

  function move(): Promise<void> {
    cancel?.();
    cancel = null;
    moving ??= moveOnce()
      .then(
        () => {
          failure = null;
          told = { reason: '', atMs: 0 };
        },
        (error: unknown) => {
          failure = error;
          tell(error);
        },
      )
      .finally(() => {
        moving = null;
        if (failure !== null) moveAfter(retryAfterMs);
        else if (count > 0) plan();
      });
    return moving;
  }

  function moveAfter(delayMs: number): void {
    cancel ??= host.clock.after(delayMs, () => {
      cancel = null;
      void move();
    });
  }

  function plan(): void {
    if (failure === null && (count >= checkpointAt || characters >= checkpointAtCharacters)) void move();
    else moveAfter(checkpointAfterMs);
  }

  function full(): boolean {
    return (
      count + (load?.count ?? 0) >= pendingMax || characters + (load?.characters ?? 0) >= pendingCharactersMax
    );
  }

  async function settle(): Promise<void> {
    // The one on its way may have begun before.
    if (moving) await moving;
    await move();
    if (failure !== null) throw failure;
  }

  if (earlier) moveAfter(retryAfterMs);

  return {
    add(target, writes, added) {
      targets.add(target);
      count += writes;
      characters += added;
      plan();
    },
    async room() {
      while (full() || log.failure() !== null) {
        await move();
        if (failure !== null) throw failure;
      }
    },
    failing: () => failure !== null || log.failure() !== null,
    async retry() {
      if (failure === null && log.failure() === null) return;
      await move();
      if (failure !== null) throw failure;
    },
    settle,
    async moveAndClear() {
      clearing = true;
      try {
        // Once for each file of the log.
        await settle();
        await settle();
      } finally {
        clearing = false;
      }
    },
    async close() {
      cancel?.();
      do await move();
      while (failure === null && count > 0);
      cancel?.();
      if (failure !== null) throw failure;
      await log.clear();
    },
  };
}
