import { describeError } from '../../src/errors.js';
import { type NextRun, parseCron } from '../../src/kit/cron.js';
import type { Host } from '../../src/plugin.js';
import type { ScheduledJob } from '../../src/ports/queue.js';
import type { Collection, CollectionSpec, Document, Store } from '../../src/ports/store.js';
import { stopMs } from './delivery.js';

/** A run of a process that died is taken over after this time. */
const leaseMs = 60_000;
/** Interval at which a process looks at a job that is not due as far as it knows: the clock may have been set. */
const lookEveryMs = 30_000;
/** A run that ended so much later than now was made by a clock that was ahead, and does not count. */
const aheadMs = 3_600_000;
const timeoutDefaultMs = 10 * 60_000;
const attemptsMax = 5;
const retryBaseMs = 60_000;

/** The state of a job, which all processes share. */
interface Job extends Document {
  readonly cron: string;
  readonly timeZone: string;
  /** The moment of the next run. It moves when a run has ended, so that a run that a process did not finish is run again. */
  readonly nextAtMs: number;
  /** When a run ended last, by the clock of then. */
  readonly ranAtMs: number;
  /** Runs that failed since the last one that did not. */
  readonly failures: number;
  /** The process that runs it; null: none. */
  readonly holder: string | null;
  readonly untilMs: number;
}

export const jobsSpec: CollectionSpec<Job> = { name: 'queue-jobs', indexes: {}, watched: false };

/** Runs jobs at their times, each in one process at a time. */
export interface Jobs {
  schedule(plugin: string, name: string, job: ScheduledJob): void;
  open(store: Store): Promise<void>;
  /** Resolves when no job runs that was due. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export function createJobs(host: Host): Jobs {
  const running = new Map<string, RunningJob>();
  let collection: Collection<Job> | null = null;
  let isClosed = false;
  return {
    schedule(plugin, name, job) {
      if (isClosed || !collection) return;
      const id = `${plugin}.${name}`;
      if (running.has(id)) throw new Error(`${plugin} has two jobs named ${name}`);
      running.set(id, createJob(host, collection, id, job));
    },
    async open(store) {
      collection = await store.collection(jobsSpec);
    },
    async idle() {
      await Promise.all([...running.values()].map((job) => job.idle()));
    },
    async close() {
      isClosed = true;
      await Promise.all([...running.values()].map((job) => job.close()));
    },
  };
}

interface RunningJob {
  idle(): Promise<void>;
  close(): Promise<void>;
}

function createJob(
  { clock, ids, log }: Host,
  jobs: Collection<Job>,
  id: string,
  { cron, timeZone = 'UTC', timeoutMs = timeoutDefaultMs, run }: ScheduledJob,
): RunningJob {
  const nextAfter: NextRun = parseCron(cron, timeZone);
  const holder = ids.next();
  const stop = new AbortController();
  let cancelTimer: () => void = () => undefined;
  let looking: Promise<void> | null = null;

  const update = (change: (current: Job | null) => Job | undefined) =>
    jobs.update(id, change, { skipDamaged: true });
  const next = (nowMs: number): number => nextAfter(nowMs) ?? Number.MAX_SAFE_INTEGER;

  function lookAfter(delayMs: number): void {
    cancelTimer();
    if (!stop.signal.aborted) cancelTimer = clock.after(Math.max(0, Math.min(delayMs, lookEveryMs)), look);
  }

  function look(): void {
    if (stop.signal.aborted) return;
    looking ??= lookOnce()
      .catch((error: unknown) => {
        log.warn('a job cannot be looked at; it will be tried again', { job: id, err: describeError(error) });
        return lookEveryMs;
      })
      .then((delayMs) => {
        looking = null;
        lookAfter(delayMs);
      });
  }

  /** Resolves to the time until the next look. */
  async function lookOnce(): Promise<number> {
    const nowMs = clock.nowMs();
    let isTaken = false;
    const job = await update((current) => {
      const isSame = current?.cron === cron && current.timeZone === timeZone;
      const isCurrent = isSame && current.ranAtMs - nowMs <= aheadMs;
      const known: Job = isCurrent
        ? current
        : { id, cron, timeZone, nextAtMs: next(nowMs), ranAtMs: 0, failures: 0, holder: null, untilMs: 0 };
      const leftMs = known.holder === null ? 0 : known.untilMs - nowMs;
      // A lease that lasts longer than any was written by a clock that ran ahead.
      const isFree = leftMs <= 0 || leftMs > 2 * leaseMs;
      isTaken = isFree && known.nextAtMs <= nowMs;
      if (isTaken) return { ...known, holder, untilMs: nowMs + leaseMs };
      return isCurrent ? undefined : known;
    });
    if (job === null) return lookEveryMs;
    // Another process runs it.
    if (!isTaken) return job.nextAtMs > nowMs ? job.nextAtMs - nowMs : Math.max(1_000, job.untilMs - nowMs);
    return (await runOnce(job)).nextAtMs - clock.nowMs();
  }

  async function runOnce(job: Job): Promise<Job> {
    const late = new AbortController();
    const cancelTimeout = clock.after(timeoutMs, () =>
      late.abort(new Error(`took longer than ${timeoutMs / 1_000} s`)),
    );
    const renewing = renew(() => late.abort(new Error('another process runs the job')));
    let error: unknown = null;
    try {
      await untilAborted(job, AbortSignal.any([stop.signal, late.signal]));
    } catch (thrown) {
      error = thrown ?? new Error('the job failed without an error');
    }
    cancelTimeout();
    await renewing();
    const nowMs = clock.nowMs();
    const after =
      stop.signal.aborted && error !== null ? job : settled({ ...job, ranAtMs: nowMs }, error, nowMs);
    await update((current) =>
      current?.holder === holder ? { ...after, holder: null, untilMs: 0 } : undefined,
    );
    return after;
  }

  function settled(job: Job, error: unknown, nowMs: number): Job {
    const regularMs = next(nowMs);
    if (error === null) return { ...job, nextAtMs: regularMs, failures: 0 };
    const failures = job.failures + 1;
    const retryMs = nowMs + retryBaseMs * 2 ** (failures - 1);
    const isRetried = failures < attemptsMax && retryMs < regularMs;
    const nextAtMs = isRetried ? retryMs : regularMs;
    const fields = { job: id, failures, nextAt: new Date(nextAtMs).toISOString(), err: describeError(error) };
    log.error('a job failed', fields);
    return { ...job, nextAtMs, failures: isRetried ? failures : 0 };
  }

  /** Rejects when the signal is aborted; a stop gives the job some time to end by itself. */
  async function untilAborted(job: Job, signal: AbortSignal): Promise<void> {
    let cancel: () => void = () => undefined;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        if (stop.signal.aborted) cancel = clock.after(stopMs, () => reject(signal.reason));
        else reject(signal.reason);
      });
    });
    aborted.catch(() => undefined);
    try {
      await Promise.race([run({ dueAtMs: job.nextAtMs, attempt: job.failures + 1, signal }), aborted]);
    } finally {
      cancel();
    }
  }

  /** Extends the lease from time to time; returns the function that ends that. */
  function renew(lost: () => void): () => Promise<void> {
    let isOver = false;
    let cancel: () => void = () => undefined;
    let work: Promise<unknown> = Promise.resolve();
    function plan(): void {
      cancel = clock.after(leaseMs / 3, () => {
        work = extend().then(
          (isOwn) => (isOwn ? isOver || plan() : lost()),
          () => isOver || plan(),
        );
      });
    }
    async function extend(): Promise<boolean> {
      const job = await update((current) =>
        current?.holder === holder ? { ...current, untilMs: clock.nowMs() + leaseMs } : undefined,
      );
      return job?.holder === holder;
    }
    plan();
    return async () => {
      isOver = true;
      cancel();
      await work;
    };
  }

  look();
  return {
    async idle() {
      while (looking) await looking;
      // By the present time.
      look();
      while (looking) await looking;
    },
    async close() {
      cancelTimer();
      stop.abort(new Error('the process stops'));
      await looking;
    },
  };
}
