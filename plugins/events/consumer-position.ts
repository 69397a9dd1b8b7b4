import type { Clock } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';

/** A process that dies is succeeded after this time. Clocks of processes may differ by a third of it. */
export const leaseMs = 90_000;
/**
 * An entry of the log may be stored this long after its receipt, by a process that waited for the store, or whose clock is behind. A
 * process that takes over reads again from so long before.
 */
export const overlapMs = 90_000;
/** Entries that a stored position names as done. */
const doneMax = 10_000;

/** The position of a consumer in the log, and the process that reads for it. One document, so that a process without the lease cannot move the position. */
export interface Position extends Document {
  /** The process that holds it; null: none. */
  readonly holder: string | null;
  readonly untilMs: number;
  /** Entries that were received before this moment are done. */
  readonly fromMs: number;
  /** Entries received since that are done. Complete only after an orderly stop. */
  readonly done: readonly string[];
}

export const positionsSpec: CollectionSpec<Position> = {
  name: 'events-consumers',
  indexes: {},
  watched: false,
};

/** The position of one consumer, as one process sees it. */
export interface HeldPosition {
  /**
   * Takes the lease unless another process holds it. Resolves to the stored position if this process did not hold the lease before,
   * to `held` if it did, and to null if another process holds it. Throws `unavailable`.
   */
  take(startMs: number): Promise<Position | 'held' | null>;
  /** True if the lease lasts for this time, as far as this process knows. */
  lasts(ms: number): boolean;
  /** Extends the lease and moves the position. False: another process has the lease. */
  keep(fromMs: number): Promise<boolean>;
  /** Leaves the lease to other processes. */
  release(fromMs: number, done: readonly string[]): Promise<void>;
}

export function createHeldPosition(
  positions: () => Collection<Position>,
  id: string,
  holder: string,
  clock: Clock,
): HeldPosition {
  /** Until when this process holds the lease, by the clock that nobody sets. */
  let heldUntilMs = Number.NEGATIVE_INFINITY;

  /** Writes what `change` returns if this process may write; resolves to what is stored then if it did. */
  async function write(
    change: (current: Position | null, nowMs: number) => Position | undefined,
  ): Promise<Position | null> {
    const nowMs = clock.nowMs();
    const beganMs = clock.monotonicMs();
    const stored = await positions().update(id, (current) => change(current, nowMs), { skipDamaged: true });
    const isOwn = stored?.holder === holder;
    heldUntilMs = isOwn ? beganMs + leaseMs : Number.NEGATIVE_INFINITY;
    return isOwn ? stored : null;
  }

  return {
    async take(startMs) {
      let wasHeld = false;
      const stored = await write((current, nowMs) => {
        wasHeld = current?.holder === holder;
        const leftMs = current === null || current.holder === null ? 0 : current.untilMs - nowMs;
        // A lease that lasts longer than any was written by a clock that ran ahead.
        if (!wasHeld && leftMs > 0 && leftMs <= 2 * leaseMs) return undefined;
        return {
          ...(current ?? { id, fromMs: startMs, done: [] }),
          holder,
          untilMs: nowMs + leaseMs,
        };
      });
      return stored !== null && wasHeld ? 'held' : stored;
    },
    lasts: (ms) => heldUntilMs - clock.monotonicMs() >= ms,
    async keep(fromMs) {
      const stored = await write((current, nowMs) =>
        current?.holder === holder ? { id, holder, untilMs: nowMs + leaseMs, fromMs, done: [] } : undefined,
      );
      return stored !== null;
    },
    async release(fromMs, done) {
      heldUntilMs = Number.NEGATIVE_INFINITY;
      await positions().update(
        id,
        (current) =>
          current?.holder === holder
            ? { id, holder: null, untilMs: 0, fromMs, done: done.slice(-doneMax) }
            : undefined,
        { skipDamaged: true },
      );
    },
  };
}
