import { RapportError } from '../../src/errors.js';
import type { Change } from '../../src/ports/store.js';
import type { StoredPerson } from './memberships.js';

/** Changes that wait for a slow client. */
const waitingMax = 10_000;

export interface MembershipChange {
  readonly segmentId: string;
  readonly customerId: string;
  readonly member: boolean;
  readonly atMs: number;
}

/** Streams of the changes of one segment's members. */
export interface MembershipStreams {
  /** Throws `limited` from `next` once a client is `waitingMax` people behind. */
  subscribe(segmentId: string): AsyncIterableIterator<MembershipChange>;
  written(changes: readonly Change<StoredPerson>[]): void;
}

export function createMembershipStreams(): MembershipStreams {
  const streams = new Map<string, Set<(change: MembershipChange) => void>>();

  function subscribe(segmentId: string): AsyncIterableIterator<MembershipChange> {
    /** By customer: only the last change of each counts for a client that is behind. */
    const waiting = new Map<string, MembershipChange>();
    let resume: ((result: IteratorResult<MembershipChange>) => void) | null = null;
    let isOver = false;
    const push = (change: MembershipChange): void => {
      if (resume !== null) {
        const resolve = resume;
        resume = null;
        resolve({ done: false, value: change });
      } else if (waiting.size <= waitingMax) {
        waiting.delete(change.customerId);
        waiting.set(change.customerId, change);
      }
    };
    const known = streams.get(segmentId) ?? new Set();
    streams.set(segmentId, known.add(push));
    return {
      async next() {
        if (isOver) return { done: true, value: undefined };
        if (waiting.size > waitingMax) throw tooSlow();
        const [first] = waiting;
        if (first === undefined)
          return new Promise((resolve) => {
            resume = resolve;
          });
        waiting.delete(first[0]);
        return { done: false, value: first[1] };
      },
      async return() {
        isOver = true;
        known.delete(push);
        if (known.size === 0) streams.delete(segmentId);
        resume?.({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    subscribe,
    written(changes) {
      if (streams.size === 0) return;
      for (const { document } of changes) {
        if (document === null) continue;
        const { customerId, entered, left, writtenAtMs: atMs } = document;
        const tell = (segmentId: string, member: boolean) => {
          for (const push of streams.get(segmentId) ?? []) push({ segmentId, customerId, member, atMs });
        };
        for (const segmentId of left) tell(segmentId, false);
        for (const segmentId of entered) tell(segmentId, true);
      }
    },
  };
}

function tooSlow(): RapportError {
  return new RapportError(
    'limited',
    'SEGMENTS_STREAM_TOO_SLOW',
    `the client is more than ${waitingMax} changes behind; subscribe again, and read the memberships that it needs`,
  );
}
