import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../../src/ports/store.js';

/** A holder that dies is succeeded after so long; clocks of processes may differ by a third of it. */
export const leaseMs = 3 * 60_000;
/** The interval between reads of the store, at least: to renew the lease, or to take over one that expired. */
const askEveryMs = 45_000;

/** Who does what only one of several processes is to do. */
export interface Lease extends Document {
  readonly holder: string;
  readonly untilMs: number;
}

export const leaseSpec: CollectionSpec<Lease> = {
  name: 'recommendation-leases',
  indexes: {},
  watched: false,
};

/** The part of a process that holds a lease, or waits for it. */
export function createLeasing(
  leases: Collection<Lease>,
  id: string,
  { clock, ids, log }: Pick<Host, 'clock' | 'ids' | 'log'>,
) {
  const holder = ids.next();
  let untilMs = Number.NEGATIVE_INFINITY;
  let askAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<boolean> | null = null;
  let released = false;

  /** A damaged lease is nobody's. */
  const update = (change: (current: Lease | null) => Lease | null | undefined) =>
    leases.update(id, change, { skipDamaged: true });

  async function ask(): Promise<boolean> {
    const nowMs = clock.nowMs();
    askAtMs = nowMs + askEveryMs;
    let isOwn = false;
    try {
      const stored = await update((current) => {
        const leftMs = current === null ? 0 : current.untilMs - nowMs;
        // A lease that lasts longer than any was written by a clock that ran ahead.
        const isOthers = current?.holder !== holder && leftMs > 0 && leftMs <= 2 * leaseMs;
        return isOthers ? undefined : { id, holder, untilMs: nowMs + leaseMs };
      });
      isOwn = stored?.holder === holder;
      untilMs = isOwn ? stored!.untilMs : Number.NEGATIVE_INFINITY;
    } catch (error) {
      log.warn(`cannot read the lease of ${id}; will retry`, { err: describeError(error) });
    }
    return isOwn;
  }

  function take(): Promise<boolean> {
    if (released) return Promise.resolve(false);
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  }

  return {
    /** Asks the store; true: this process holds it for the next three minutes. Never rejects: while the store is away nobody begins. */
    take,
    /** The last known state. From time to time it renews the lease beside, so a process that keeps calling keeps the lease. */
    held(): boolean {
      const nowMs = clock.nowMs();
      // Before the last question only if the clock was set back since.
      if (nowMs >= askAtMs || nowMs < askAtMs - askEveryMs) void take();
      return nowMs < untilMs && untilMs - nowMs <= leaseMs;
    },
    /** Leaves it to others at once. Never rejects. */
    async release(): Promise<void> {
      released = true;
      await asking;
      if (untilMs === Number.NEGATIVE_INFINITY) return;
      untilMs = Number.NEGATIVE_INFINITY;
      await update((current) => (current?.holder === holder ? null : undefined)).catch((error: unknown) =>
        log.warn(`${id} could not be left to others`, { err: describeError(error) }),
      );
    },
  };
}

export type Leasing = ReturnType<typeof createLeasing>;
