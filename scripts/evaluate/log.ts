/** What was learned from (sessions, or people, or baskets), in flat arrays: what baselines and slices count in. */
export interface Log {
  readonly sessions: number;
  readonly items: number;
  readonly clicks: Int32Array;
  /** The clicks of session s lie from `starts[s]` up to `starts[s + 1]`, oldest first. */
  readonly starts: Int32Array;
  readonly itemClicks: Int32Array;
  /** The sessions that hold item i lie in `holders` from `holderStarts[i]` up to `holderStarts[i + 1]`, ascending. */
  readonly holders: Int32Array;
  readonly holderStarts: Int32Array;
  /** How many sessions hold the item. */
  support(item: number): number;
}

/** Items are dense numbers below `items`. */
export function createLog(sessions: readonly (readonly number[])[], items: number): Log {
  const starts = new Int32Array(sessions.length + 1);
  for (const [at, session] of sessions.entries()) starts[at + 1] = starts[at]! + session.length;
  const clicks = new Int32Array(starts[sessions.length]!);
  const itemClicks = new Int32Array(items);
  const holderStarts = new Int32Array(items + 1);
  const newest = new Int32Array(items).fill(-1);
  for (const [at, session] of sessions.entries()) {
    clicks.set(session, starts[at]!);
    for (const item of session) {
      itemClicks[item]!++;
      if (newest[item] !== at) holderStarts[item + 1]!++;
      newest[item] = at;
    }
  }
  for (let item = 0; item < items; item++) holderStarts[item + 1]! += holderStarts[item]!;
  const holders = new Int32Array(holderStarts[items]!);
  const next = holderStarts.slice(0, items);
  newest.fill(-1);
  for (const [at, session] of sessions.entries()) {
    for (const item of session) {
      if (newest[item] !== at) holders[next[item]!++] = at;
      newest[item] = at;
    }
  }
  return {
    sessions: sessions.length,
    items,
    clicks,
    starts,
    itemClicks,
    holders,
    holderStarts,
    support: (item) => (item < items ? holderStarts[item + 1]! - holderStarts[item]! : 0),
  };
}

/** How many sessions hold both. */
export function sessionsWithBoth(log: Log, one: number, other: number): number {
  const { holders, holderStarts } = log;
  const [rare, common] = log.support(one) < log.support(other) ? [one, other] : [other, one];
  const end = holderStarts[common + 1]!;
  let from = holderStarts[common]!;
  let both = 0;
  for (let at = holderStarts[rare]!; at < holderStarts[rare + 1]! && from < end; at++) {
    const session = holders[at]!;
    // Gallops: steps twice as far each time until it is past, then halves what is left.
    let low = from;
    if (holders[from]! < session) {
      let step = 1;
      while (low + step < end && holders[low + step]! < session) {
        low += step;
        step *= 2;
      }
      let high = Math.min(end, low + step);
      low++;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (holders[middle]! < session) low = middle + 1;
        else high = middle;
      }
    }
    if (low < end && holders[low] === session) both++;
    from = low;
  }
  return both;
}
