import type { ErrorDescription } from '../errors.js';
import type { Fact, FactHandler, FactType } from '../facts.js';

export interface DeadLetter {
  readonly id: string;
  readonly fact: Fact;
  /** The plugin whose handler failed. */
  readonly plugin: string;
  readonly attempts: number;
  /** Name and message of the last failure. */
  readonly error: string;
  readonly err: ErrorDescription;
  readonly failedAtMs: number;
}

/** One run of a job. */
export interface JobRun {
  /** The moment that it was planned for; in the past if no process ran then. */
  readonly dueAtMs: number;
  /** 1 for the first one. */
  readonly attempt: number;
  /** Aborted after `timeoutMs`, when the process stops, and when another process has taken the job over. */
  readonly signal: AbortSignal;
}

/**
 * A job that runs at times, in one process at a time. A run that was missed, or that a process did not finish, is caught up once. One
 * that fails is tried again after 1, 2, 4 and 8 minutes, unless its next time comes first.
 */
export interface ScheduledJob {
  /** Five fields, for example `0 3 * * 1-5`. */
  readonly cron: string;
  /** IANA, for example `Europe/Vienna`. If omitted, UTC. */
  readonly timeZone?: string;
  /** If omitted, ten minutes. A run that takes longer is aborted and has failed. */
  readonly timeoutMs?: number;
  run(run: JobRun): Promise<void>;
}

/**
 * Carries facts to their handlers: at least once, in no promised order, with retries. Each plugin has its own turns: one that hangs
 * or fails delays no other plugin.
 */
export interface Queue {
  /**
   * Runs `write` and then publishes the facts. They are in the outbox, durably, before the write begins, so
   * a process that dies in between publishes them at its next start: a fact can be told twice, or about a write that never
   * came to be, never lost. A `write` that throws withdraws them and rethrows.
   *
   * Resolves to what `write` answered, and never waits for handlers: a change that the next answer must show is told by
   * `watch`.
   */
  publishing<T>(facts: readonly Fact[], write: () => Promise<T>): Promise<T>;
  /**
   * Publishes at a moment (milliseconds since the epoch) or up to 50 ms later, durable when it resolves. The same `key`
   * replaces. After a moment that passed while the clock was set or nobody was there, within a second.
   */
  publishAt(atMs: number, key: string, fact: Fact): Promise<void>;
  cancel(key: string): Promise<void>;
  /** Registers a plugin's handler of a type of fact; called by the worker at boot. */
  react(plugin: string, type: FactType, handler: FactHandler): void;
  /** Runs a plugin's job at its times; called by the worker at boot. */
  schedule(plugin: string, name: string, job: ScheduledJob): void;
  /** Facts whose handler failed at every attempt, newest first. */
  deadLetters(options: { readonly limit: number }): Promise<readonly DeadLetter[]>;
  /** Tries dead letters again; answers how many were found. */
  replay(ids: readonly string[]): Promise<number>;
  /** Resolves when nothing is waiting that is due now. For tests and for a graceful stop. */
  idle(): Promise<void>;
  check(): Promise<void>;
}
