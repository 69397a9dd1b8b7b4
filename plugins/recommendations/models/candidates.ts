import { grownInt32 } from './block-arena.js';
import type { NeighbourSearch } from './neighbours.js';
import { queryItemsMax } from './neighbours.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

/** The votes of the neighbours for an item, in the order of their columns. */
export const voteNames = ['near', 'wide', 'sharp', 'next', 'before', 'chain', 'rule', 'pair'] as const;
export const voteCount = 8;
const near = 0;
const wide = 1;
const sharp = 2;
const next = 3;
const before = 4;
const chain = 5;
const rule = 6;
const pair = 7;

export interface VoteOptions {
  /** Votes of a neighbour fade by 1/e over this many clicks from the item in common … */
  readonly stepFading: number;
  /** … and count only so much for what came before it … */
  readonly backward: number;
  /** … and for the item itself. */
  readonly self: number;
}

export interface Candidates {
  readonly items: Int32Array;
  /** `voteCount` a candidate, as shares of all votes in the column. */
  readonly votes: Float32Array;
  /** Clicks of the neighbours on each candidate. */
  readonly clicks: Int32Array;
  /** With how many items of the running session it shares a neighbour. */
  readonly covers: Int32Array;
  /** All votes in each column, before they became shares. */
  readonly sums: Float64Array;
  count: number;
}

const tableSize = 2048;

/** How much each column counts in the choice of candidates. */
const mix = Float64Array.of(1, 0.5, 0.5, 0.5, 0.1, 0.2, 0.3, 0.3);

/** What is counted beside the votes: clicks in the lower bits, items in common, as far as they fit, in the upper. */
const clicksMask = 0xffff;
const coverShift = 16;

/**
 * Lets the neighbours vote for their items, each vote in eight ways at once, and chooses the items worth ranking:
 * those of the running session and the best by a plain mix of the votes.
 *
 * Items that are met get row numbers from 1 in the order of meeting, those of the running session first: the votes lie
 * close together whatever the items' numbers, and a row up to `query.count` is an item in common.
 */
export function createCandidateSearch(
  index: SessionIndex,
  search: NeighbourSearch,
  options: VoteOptions,
  candidatesMax: number,
) {
  const { query, neighbours } = search;
  const forward = new Float64Array(clicksPerSessionMax + 1);
  const backward = new Float64Array(clicksPerSessionMax + 1);
  const inverse = Float64Array.from(forward, (_, step) => 1 / step);
  backward[0] = options.self;
  for (let step = 1; step <= clicksPerSessionMax; step++) {
    forward[step] = Math.exp(-(step - 1) / options.stepFading);
    backward[step] = options.backward * Math.exp(-(step - 1) / options.stepFading);
  }
  const ruleWeights = new Float64Array(queryItemsMax + 1);
  const pairWeights = new Float64Array(queryItemsMax + 1);
  const ruleDecay = Math.exp(-1 / 1.5);

  const neighboursMax = neighbours.slots.length;
  /** The clicks of the neighbours, as items, then as rows; where each neighbour's end. */
  const rows = new Int32Array(neighboursMax * clicksPerSessionMax);
  const ends = new Int32Array(neighboursMax);
  let rowOf: Int32Array = new Int32Array(1024);
  let met: Int32Array = new Int32Array(2048);
  let counted: Int32Array = new Int32Array(2048);
  let tally = new Float64Array(2048 * voteCount);
  let mixed = new Float32Array(2048);
  const candidateRows = new Int32Array(candidatesMax);
  const sums = new Float64Array(voteCount);
  const scales = new Float64Array(voteCount);
  const candidates: Candidates = {
    items: new Int32Array(candidatesMax),
    votes: new Float32Array(candidatesMax * voteCount),
    clicks: new Int32Array(candidatesMax),
    covers: new Int32Array(candidatesMax),
    sums,
    count: 0,
  };

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

  const makeRoom = (count: number): void => {
    if (count <= met.length) return;
    met = grownInt32(met, count);
    counted = new Int32Array(met.length);
    tally = new Float64Array(met.length * voteCount);
    mixed = new Float32Array(met.length);
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
      ruleWeights[place + 1] = Math.exp(-distance / 2) / (sessions + 1);
      pairWeights[place + 1] = Math.exp(-distance / 3) / Math.sqrt(sessions + 10);
    }
    return query.count;
  };

  /**
   * Copies the neighbours' clicks one after the other, then puts rows in the place of items; returns the last row in use. Loops
   * of their own, short ones: what they read lies all over the memory, and the processor waits for many places at once.
   */
  const meet = (): number => {
    let last = beginWithQuery();
    const { sessionCells: cells, sessionStart, sessionLength } = index;
    const { slots, count } = neighbours;
    let end = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const slot = slots[neighbour]!;
      const start = sessionStart[slot]!;
      const length = sessionLength[slot]!;
      for (let at = 0; at < length; at++) rows[end + at] = cells[start + at]!;
      end += length;
      ends[neighbour] = end;
    }
    makeRoom(last + end + 1);
    for (let at = 0; at < end; at++) {
      const item = rows[at]!;
      let row = rowOf[item]!;
      if (row === 0) {
        row = ++last;
        rowOf[item] = row;
        met[row] = item;
      }
      rows[at] = row;
    }
    return last;
  };

  const vote = (): void => {
    const queryRows = query.count;
    const { weights, anchors, freshness, matched, count } = neighbours;
    let end = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const weight = weights[neighbour]!;
      const fresh = freshness[neighbour]!;
      const anchorRow = anchors[neighbour]! + 1;
      const start = end;
      end = ends[neighbour]!;
      // What the items in common say about the whole session, and where the newest of them came last.
      let together = 0;
      let common = 0;
      let anchor = start;
      for (let at = start; at < end; at++) {
        const row = rows[at]!;
        if (row > queryRows) continue;
        together += pairWeights[row]!;
        common |= 1 << (row - 1);
        if (row === anchorRow) anchor = at;
      }
      matched[neighbour] = common;
      together *= fresh;
      const cubed = weight * weight * weight;
      const covers = common << coverShift;
      if (anchorRow === 1) {
        if (anchor + 1 < end) tally[rows[anchor + 1]! * voteCount + next]! += fresh;
        if (anchor > start) tally[rows[anchor - 1]! * voteCount + before]! += fresh;
      }
      let ruled = 0;
      let followed = 0;
      for (let at = start; at < end; at++) {
        const row = rows[at]!;
        const cell = row * voteCount;
        const step = at - anchor;
        counted[row] = (counted[row]! + 1) | covers;
        tally[cell + near]! += weight * (step > 0 ? forward[step]! : backward[-step]!);
        tally[cell + wide]! += weight;
        tally[cell + pair]! += together;
        if (step > 0) tally[cell + sharp]! += cubed * inverse[step]!;
        if (ruled > 0) {
          tally[cell + chain]! += followed;
          tally[cell + rule]! += ruled;
          ruled *= ruleDecay;
        }
        followed = 0;
        if (row <= queryRows) {
          followed = ruleWeights[row]! * fresh;
          ruled += followed;
        }
      }
    }
  };

  /** Item-side weights, and what each column must be multiplied with to become shares. */
  const finish = (last: number): void => {
    const { itemSessions } = index;
    const votes = tally;
    updateRarities();
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let sum4 = 0;
    let sum5 = 0;
    let sum6 = 0;
    let sum7 = 0;
    for (let row = 1; row <= last; row++) {
      const cell = row * voteCount;
      const held = itemSessions[met[row]!]!;
      const rare = votes[cell]! * rarity(held);
      const together = votes[cell + 7]! * (held < tableSize ? steadied[held]! : 1 / Math.sqrt(held + 10));
      votes[cell] = rare;
      votes[cell + 7] = together;
      sum0 += rare;
      sum1 += votes[cell + 1]!;
      sum2 += votes[cell + 2]!;
      sum3 += votes[cell + 3]!;
      sum4 += votes[cell + 4]!;
      sum5 += votes[cell + 5]!;
      sum6 += votes[cell + 6]!;
      sum7 += together;
    }
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
    sums[4] = sum4;
    sums[5] = sum5;
    sums[6] = sum6;
    sums[7] = sum7;
    for (let column = 0; column < voteCount; column++) {
      scales[column] = sums[column]! > 0 ? 1 / sums[column]! : 0;
    }
  };

  /** The mixed votes of all rows; the largest. */
  const mixAll = (last: number): number => {
    const votes = tally;
    const mix0 = mix[0]! * scales[0]!;
    const mix1 = mix[1]! * scales[1]!;
    const mix2 = mix[2]! * scales[2]!;
    const mix3 = mix[3]! * scales[3]!;
    const mix4 = mix[4]! * scales[4]!;
    const mix5 = mix[5]! * scales[5]!;
    const mix6 = mix[6]! * scales[6]!;
    const mix7 = mix[7]! * scales[7]!;
    let largest = 0;
    for (let row = 1; row <= last; row++) {
      const cell = row * voteCount;
      const value =
        votes[cell]! * mix0 +
        votes[cell + 1]! * mix1 +
        votes[cell + 2]! * mix2 +
        votes[cell + 3]! * mix3 +
        votes[cell + 4]! * mix4 +
        votes[cell + 5]! * mix5 +
        votes[cell + 6]! * mix6 +
        votes[cell + 7]! * mix7;
      mixed[row] = value;
      if (value > largest) largest = value;
    }
    return largest;
  };

  const choose = (last: number): void => {
    const largest = mixAll(last);
    let count = query.count;
    for (let place = 0; place < count; place++) candidateRows[place] = place + 1;
    const threshold = thresholdOf(mixed, query.count + 1, last, largest, candidatesMax - count);
    for (let row = query.count + 1; row <= last && count < candidatesMax; row++) {
      candidateRows[count] = row;
      count += Number(mixed[row]! >= threshold);
    }
    candidates.count = count;
    for (let at = 0; at < count; at++) {
      const row = candidateRows[at]!;
      candidates.items[at] = met[row]!;
      candidates.clicks[at] = counted[row]! & clicksMask;
      candidates.covers[at] = bitsIn(counted[row]! >>> coverShift);
      for (let column = 0; column < voteCount; column++) {
        candidates.votes[at * voteCount + column] = tally[row * voteCount + column]! * scales[column]!;
      }
    }
  };

  const forget = (last: number): void => {
    for (let row = 1; row <= last; row++) rowOf[met[row]!] = 0;
    tally.fill(0, 0, (last + 1) * voteCount);
    counted.fill(0, 0, last + 1);
  };

  return {
    candidates,
    /** Fills `candidates` for the query whose neighbours were found last. */
    find(): void {
      const last = meet();
      vote();
      finish(last);
      choose(last);
      forget(last);
    },
    bytes: () =>
      rows.byteLength +
      rowOf.byteLength +
      met.byteLength +
      counted.byteLength +
      tally.byteLength +
      mixed.byteLength,
  };
}

export type CandidateSearch = ReturnType<typeof createCandidateSearch>;

function bitsIn(mask: number): number {
  let bits = 0;
  for (let left = mask; left !== 0; left &= left - 1) bits++;
  return bits;
}

const bucketsMax = 2048;
const buckets = new Int32Array(bucketsMax);

/**
 * A value which about `room` of the values from `first` to `last`, none negative, reach, rather more than fewer. The
 * upper half of a 32-bit float read as an integer is a logarithmic scale in steps of 1/128.
 */
function thresholdOf(
  values: Float32Array,
  first: number,
  last: number,
  largest: number,
  room: number,
): number {
  if (last - first + 1 <= room) return 0;
  const bits = new Int32Array(values.buffer);
  const highest = upperHalf(largest);
  buckets.fill(0);
  for (let at = first; at <= last; at++) buckets[Math.min(bucketsMax - 1, highest - (bits[at]! >> 16))]!++;
  let reached = 0;
  for (let step = 0; step < bucketsMax - 1; step++) {
    reached += buckets[step]!;
    if (reached >= room) return fromUpperHalf(highest - step);
  }
  return 0;
}

const oneFloat = new Float32Array(1);
const oneInt = new Int32Array(oneFloat.buffer);

function upperHalf(value: number): number {
  oneFloat[0] = value;
  return oneInt[0]! >> 16;
}

function fromUpperHalf(half: number): number {
  oneInt[0] = half << 16;
  return oneFloat[0]!;
}
