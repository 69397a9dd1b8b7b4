import { grownInt32 } from '../../../src/kit/grown-arrays.js';
import type { NeighbourSearch } from './neighbours.js';
import { queryItemsMax } from './neighbours.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

export interface VoteOptions {
  /** Votes of a neighbour decay by 1/e over this many clicks from the item in common … */
  readonly stepFading: number;
  /** … and are multiplied by this for what came before it … */
  readonly backward: number;
  /** … and for the item itself. */
  readonly self: number;
}

/**
 * The vote features of an item. For every click on the item, a neighbour adds
 * - `near`: its similarity, decayed by the distance from the item in common,
 * - `wide`: its similarity,
 * - `sharp`: the cube of its similarity divided by the distance, for clicks after the item in common,
 * - `next`, `before`: its freshness, for the clicks right after and right before the newest item of the query,
 * - `chain`: the weight of an item of the query right before the click, in proportion to its rarity and recency,
 * - `rule`: the same for all earlier clicks, decayed by their distance,
 * - `pair`: the weights of all items of the query in its session.
 */
export const voteNames = ['near', 'wide', 'sharp', 'next', 'before', 'chain', 'rule', 'pair'] as const;
export type VoteName = (typeof voteNames)[number];
export const voteCount = voteNames.length;
const near = 0;
const wide = 1;
const sharp = 2;
const next = 3;
const before = 4;
const chain = 5;
const rule = 6;
const pair = 7;
/** The column of the accumulator behind the votes: the number of clicks. */
export const clicksColumn = voteCount;
export const accumulatorWidth = voteCount + 1;
const ruleDecay = Math.exp(-1 / 1.5);

const tableSize = 2048;

/**
 * Accumulates the votes of the neighbours for the items of their sessions.
 *
 * Items get row numbers from 1 in the order in which they are met, those of the running session first. So the votes lie
 * close together in memory, and a row up to `query.count` is an item in common.
 */
export function createVotes(
  index: SessionIndex,
  search: NeighbourSearch,
  options: VoteOptions,
  windowRadius = clicksPerSessionMax,
) {
  const { query, neighbours } = search;
  const neighboursMax = neighbours.slots.length;
  const clicksMax = neighboursMax * clicksPerSessionMax;
  const rowsMax = clicksMax + queryItemsMax + 1;

  /** `accumulatorWidth` numbers a row. */
  const accumulator = new Float32Array(rowsMax * accumulatorWidth);
  /** Sums of the accumulator's columns. */
  const sums = new Float64Array(voteCount);
  const mixed = new Float32Array(rowsMax);
  /** The items of the query that share a neighbour with the item of each row: a bit each, from row 1 on. */
  const covers = new Int32Array(rowsMax);
  const itemOf = new Int32Array(rowsMax);
  let rowOf: Int32Array = new Int32Array(1024);
  /** The neighbours' clicks one after the other, as rows. */
  const clicks = new Int32Array(clicksMax);
  /** Where each neighbour's clicks begin in the index, and end in `clicks`. */
  const starts = new Int32Array(neighboursMax);
  const ends = new Int32Array(neighboursMax);
  /** The items of the query that each neighbour holds: a bit each, from row 1 on. */
  const matched = new Int32Array(neighboursMax);

  /** The weight that an item of the query, by row, adds to `chain` and `rule`, and to `pair`. */
  const ruleWeights = new Float32Array(queryItemsMax + 1);
  const pairWeights = new Float32Array(queryItemsMax + 1);

  // Factors by the distance from the item in common, from -clicksPerSessionMax to clicksPerSessionMax.
  const nearFactors = new Float32Array(2 * clicksPerSessionMax + 1).fill(options.self);
  const sharpFactors = new Float32Array(2 * clicksPerSessionMax + 1);
  for (let step = 1; step <= clicksPerSessionMax; step++) {
    const decay = Math.exp(-(step - 1) / options.stepFading);
    nearFactors[clicksPerSessionMax + step] = decay;
    nearFactors[clicksPerSessionMax - step] = options.backward * decay;
    sharpFactors[clicksPerSessionMax + step] = 1 / step;
  }

  // Looked up instead of computed for every item that got a vote. The number of sessions is rounded (to an eighth
  // of an octave), so that the table rarely changes and the same log always gives the same answer.
  const rarities = new Float32Array(tableSize);
  const shrinkFactors = Float32Array.from({ length: tableSize }, (_, held) => 1 / Math.sqrt(held + 10));
  let roundedSessions = 0;
  const updateRarities = (): void => {
    const rounded = 2 ** (Math.floor(Math.log2(Math.max(1, index.sessions)) * 8) / 8);
    if (rounded === roundedSessions) return;
    roundedSessions = rounded;
    for (let held = 1; held < tableSize; held++) rarities[held] = Math.sqrt(Math.log(1 + rounded / held));
  };
  const rarity = (held: number): number =>
    held < tableSize ? rarities[held]! : Math.sqrt(Math.log(1 + roundedSessions / held));
  const shrink = (held: number): number =>
    held < tableSize ? shrinkFactors[held]! : 1 / Math.sqrt(held + 10);

  /** Leaves out the clicks that lie further than `windowRadius` from the item in common. */
  const cutToWindow = (): void => {
    if (windowRadius >= clicksPerSessionMax) return;
    const { sessionCells: cells } = index;
    const length = 2 * windowRadius + 1;
    for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
      if (ends[neighbour]! <= length) continue;
      const item = query.items[neighbours.anchors[neighbour]!]!;
      const start = starts[neighbour]!;
      const last = start + ends[neighbour]! - 1;
      let at = last;
      while (at > start && cells[at] !== item) at--;
      starts[neighbour] = Math.max(start, Math.min(at - windowRadius, last + 1 - length));
      ends[neighbour] = length;
    }
  };

  /**
   * Copies the neighbours' clicks one after the other, then replaces items by rows; returns the last row in use. Short
   * loops of their own: what they read lies all over the memory, and the processor waits for many places at once.
   */
  const copyClicks = (): number => {
    if (rowOf.length < index.items) rowOf = grownInt32(rowOf, index.items);
    let last = 0;
    while (last < query.count) {
      const item = query.items[last]!;
      const distance = query.distances[last]!;
      const sessions = index.itemSessions[item]!;
      rowOf[item] = ++last;
      itemOf[last] = item;
      ruleWeights[last] = Math.exp(-distance / 2) / (sessions + 1);
      pairWeights[last] = Math.exp(-distance / 3) / Math.sqrt(sessions + 10);
    }
    const { sessionCells: cells, sessionStart, sessionLength } = index;
    const { count } = neighbours;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const slot = neighbours.slots[neighbour]!;
      starts[neighbour] = sessionStart[slot]!;
      ends[neighbour] = sessionLength[slot]!;
    }
    cutToWindow();
    // Asks for all of them first, so that the next loop finds them in the cache.
    let touched = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const start = starts[neighbour]!;
      touched += cells[start]! + cells[start + ends[neighbour]! - 1]!;
    }
    itemOf[0] = touched;
    let end = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const start = starts[neighbour]!;
      const length = ends[neighbour]!;
      for (let at = 0; at < length; at++) clicks[end + at] = cells[start + at]!;
      end += length;
      ends[neighbour] = end;
    }
    for (let at = 0; at < end; at++) {
      const item = clicks[at]!;
      let row = rowOf[item]!;
      if (row === 0) {
        row = ++last;
        rowOf[item] = row;
        itemOf[row] = item;
      }
      clicks[at] = row;
    }
    return last;
  };

  const addVotes = (): void => {
    let end = 0;
    for (let neighbour = 0; neighbour < neighbours.count; neighbour++) {
      const start = end;
      end = ends[neighbour]!;
      const fresh = neighbours.freshness[neighbour]!;
      let common = 0;
      let together = 0;
      for (let at = start; at < end; at++) {
        const row = clicks[at]!;
        if (row > query.count) continue;
        common |= 1 << (row - 1);
        together += pairWeights[row]!;
      }
      matched[neighbour] = common;
      together *= fresh;
      const anchorRow = neighbours.anchors[neighbour]! + 1;
      let anchor = end - 1;
      while (anchor > start && clicks[anchor] !== anchorRow) anchor--;
      if (anchorRow === 1) {
        if (anchor + 1 < end) accumulator[clicks[anchor + 1]! * accumulatorWidth + next]! += fresh;
        if (anchor > start) accumulator[clicks[anchor - 1]! * accumulatorWidth + before]! += fresh;
      }
      const weight = neighbours.weights[neighbour]!;
      const cubed = weight * weight * weight;
      let chained = 0;
      let ruled = 0;
      for (let at = start; at < end; at++) {
        const row = clicks[at]!;
        const cell = row * accumulatorWidth;
        const step = clicksPerSessionMax + at - anchor;
        accumulator[cell + near]! += weight * nearFactors[step]!;
        accumulator[cell + wide]! += weight;
        accumulator[cell + sharp]! += cubed * sharpFactors[step]!;
        accumulator[cell + chain]! += chained;
        accumulator[cell + rule]! += ruled;
        accumulator[cell + pair]! += together;
        accumulator[cell + clicksColumn]!++;
        covers[row]! |= common;
        chained = row <= query.count ? ruleWeights[row]! * fresh : 0;
        ruled = ruled * ruleDecay + chained;
      }
    }
  };

  /** Multiplies `near` and `pair` by what the item's frequency leaves of them, and sums the columns. */
  const weighItems = (last: number): void => {
    updateRarities();
    const { itemSessions } = index;
    let nearSum = 0;
    let wideSum = 0;
    let sharpSum = 0;
    let nextSum = 0;
    let beforeSum = 0;
    let chainSum = 0;
    let ruleSum = 0;
    let pairSum = 0;
    for (let row = 1; row <= last; row++) {
      const held = itemSessions[itemOf[row]!]!;
      const cell = row * accumulatorWidth;
      const rare = accumulator[cell + near]! * rarity(held);
      const shrunk = accumulator[cell + pair]! * shrink(held);
      accumulator[cell + near] = rare;
      accumulator[cell + pair] = shrunk;
      nearSum += rare;
      wideSum += accumulator[cell + wide]!;
      sharpSum += accumulator[cell + sharp]!;
      nextSum += accumulator[cell + next]!;
      beforeSum += accumulator[cell + before]!;
      chainSum += accumulator[cell + chain]!;
      ruleSum += accumulator[cell + rule]!;
      pairSum += shrunk;
    }
    sums.set([nearSum, wideSum, sharpSum, nextSum, beforeSum, chainSum, ruleSum, pairSum]);
  };

  return {
    accumulator,
    sums,
    mixed,
    covers,
    itemOf,
    clicks,
    ends,
    matched,
    /** Accumulates the votes of the neighbours found last; returns the last row in use. */
    collect(): number {
      const last = copyClicks();
      addVotes();
      weighItems(last);
      return last;
    },
    /** Writes the weighted sum of each row's votes into `mixed`; returns the largest. */
    mix(last: number, weights: Readonly<Record<VoteName, number>>): number {
      let largest = 0;
      for (let row = 1; row <= last; row++) {
        const cell = row * accumulatorWidth;
        const sum =
          accumulator[cell + near]! * weights.near +
          accumulator[cell + wide]! * weights.wide +
          accumulator[cell + sharp]! * weights.sharp +
          accumulator[cell + next]! * weights.next +
          accumulator[cell + before]! * weights.before +
          accumulator[cell + chain]! * weights.chain +
          accumulator[cell + rule]! * weights.rule +
          accumulator[cell + pair]! * weights.pair;
        mixed[row] = sum;
        if (sum > largest) largest = sum;
      }
      return largest;
    },
    /** Clears the accumulator for the next query. `clicks`, `ends` and `matched` can be read until then. */
    clear(last: number): void {
      for (let row = 1; row <= last; row++) rowOf[itemOf[row]!] = 0;
      accumulator.fill(0, 0, (last + 1) * accumulatorWidth);
      covers.fill(0, 0, last + 1);
    },
  };
}
