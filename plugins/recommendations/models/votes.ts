import { grownInt32 } from './block-arena.js';
import type { NeighbourSearch } from './neighbours.js';
import { queryItemsMax } from './neighbours.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';
import { lanes, voteCount } from './vote-code.js';
import { createVoteKernels } from './vote-kernels.js';

export interface VoteOptions {
  /** Votes of a neighbour fade by 1/e over this many clicks from the item in common … */
  readonly stepFading: number;
  /** … and count only so much for what came before it … */
  readonly backward: number;
  /** … and for the item itself. */
  readonly self: number;
}

const tableSize = 2048;
const nearLane = lanes.indexOf('near');
const pairLane = lanes.indexOf('pair');

/**
 * Lets the neighbours vote for their items, each vote in eight ways at once.
 *
 * Items that are met get row numbers from 1 in the order of meeting, those of the running session first: the votes lie
 * close together whatever the items' numbers, and a row up to `query.count` is an item in common.
 */
export function createVotes(
  index: SessionIndex,
  search: NeighbourSearch,
  options: VoteOptions,
  reach = clicksPerSessionMax,
) {
  const { query, neighbours } = search;
  const neighboursMax = neighbours.slots.length;
  const kernels = createVoteKernels(neighboursMax, queryItemsMax, Math.exp(-1 / 1.5));
  for (let step = -clicksPerSessionMax; step <= clicksPerSessionMax; step++) {
    const near =
      step > 0
        ? Math.exp(-(step - 1) / options.stepFading)
        : step < 0
          ? options.backward * Math.exp((step + 1) / options.stepFading)
          : options.self;
    kernels.steps.set([near, 1, step > 0 ? 1 / step : 0, 1], 4 * (step + clicksPerSessionMax));
  }

  const starts = new Int32Array(neighboursMax);
  /** The item of each row. */
  const met = new Int32Array(kernels.counted.length);
  let rowOf: Int32Array = new Int32Array(1024);

  // Looked up instead of computed for every item that got a vote. The number of sessions is rounded (to an eighth
  // of an octave), so that the table rarely changes and the same log always gives the same answer.
  const rarities = new Float32Array(tableSize);
  const steadied = Float32Array.from({ length: tableSize }, (_, held) => 1 / Math.sqrt(held + 10));
  let roundedSessions = 0;
  const updateRarities = (): void => {
    const rounded = 2 ** (Math.floor(Math.log2(Math.max(1, index.sessions)) * 8) / 8);
    if (rounded === roundedSessions) return;
    roundedSessions = rounded;
    for (let held = 1; held < tableSize; held++) rarities[held] = Math.sqrt(Math.log(1 + rounded / held));
  };
  const rarity = (held: number): number =>
    held < tableSize ? rarities[held]! : Math.sqrt(Math.log(1 + roundedSessions / held));
  const steady = (held: number): number => (held < tableSize ? steadied[held]! : 1 / Math.sqrt(held + 10));

  /** Leaves out what lies further than `reach` from the item in common. */
  const shorten = (): void => {
    if (reach >= clicksPerSessionMax) return;
    const { ends } = kernels;
    const { sessionCells: cells } = index;
    const length = 2 * reach + 1;
    for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
      if (ends[neighbour]! <= length) continue;
      const item = query.items[neighbours.anchors[neighbour]!]!;
      const start = starts[neighbour]!;
      const last = start + ends[neighbour]! - 1;
      let at = last;
      while (at > start && cells[at] !== item) at--;
      starts[neighbour] = Math.max(start, Math.min(at - reach, last + 1 - length));
      ends[neighbour] = length;
    }
  };

  /** Gives the items of the query their rows; how many. */
  const beginWithQuery = (): number => {
    if (rowOf.length < index.items) rowOf = grownInt32(rowOf, index.items);
    for (let place = 0; place < query.count; place++) {
      const item = query.items[place]!;
      const distance = query.distances[place]!;
      const sessions = index.itemSessions[item]!;
      rowOf[item] = place + 1;
      met[place + 1] = item;
      kernels.rules[place + 1] = Math.exp(-distance / 2) / (sessions + 1);
      kernels.pairs[place + 1] = Math.exp(-distance / 3) / Math.sqrt(sessions + 10);
    }
    return query.count;
  };

  /**
   * Copies the neighbours' clicks one after the other, then puts rows in the place of items; returns the last row in use. Loops
   * of their own, short ones: what they read lies all over the memory, and the processor waits for many places at once.
   */
  const meet = (): number => {
    let last = beginWithQuery();
    const { clicks, ends, weights, anchors, freshness } = kernels;
    const { sessionCells: cells, sessionStart, sessionLength } = index;
    const { count } = neighbours;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const slot = neighbours.slots[neighbour]!;
      starts[neighbour] = sessionStart[slot]!;
      ends[neighbour] = sessionLength[slot]!;
      weights[neighbour] = neighbours.weights[neighbour]!;
      anchors[neighbour] = neighbours.anchors[neighbour]! + 1;
      freshness[neighbour] = neighbours.freshness[neighbour]!;
    }
    shorten();
    // Asks for all of them first, so that the next loop finds them in the cache.
    let touched = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const start = starts[neighbour]!;
      touched += cells[start]! + cells[start + ends[neighbour]! - 1]!;
    }
    met[0] = touched;
    let end = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const start = starts[neighbour]!;
      const length = ends[neighbour]!;
      for (let at = 0; at < length; at++) clicks[end + at] = cells[start + at]!;
      end += length;
      ends[neighbour] = 4 * end;
    }
    for (let at = 0; at < end; at++) {
      const item = clicks[at]!;
      let row = rowOf[item]!;
      if (row === 0) {
        row = ++last;
        rowOf[item] = row;
        met[row] = item;
      }
      clicks[at] = row;
    }
    return last;
  };

  /** Weights on the side of the items: what all look at says little. */
  const weighItems = (last: number): void => {
    updateRarities();
    const { itemSessions } = index;
    const { tally } = kernels;
    for (let row = 1; row <= last; row++) {
      const held = itemSessions[met[row]!]!;
      const cell = row * voteCount;
      tally[cell + nearLane]! *= rarity(held);
      tally[cell + pairLane]! *= steady(held);
    }
  };

  return {
    ...kernels,
    met,
    /** Lets the neighbours found last vote; returns the last row in use. `totals` then has the sums of all rows. */
    count(): number {
      const last = meet();
      if (neighbours.count > 0) kernels.vote(neighbours.count, query.count);
      weighItems(last);
      kernels.add(last);
      return last;
    },
    /** Makes room for the next count. What was clicked and what matched can be read until then. */
    forget(last: number): void {
      for (let row = 1; row <= last; row++) rowOf[met[row]!] = 0;
      kernels.tally.fill(0, 0, (last + 1) * voteCount);
      kernels.counted.fill(0, 0, last + 1);
    },
    bytes: (): number => kernels.bytes + rowOf.byteLength + met.byteLength,
  };
}

export type Votes = ReturnType<typeof createVotes>;
