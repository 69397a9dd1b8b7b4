import { describeError, withoutCredentials } from './errors.js';
import type { Log } from './plugin.js';

const closeDeadlineMs = 10_000;

/** A part of the process that is started once and closed once. */
export interface Part {
  /** The name in log lines. */
  readonly name: string;
  /** If omitted, the part is only closed, in its order. */
  readonly start?: {
    run(): Promise<void>;
    readonly deadlineMs: number;
    /** The beginning of the error, such as `search could not start`. */
    readonly failure: string;
  };
  readonly close?: () => Promise<void>;
}

export interface Lifecycle {
  /** Starts a part. Rejects with one readable message if it throws, rejects or takes longer than its deadline. */
  start(part: Part): Promise<void>;
  /**
   * Closes in reverse order each part whose start was called, also one that failed. A part that missed its deadline is closed when
   * its start settles, without being waited for. Never throws; a second call does nothing.
   */
  close(): Promise<void>;
}

export function createLifecycle(log: Log): Lifecycle {
  const begun: Part[] = [];

  async function closePart({ name, close }: Part): Promise<void> {
    if (!close) return;
    await withDeadline(attempt(close), closeDeadlineMs, `closing ${name}`).catch((error: unknown) =>
      log.error('could not close', { part: name, err: describeError(error) }),
    );
  }

  return {
    async start(part) {
      begun.push(part);
      if (!part.start) return;
      const { run, deadlineMs, failure } = part.start;
      const starting = attempt(run);
      let isSettled = false;
      const settled = starting
        .catch(() => undefined)
        .then(() => {
          isSettled = true;
        });
      try {
        await withDeadline(starting, deadlineMs, 'it');
      } catch (error) {
        if (!isSettled) {
          begun.splice(begun.indexOf(part), 1);
          void settled.then(() => closePart(part));
        }
        throw new Error(`${failure}: ${messageOf(error)}`, { cause: error });
      }
    },
    async close() {
      for (const part of begun.splice(0).reverse()) await closePart(part);
    },
  };
}

/** Turns an error that is thrown at once into a rejection. */
async function attempt(run: () => Promise<void>): Promise<void> {
  return run();
}

/** Rejects when the promise has not settled in time; what was begun goes on and is the caller's to clean up. */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function messageOf(error: unknown): string {
  return withoutCredentials(error instanceof Error ? error.message : String(error));
}
