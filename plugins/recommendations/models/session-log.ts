import type { SessionIndex } from './session-index.js';

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

/**
 * The newest sessions of two clicks or more that an index holds, of those that began before the session `before`, in the
 * order of beginning, as far as they have at most `clicksMax` clicks; copied in slices. What is learned meanwhile may or
 * may not be among them.
 */
export function* logOf(
  index: SessionIndex,
  clicksMax: number,
  before = index.sessions,
): Generator<undefined, SessionLog> {
  const kept: number[] = [];
  let clicks = 0;
  const alive = Math.max(0, index.sessions - index.options.sessionsMax);
  for (
    let session = Math.min(before, index.sessions) - 1;
    session >= alive && clicks < clicksMax;
    session--
  ) {
    const length = index.lengthOf(session);
    if (session % slice === 0) yield;
    if (length < 2) continue;
    kept.push(session);
    clicks += length;
  }
  kept.reverse();
  // A session may have grown since it was counted: its end is left out then.
  const items = new Int32Array(clicks);
  const starts = new Int32Array(kept.length + 1);
  for (const [at, session] of kept.entries()) {
    if (at % slice === 0) yield;
    const slot = session % index.options.sessionsMax;
    const from = index.sessionStart[slot]!;
    const length = Math.min(index.sessionLength[slot]!, clicks - starts[at]!);
    items.set(index.sessionCells.subarray(from, from + length), starts[at]!);
    starts[at + 1] = starts[at]! + length;
  }
  return {
    items: items.subarray(0, starts[kept.length]!),
    starts,
    count: kept.length,
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
