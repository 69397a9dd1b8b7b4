import { grownFloat32, grownInt32 } from './block-arena.js';
import type { NeighbourSearch } from './neighbours.js';
import { queryItemsMax } from './neighbours.js';
import { clicksPerSessionMax, type SessionIndex } from './session-index.js';

/** The votes of the neighbours for an item, in the order of their columns. */
export const voteNames = ['near', 'wide', 'sharp', 'next', 'before', 'chain', 'rule', 'pair'] as const;
export const voteCount = 8;

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
  count: number;
}

const tableSize = 2048;

/** How much each column counts in the choice of candidates. */
const mix = Float32Array.of(1, 0.5, 0.5, 0.5, 0.1, 0.2, 0.3, 0.3);

/**
 * Lets the neighbours vote for their items, each vote in eight ways at once, and chooses the items worth ranking:
 * those of the running session and the best by a plain mix of the votes.
 */
export function createCandidateSearch(
  index: SessionIndex,
  search: NeighbourSearch,
  options: VoteOptions,
  candidatesMax: number,
) {
  const { query, neighbours } = search;
  const forward = new Float32Array(clicksPerSessionMax + 1);
  const backward = new Float32Array(clicksPerSessionMax + 1);
  backward[0] = options.self;
  const marksHere = new Uint8Array(clicksPerSessionMax);
  for (let step = 1; step <= clicksPerSessionMax; step++) {
    forward[step] = Math.exp(-(step - 1) / options.stepFading);
    backward[step] = options.backward * Math.exp(-(step - 1) / options.stepFading);
  }
  const chainWeights = new Float32Array(queryItemsMax + 1);
  const ruleWeights = new Float32Array(queryItemsMax + 1);
  const pairWeights = new Float32Array(queryItemsMax + 1);
  const ruleDecay = Math.exp(-1 / 1.5);

  let votes: Float32Array = new Float32Array(1024 * voteCount);
  let voted: Int32Array = new Int32Array(1024);
  let mixed: Float32Array = new Float32Array(1024);
  const sums = new Float64Array(voteCount);
  const scales = new Float64Array(voteCount);
  const candidates: Candidates = {
    items: new Int32Array(candidatesMax),
    votes: new Float32Array(candidatesMax * voteCount),
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

  const weighQuery = (): void => {
    for (let place = 0; place < query.count; place++) {
      const distance = query.distances[place]!;
      const sessions = index.itemSessions[query.items[place]!]!;
      chainWeights[place + 1] = Math.exp(-distance / 2) / (sessions + 1);
      ruleWeights[place + 1] = Math.exp(-distance / 2) / (sessions + 1);
      pairWeights[place + 1] = Math.exp(-distance / 3) / Math.sqrt(sessions + 10);
    }
  };

  const vote = (): number => {
    if (votes.length < index.items * voteCount) {
      votes = grownFloat32(votes, index.items * voteCount);
      voted = grownInt32(voted, index.items);
      mixed = grownFloat32(mixed, index.items);
    }
    weighQuery();
    const cells = index.sessionCells;
    const { marks, items: queryItems } = query;
    const { slots, weights, anchors, freshness, count } = neighbours;
    const tally = votes;
    let votedCount = 0;
    for (let neighbour = 0; neighbour < count; neighbour++) {
      const slot = slots[neighbour]!;
      const weight = weights[neighbour]!;
      const fresh = freshness[neighbour]!;
      const place = anchors[neighbour]!;
      const anchorItem = queryItems[place]!;
      const start = index.sessionStart[slot]!;
      const length = index.sessionLength[slot]!;
      const end = start + length;
      let anchor = end - 1;
      while (anchor > start && cells[anchor] !== anchorItem) anchor--;
      const sharp = weight * weight * weight;
      // What the items in common say about the whole session, and about what came right after each.
      let pair = 0;
      for (let at = start; at < end; at++) {
        const mark = marks[cells[at]!]!;
        marksHere[at - start] = mark;
        if (mark === 0) continue;
        pair += pairWeights[mark]!;
        if (at + 1 < end) tally[cells[at + 1]! * voteCount + 5]! += chainWeights[mark]! * fresh;
      }
      pair *= fresh;
      if (place === 0) {
        if (anchor + 1 < end) tally[cells[anchor + 1]! * voteCount + 3]! += fresh;
        if (anchor > start) tally[cells[anchor - 1]! * voteCount + 4]! += fresh;
      }
      let rule = 0;
      for (let at = start; at < end; at++) {
        const item = cells[at]!;
        const row = item * voteCount;
        // Without a branch: whether an item was voted for before cannot be foreseen by the processor either.
        voted[votedCount] = item;
        votedCount += Number(tally[row + 1] === 0);
        tally[row + 1]! += weight;
        tally[row + 7]! += pair;
        tally[row + 6]! += rule;
        const mark = marksHere[at - start]!;
        rule = rule * ruleDecay + ruleWeights[mark]! * fresh;
        const step = at - anchor;
        if (step > 0) {
          tally[row]! += weight * forward[step]!;
          tally[row + 2]! += sharp / step;
        } else tally[row]! += weight * backward[-step]!;
      }
    }
    return votedCount;
  };

  /** Item-side weights, and each column divided by its sum: shares, comparable between shops and sessions. */
  const finish = (votedCount: number): void => {
    sums.fill(0);
    const tally = votes;
    const { itemSessions } = index;
    updateRarities();
    for (let at = 0; at < votedCount; at++) {
      const item = voted[at]!;
      const row = item * voteCount;
      const held = itemSessions[item]!;
      tally[row] = tally[row]! * rarity(held);
      tally[row + 7] = tally[row + 7]! * (held < tableSize ? steadied[held]! : 1 / Math.sqrt(held + 10));
      for (let column = 0; column < voteCount; column++) sums[column]! += tally[row + column]!;
    }
    for (let column = 0; column < voteCount; column++) {
      scales[column] = sums[column]! > 0 ? 1 / sums[column]! : 0;
    }
  };

  const choose = (votedCount: number): void => {
    const tally = votes;
    const weights = mix.map((value, column) => value * scales[column]!);
    let largest = 0;
    for (let at = 0; at < votedCount; at++) {
      const row = voted[at]! * voteCount;
      let sum = 0;
      for (let column = 0; column < voteCount; column++) sum += tally[row + column]! * weights[column]!;
      mixed[at] = sum;
      if (sum > largest) largest = sum;
    }
    candidates.count = 0;
    for (let place = 0; place < query.count; place++)
      candidates.items[candidates.count++] = query.items[place]!;
    const room = candidatesMax - candidates.count;
    const threshold = thresholdOf(mixed, votedCount, largest, room);
    for (let at = 0; at < votedCount && candidates.count < candidatesMax; at++) {
      if (mixed[at]! < threshold || query.marks[voted[at]!] !== 0) continue;
      candidates.items[candidates.count++] = voted[at]!;
    }
    for (let at = 0; at < candidates.count; at++) {
      const row = candidates.items[at]! * voteCount;
      for (let column = 0; column < voteCount; column++) {
        candidates.votes[at * voteCount + column] = tally[row + column]! * scales[column]!;
      }
    }
    for (let at = 0; at < votedCount; at++) {
      const row = voted[at]! * voteCount;
      for (let column = 0; column < voteCount; column++) tally[row + column] = 0;
    }
  };

  return {
    candidates,
    /** Fills `candidates` for the query whose neighbours were found last. */
    find(): void {
      const votedCount = vote();
      finish(votedCount);
      choose(votedCount);
    },
    bytes: () => votes.byteLength + voted.byteLength + mixed.byteLength,
  };
}

export type CandidateSearch = ReturnType<typeof createCandidateSearch>;

const buckets = new Int32Array(4096);

/**
 * A value which about `room` of the first `count` positive values reach, rather more than fewer. The upper half of
 * a 32-bit float read as an integer is a logarithmic scale in steps of 1/128.
 */
function thresholdOf(values: Float32Array, count: number, largest: number, room: number): number {
  if (count <= room) return 0;
  const bits = new Int32Array(values.buffer);
  const highest = upperHalf(largest);
  buckets.fill(0);
  for (let at = 0; at < count; at++) buckets[Math.min(4095, highest - (bits[at]! >> 16))]!++;
  let reached = 0;
  for (let step = 0; step < 4095; step++) {
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
