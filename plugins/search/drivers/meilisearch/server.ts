import { type EnqueuedTask, Meilisearch, MeilisearchApiError, MeilisearchRequestError } from 'meilisearch';
import { deadlines } from '../../../../src/deadlines.js';
import { RapportError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';

/** A task that takes longer is sent again, because the server is behind or has lost it. */
const taskMs = 120_000;
const pollFirstMs = 10;
const pollMostMs = 500;
/** The delay without a `Retry-After` of the server, and the longest one that is accepted. */
const retryAfterSeconds = 1;
const retryAfterMostSeconds = 60;

/** A task failed on the server; sending it again will not help. */
export class TaskRefused extends Error {
  override readonly name = 'TaskRefused';
}

/** The clients of one server, with its failures as errors of ours. */
export interface SearchServer {
  /** With the deadline of requests that shoppers wait for. */
  readonly reading: Meilisearch;
  readonly writing: Meilisearch;
  /** Rejects with `unavailable` and the time to retry if the server cannot do it now. Other errors stay as they are. */
  available<T>(what: () => Promise<T>): Promise<T>;
  /** The same for several calls with one deadline together. Rejects with the reason of `signal` if that is aborted. */
  searching<T>(signal: AbortSignal | undefined, what: (init: RequestInit) => Promise<T>): Promise<T>;
  /** Resolves when a task has succeeded; rejects with `TaskRefused` if it failed, and `unavailable` if it takes too long. */
  done(enqueued: Promise<EnqueuedTask>): Promise<void>;
}

export function createSearchServer(url: string, key: string, host: Host): SearchServer {
  const options = { host: url, ...(key ? { apiKey: key } : {}) };
  const reading = new Meilisearch({ ...options, timeout: deadlines.readMs });
  const writing = new Meilisearch({ ...options, timeout: deadlines.writeMs });

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => void host.clock.after(ms, () => resolve()));

  return {
    reading,
    writing,
    async available(what) {
      try {
        return await what();
      } catch (error) {
        throw asUnavailable(error);
      }
    },
    async searching(given, what) {
      const late = AbortSignal.timeout(deadlines.readMs);
      const signal = given ? AbortSignal.any([late, given]) : late;
      try {
        return await what({ signal });
      } catch (error) {
        // An aborted wait does not mean that the server failed.
        given?.throwIfAborted();
        throw asUnavailable(error);
      }
    },
    async done(enqueued) {
      const { taskUid } = await enqueued;
      const untilMs = host.clock.nowMs() + taskMs;
      for (let waitMs = pollFirstMs; ; waitMs = Math.min(pollMostMs, 2 * waitMs)) {
        const { status, error } = await writing.tasks.getTask(taskUid);
        if (status === 'succeeded') return;
        if (status === 'failed' || status === 'canceled')
          throw new TaskRefused(
            `the search server ${status} task ${taskUid}: ${error?.code} ${error?.message}`,
          );
        if (host.clock.nowMs() > untilMs) throw unavailable(retryAfterMostSeconds, new Error('a task waits'));
        await pause(waitMs);
      }
    },
  };
}

/** `unavailable` for an internal error, overload or absence of the server, and for an unknown key or index; other errors unchanged. */
function asUnavailable(error: unknown): unknown {
  if (error instanceof MeilisearchApiError) {
    const { status, headers } = error.response;
    if (status < 500 && ![401, 403, 404, 408, 429].includes(status)) return error;
    return unavailable(secondsOf(headers.get('retry-after')), error);
  }
  // A proxy in front of the server may respond with something other than JSON.
  if (error instanceof MeilisearchRequestError || error instanceof SyntaxError)
    return unavailable(retryAfterSeconds, error);
  return error;
}

/** Retry-After in seconds (RFC 9110, section 10.2.3); the server here never answers a date. */
function secondsOf(header: string | null): number {
  const seconds = Number(header ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds < 0) return retryAfterSeconds;
  return Math.min(retryAfterMostSeconds, Math.max(retryAfterSeconds, Math.ceil(seconds)));
}

function unavailable(seconds: number, cause: unknown): RapportError {
  return new RapportError(
    'unavailable',
    'SEARCH_UNAVAILABLE',
    'The search server does not respond; try again soon.',
    { retryAfterSeconds: seconds, cause },
  );
}
