import type { SessionIndex } from '../../plugins/recommendations/session-knn/session-index.js';
import { grownFloat32, grownInt32 } from '../../src/kit/grown-arrays.js';
import { topK } from '../../src/kit/top-k.js';

export interface VmisOptions {
  /** The newest sessions that share an item with the running one: so many are compared … */
  readonly m: number;
  /** … and so many, the most similar, vote. */
  readonly k: number;
}

/** The newest distinct items of the running session that are looked up: beyond the tenth, a shared item counts nothing. */
const itemsMax = 10;

const logs = Float64Array.from({ length: 4096 }, (_, count) => Math.log(count));
const logOf = (count: number): number => (count < logs.length ? logs[count]! : Math.log(count));

/**
 * VMIS-kNN as published (Kersbergen, Sprangers, Schelter: Serenade, SIGMOD 2022, algorithm 2), without the extensions
 * of the session model: the measure that it is held against. On the flat index the published maps and heaps become
 * one merge: the items' lists of sessions are walked together from the newest on, and the first m are the newest m. Made for sessions
 * that were added one after the other: one that ran beside others may count once for each item in common.
 */
export function createVmisKnn(index: SessionIndex, { m, k }: VmisOptions) {
  const items = new Int32Array(itemsMax);
  const weights = new Float32Array(itemsMax);
  const starts = new Int32Array(itemsMax);
  const heads = new Int32Array(itemsMax);
  const left = new Int32Array(itemsMax);
  const held = new Int32Array(itemsMax);
  const newest = new Int32Array(itemsMax);
  const slots = new Int32Array(m);
  const places = new Uint8Array(m);
  const similarities = new Float32Array(m);
  const sorted = new Float32Array(m);
  /** For each item its votes, and the last neighbour to vote, counted from 1. */
  let votes: Float32Array = new Float32Array(2048);
  let voted: Int32Array = new Int32Array(1024);
  let scored: Float32Array = new Float32Array(1024);

  const readQuery = (session: readonly number[]): number => {
    let count = 0;
    for (let at = session.length - 1; at >= 0 && count < itemsMax; at--) {
      const item = session[at]!;
      if (!(item >= 0 && item < index.items) || index.itemSessions[item] === 0) continue;
      let place = 0;
      while (place < count && items[place] !== item) place++;
      if (place < count) continue;
      items[count] = item;
      weights[count] = (at + 1) / session.length;
      const total = index.itemSessions[item]!;
      held[count] = Math.min(total, index.options.sessionsPerItem);
      left[count] = Math.min(held[count]!, m);
      starts[count] = index.listStart[item]!;
      heads[count] = (total - 1) % index.options.sessionsPerItem;
      newest[count] = index.listCells[starts[count]! + heads[count]!]!;
      count++;
    }
    return count;
  };

  /** Merges the lists; how many sessions were met. */
  const collect = (count: number): number => {
    const { listCells } = index;
    const { sessionsMax } = index.options;
    const oldest = index.sessions - sessionsMax;
    let met = 0;
    for (;;) {
      let first = -1;
      let session = -1;
      for (let place = 0; place < count; place++) {
        if (newest[place]! > session) {
          session = newest[place]!;
          first = place;
        }
      }
      if (first < 0 || session < oldest) return met;
      if (met === m) return met;
      let similar = 0;
      for (let place = first; place < count; place++) {
        if (newest[place] !== session) continue;
        similar += weights[place]!;
        const head = heads[place]! === 0 ? held[place]! - 1 : heads[place]! - 1;
        heads[place] = head;
        newest[place] = --left[place]! > 0 ? listCells[starts[place]! + head]! : -1;
      }
      slots[met] = session % sessionsMax;
      places[met] = first;
      similarities[met++] = similar;
    }
  };

  /** The similarity from which a session is among the k best, and how many of exactly that one still are. */
  const cut = (met: number): { threshold: number; ties: number } => {
    if (met <= k) return { threshold: -1, ties: 0 };
    sorted.set(similarities);
    const values = sorted.subarray(0, met).sort();
    const threshold = values[met - k]!;
    let above = 0;
    while (above < met && values[met - 1 - above]! > threshold) above++;
    return { threshold, ties: k - above };
  };

  const vote = (met: number, count: number): number => {
    const { threshold, ties: tiesMax } = cut(met);
    let ties = tiesMax;
    let votedCount = 0;
    const { sessionCells, sessionStart, sessionLength } = index;
    for (let at = 0; at < met; at++) {
      const slot = slots[at]!;
      const similar = similarities[at]!;
      // Sessions were met newest first, so of equal ones the newer stay.
      if (similar < threshold || (similar === threshold && ties-- <= 0)) continue;
      const weight = similar * (1 - 0.1 * places[at]!);
      const start = sessionStart[slot]!;
      const end = start + sessionLength[slot]!;
      for (let click = start; click < end; click++) {
        const item = sessionCells[click]!;
        const row = 2 * item;
        if (votes[row + 1] === at + 1) continue;
        // No branch on what cannot be foreseen.
        voted[votedCount] = item;
        votedCount += Number(votes[row + 1] === 0);
        votes[row]! += weight;
        votes[row + 1] = at + 1;
      }
    }
    const logSessions = Math.log(index.sessions);
    for (let at = 0; at < votedCount; at++) {
      const row = 2 * voted[at]!;
      scored[at] = votes[row]! * (logSessions - logOf(index.itemSessions[voted[at]!]!));
      votes[row] = 0;
      votes[row + 1] = 0;
    }
    return count === 0 ? 0 : votedCount;
  };

  /** The best next items for a running session (oldest first, newest last), best first, at most `limit`. */
  return (session: readonly number[], limit: number): { items: Int32Array; scores: Float32Array } => {
    if (voted.length <= index.items) {
      votes = grownFloat32(votes, 2 * index.items);
      voted = grownInt32(voted, index.items + 1);
      scored = grownFloat32(scored, index.items);
    }
    const count = readQuery(session);
    const votedCount = vote(collect(count), count);
    const length = Math.max(0, Math.min(limit, votedCount));
    const best = { items: new Int32Array(length), scores: new Float32Array(length) };
    topK(voted, scored, votedCount, best.items, best.scores);
    return best;
  };
}
