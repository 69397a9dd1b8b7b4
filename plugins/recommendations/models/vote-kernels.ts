import { clicksPerSessionMax } from './session-index.js';
import { addBody, type Layout, mixBody, type Place, voteBody, voteCount } from './vote-code.js';
import { assemble, f32 } from './wasm.js';

export interface VoteKernels {
  /** `voteCount` floats a row. */
  readonly tally: Float32Array;
  readonly counted: Int32Array;
  readonly mixed: Float32Array;
  /** The neighbours' clicks one after the other, as rows. */
  readonly clicks: Int32Array;
  /** For each neighbour where its clicks end, in bytes; its similarity; the row of the newest item in common; its freshness. */
  readonly ends: Int32Array;
  readonly weights: Float32Array;
  readonly anchors: Int32Array;
  readonly freshness: Float32Array;
  /** Filled by `vote`: the rows in common, a bit each, from row 1 on. */
  readonly matched: Int32Array;
  /** What a row of the query gives to what follows it, and to all in its session. */
  readonly rules: Float32Array;
  readonly pairs: Float32Array;
  /** For the distances from `-clicksPerSessionMax` to `clicksPerSessionMax` what `near`, `wide`, `sharp` and `pair` are multiplied with. */
  readonly steps: Float32Array;
  /** What `mix` multiplies the lanes with; `add` puts their sums here. */
  readonly totals: Float32Array;
  /** Lets so many neighbours vote; the rows up to `queryRows` are the query's. */
  vote(neighbours: number, queryRows: number): void;
  /** Sums up the rows from 1 to `last` into `totals`. */
  add(last: number): void;
  /** The sum of each row's votes times `totals` into `mixed`; the largest. */
  mix(last: number): number;
  readonly bytes: number;
}

/**
 * The voting of neighbours as WebAssembly, four votes at a time: several times as fast as the same loops in
 * JavaScript, and the same on every machine. All arrays lie in one memory.
 */
export function createVoteKernels(
  neighboursMax: number,
  queryRowsMax: number,
  ruleDecay: number,
): VoteKernels {
  const clicksMax = neighboursMax * clicksPerSessionMax;
  const rowsMax = clicksMax + queryRowsMax + 1;
  let used = 0;
  const place = (count: number): Place => {
    const at = used;
    used += 16 * Math.ceil(count / 4);
    return { at, count };
  };
  const at: Layout = {
    tally: place(rowsMax * voteCount),
    counted: place(rowsMax),
    mixed: place(rowsMax),
    clicks: place(clicksMax),
    ends: place(neighboursMax),
    weights: place(neighboursMax),
    anchors: place(neighboursMax),
    freshness: place(neighboursMax),
    matched: place(neighboursMax),
    rules: place(queryRowsMax + 1),
    pairs: place(queryRowsMax + 1),
    steps: place((2 * clicksPerSessionMax + 1) * 4),
    totals: place(voteCount),
  };
  const kernels = assemble(used, [
    { name: 'vote', parameters: 2, integers: 10, floats: 3, fours: 2, code: voteBody(at, ruleDecay) },
    { name: 'add', parameters: 1, integers: 1, fours: 2, code: addBody(at) },
    { name: 'mix', parameters: 1, integers: 2, floats: 1, fours: 3, result: f32, code: mixBody(at) },
  ]);
  const floats = ({ at, count }: Place) => new Float32Array(kernels.memory, at, count);
  const integers = ({ at, count }: Place) => new Int32Array(kernels.memory, at, count);
  return {
    tally: floats(at.tally),
    counted: integers(at.counted),
    mixed: floats(at.mixed),
    clicks: integers(at.clicks),
    ends: integers(at.ends),
    weights: floats(at.weights),
    anchors: integers(at.anchors),
    freshness: floats(at.freshness),
    matched: integers(at.matched),
    rules: floats(at.rules),
    pairs: floats(at.pairs),
    steps: floats(at.steps),
    totals: floats(at.totals),
    vote: kernels.vote,
    add: kernels.add,
    mix: kernels.mix,
    bytes: used,
  };
}
