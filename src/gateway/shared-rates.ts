import { createHash } from 'node:crypto';
import { describeError } from '../errors.js';
import type { Clock, Host } from '../plugin.js';
import type { RateStore, TakenUnits } from '../ports/queue-driver.js';
import type { Buckets } from './token-bucket.js';

/** The interval at which a process reports the units it took, and learns of those that others took. */
const reportMs = 200;
/** The interval at which a process that took nothing reports that it is running. */
const presenceMs = 2_000;
/** The wait after a report that failed. */
const againMs = 1_000;
const bucketsPerReport = 500;
/** A bucket that uses less of its limit than this, in all processes together, is not reported. Most shoppers use less. */
const usedMin = 0.1;
/** Buckets of one limit beyond this number are not reported. */
const unreportedMax = 50_000;

/** Token buckets that this process shares with others through a `RateStore`. */
export interface SharedRates {
  /** Shares the buckets of one limit; every process must give the limit the same name. */
  join(limit: string, create: (taken: (id: string, flowMs: number) => void) => Buckets): Buckets;
  readonly state: {
    /** The number of processes that share, as far as this one knows. */
    readonly processes: number;
    /** false: the store is away, and this process admits its part of each limit, by itself. */
    readonly shares: boolean;
  };
  close(): void;
}

interface Joined {
  readonly limit: string;
  readonly buckets: Buckets;
  /** Units taken since the last report, in milliseconds of flow. */
  unreported: Map<string, number>;
}

/**
 * Requests are admitted by the buckets of this process, without waiting; reports keep these true. Several processes may therefore admit
 * more than a bucket holds until they have reported. The surplus is owed.
 */
export function createSharedRates(
  store: RateStore,
  host: Pick<Host, 'ids' | 'log'> & { readonly clock: Pick<Clock, 'nowMs' | 'after'> },
): SharedRates {
  const { clock, log } = host;
  const processId = host.ids.next();
  const all: Joined[] = [];
  let processes = 1;
  let shares = true;
  let closed = false;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  let cancel: () => void = () => undefined;

  function note({ unreported }: Joined, id: string, flowMs: number): void {
    const before = unreported.get(id);
    if (before !== undefined || unreported.size < unreportedMax) unreported.set(id, (before ?? 0) + flowMs);
  }

  function divide(): void {
    for (const { buckets } of all) buckets.divide(shares ? 1 : processes);
  }

  async function reportSome(joined: Joined, some: readonly (readonly [string, number])[]): Promise<void> {
    const { limit, buckets, unreported } = joined;
    for (const [id] of some) unreported.delete(id);
    const taken = some.map(
      ([id, flowMs]): TakenUnits => ({
        bucket: nameOf(limit, id),
        flowMs,
        fullInMsMax: buckets.fullInMsMax,
      }),
    );
    const askedAtMs = clock.nowMs();
    try {
      const answer = await store.report(processId, taken);
      const elapsedMs = clock.nowMs() - askedAtMs;
      processes = answer.processes;
      some.forEach(([id], i) => {
        const fullInMs = Math.max(0, answer.fullInMs[i]! - elapsedMs);
        buckets.set(id, fullInMs + (unreported.get(id) ?? 0));
        // Others may go on taking, so a bucket that is far from full is reported again, even if nothing is taken here.
        if (fullInMs > reportMs) note(joined, id, 0);
      });
    } catch (error) {
      for (const [id, flowMs] of some) note(joined, id, flowMs);
      throw error;
    }
  }

  /** True if a bucket is used so little that it is full again whatever the others took. It is left out. */
  function isTrickle({ buckets }: Joined, [id, flowMs]: readonly [string, number]): boolean {
    return flowMs < (usedMin * reportMs) / processes && buckets.fullInMs(id) === 0;
  }

  async function report(): Promise<void> {
    for (const joined of all) {
      const due: (readonly [string, number])[] = [];
      for (const entry of joined.unreported) {
        if (isTrickle(joined, entry)) joined.unreported.delete(entry[0]);
        else due.push(entry);
      }
      for (let from = 0; from < due.length; from += bucketsPerReport)
        await reportSome(joined, due.slice(from, from + bucketsPerReport));
      if (due.length > 0) reportedAtMs = clock.nowMs();
    }
    if (clock.nowMs() - reportedAtMs < presenceMs) return;
    ({ processes } = await store.report(processId, []));
    reportedAtMs = clock.nowMs();
  }

  /** Subtracts the units that flowed in while the store was away, so that a long absence does not add up. */
  function forgetFlown(elapsedMs: number): void {
    const flownMs = elapsedMs / processes;
    for (const { unreported } of all) {
      for (const [id, flowMs] of unreported) {
        if (flowMs > flownMs) unreported.set(id, flowMs - flownMs);
        else unreported.delete(id);
      }
    }
  }

  function plan(delayMs: number): void {
    if (closed) return;
    const fromMs = clock.nowMs();
    cancel = clock.after(delayMs, () => {
      report().then(
        () => {
          if (!shares) log.info('rate limits are shared again', { processes });
          shares = true;
          divide();
          plan(reportMs);
        },
        (error: unknown) => {
          if (shares)
            log.warn('rate limits cannot be shared; this process admits its part of them', {
              processes,
              err: describeError(error),
            });
          shares = false;
          divide();
          forgetFlown(Math.max(0, clock.nowMs() - fromMs));
          plan(againMs);
        },
      );
    });
  }
  plan(0);

  return {
    join(limit, create) {
      const joined: Joined = {
        limit,
        buckets: create((id, flowMs) => note(joined, id, flowMs)),
        unreported: new Map(),
      };
      all.push(joined);
      return joined.buckets;
    },
    get state() {
      return { processes, shares };
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

/** Addresses of clients leave the process as digests only, and all names are equally long. */
function nameOf(limit: string, id: string): string {
  return createHash('sha256').update(`${limit}\n${id}`).digest('base64url').slice(0, 22);
}
