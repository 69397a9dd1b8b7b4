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
 * order of beginning, until they have `clicksMax` clicks; copied in slices. Of what is learned meanwhile nothing is among
 * them: neither further clicks, nor what lies where a session was forgotten.
 */
export function* logOf(
  index: SessionIndex,
  clicksMax: number,
  before = index.sessions,
): Generator<undefined, SessionLog> {
  const kept: number[] = [];
  const lengths: number[] = [];
  const oldest = () => Math.max(0, index.sessions - index.options.sessionsMax);
  let clicks = 0;
  for (
    let session = Math.min(before, index.sessions) - 1;
    session >= oldest() && clicks < clicksMax;
    session--
  ) {
    const length = index.lengthOf(session);
    if (session % slice === 0) yield;
    if (length < 2) continue;
    kept.push(session);
    lengths.push(length);
    clicks += length;
  }
  const items = new Int32Array(clicks);
  const starts = new Int32Array(kept.length + 1);
  let count = 0;
  for (let at = kept.length - 1; at >= 0; at--) {
    if (at % slice === 0) yield;
    const session = kept[at]!;
    if (session < oldest()) continue;
    const from = index.sessionStart[session % index.options.sessionsMax]!;
    items.set(index.sessionCells.subarray(from, from + lengths[at]!), starts[count]!);
    starts[count + 1] = starts[count]! + lengths[at]!;
    count++;
  }
  return {
    items: items.subarray(0, starts[count]!),
    starts: starts.subarray(0, count + 1),
    count,
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
