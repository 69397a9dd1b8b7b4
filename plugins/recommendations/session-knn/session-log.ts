import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

/** Sessions one after the other: session n is `items[starts[n]] … items[starts[n + 1] - 1]`, oldest first. */
export interface SessionLog {
  readonly items: Int32Array;
  readonly starts: Int32Array;
  readonly count: number;
  /** One more than the largest item number. */
  readonly itemCount: number;
}

/** Sessions between two yields. */
const slice = 5_000;

const oldestOf = ({ sessions, options }: SessionIndex) => Math.max(0, sessions - options.sessionsMax);

/**
 * The numbers of the newest sessions with two clicks or more that began before the session `before`, in the order of beginning: at most
 * `sessionsMax` sessions, and as many as have `clicksMax` clicks together.
 */
export function newestSessions(
  index: SessionIndex,
  {
    before = index.sessions,
    sessionsMax = Number.POSITIVE_INFINITY,
    clicksMax = Number.POSITIVE_INFINITY,
  }: { readonly before?: number; readonly sessionsMax?: number; readonly clicksMax?: number } = {},
): Int32Array {
  const found: number[] = [];
  const oldest = oldestOf(index);
  let clicks = 0;
  for (let session = Math.min(before, index.sessions) - 1; session >= oldest; session--) {
    if (clicks >= clicksMax || found.length >= sessionsMax) break;
    const length = index.lengthOf(session);
    if (length < 2) continue;
    found.push(session);
    clicks += length;
  }
  return Int32Array.from(found.reverse());
}

/**
 * Copies sessions of an index, in slices, each cut into pieces of at most `pieceMax` clicks. Anything that the index learns meanwhile is left out:
 * further clicks, and the sessions that take the place of forgotten ones.
 */
export function* copySessions(
  index: SessionIndex,
  sessions: Int32Array,
  pieceMax = clicksPerSessionMax,
): Generator<undefined, SessionLog> {
  const lengths = sessions.map((session) => index.lengthOf(session));
  const items = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  const starts = [0];
  let copied = 0;
  for (const [at, session] of sessions.entries()) {
    if (at % slice === 0) yield;
    if (session < oldestOf(index)) continue;
    const from = index.sessionStart[session % index.options.sessionsMax]!;
    const until = copied + lengths[at]!;
    items.set(index.sessionCells.subarray(from, from + lengths[at]!), copied);
    while (copied < until) {
      copied = Math.min(until, copied + pieceMax);
      starts.push(copied);
    }
  }
  return {
    items: items.subarray(0, copied),
    starts: Int32Array.from(starts),
    count: starts.length - 1,
    itemCount: index.items,
  };
}

/** Some sessions of a log, in the given order. */
export function selectSessions(log: SessionLog, order: Int32Array): SessionLog {
  const starts = new Int32Array(order.length + 1);
  for (let at = 0; at < order.length; at++) {
    starts[at + 1] = starts[at]! + log.starts[order[at]! + 1]! - log.starts[order[at]!]!;
  }
  const items = new Int32Array(starts[order.length]!);
  for (let at = 0; at < order.length; at++) {
    items.set(log.items.subarray(log.starts[order[at]!]!, log.starts[order[at]! + 1]!), starts[at]!);
  }
  return { items, starts, count: order.length, itemCount: log.itemCount };
}
