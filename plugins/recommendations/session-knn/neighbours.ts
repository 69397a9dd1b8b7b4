import { grownUint8 } from '../../../src/kit/grown-arrays.js';
import type { SessionIndex } from './session-index.js';

/** The newest distinct items of the running session that count, at most. */
export const queryItemsMax = 20;

export interface NeighbourOptions {
  /** Sessions read of the newest item's list; of the second a half of it, of the third a third, but 100 of any. */
  readonly sessionsRead: number;
  /** Sessions read of all lists together. */
  readonly readsMax: number;
  /** The newest distinct items whose sessions are read. */
  readonly itemsAsked: number;
  /** Sessions kept. */
  readonly kept: number;
  /** An item's weight falls by 1/e over this many clicks back from the newest. */
  readonly itemFading: number;
  /** A session's weight falls by 1/e over this share of all sessions. */
  readonly ageFading: number;
}

/** The running session as it is looked up: its last distinct items, newest first. */
export interface Query {
  /** The items; `count` of them. */
  readonly items: Int32Array;
  /** How far back each lies: the newest click has distance 0. */
  readonly distances: Int32Array;
  /** How often each occurs in the running session. */
  readonly times: Int32Array;
  /** How far back each came first. */
  readonly firsts: Int32Array;
  /** How often each directly followed an earlier click on the newest item. */
  readonly followed: Int32Array;
  /** Their weight in the similarity of sessions. */
  readonly weights: Float32Array;
  count: number;
  /** Clicks in the running session. */
  length: number;
  /** Per item number: its place in `items` + 1, or 0. */
  marks: Uint8Array;
}

/** Past sessions that share items with the running one. */
interface Neighbours {
  /** Slots in the index. */
  readonly slots: Int32Array;
  /** Similarity, the largest 1. */
  readonly weights: Float32Array;
  /** Place in the query of the newest item in common. */
  readonly anchors: Uint8Array;
  /** How new the session is: 1 for the newest, falling to 1/e over `ageFading` of all sessions. */
  readonly freshness: Float32Array;
  count: number;
  /** Sessions that share an item, before the cut. */
  matching: number;
}

/** Clicks of the running session that are looked at, the newest. */
const clicksRead = 200;
const ageSteps = 1024;
const weightSteps = 512;

/**
 * The neighbour search of VMIS-kNN (Kersbergen, Sprangers, Schelter: Serenade, SIGMOD 2022, algorithm 2) with the
 * weights of STAN (Garg et al., SIGIR 2019): each shared item counts by how rare and how recent in the running
 * session it is, each session by its age.
 */
export function createNeighbourSearch(index: SessionIndex, options: NeighbourOptions) {
  const { sessionsRead, readsMax, itemsAsked, kept, itemFading, ageFading } = options;
  const depths = Int32Array.from({ length: itemsAsked }, (_, place) =>
    Math.max(100, Math.floor(sessionsRead / (1 + place))),
  );
  const query: Query = {
    items: new Int32Array(queryItemsMax),
    distances: new Int32Array(queryItemsMax),
    times: new Int32Array(queryItemsMax),
    firsts: new Int32Array(queryItemsMax),
    followed: new Int32Array(queryItemsMax),
    weights: new Float32Array(queryItemsMax),
    count: 0,
    length: 0,
    marks: new Uint8Array(1024),
  };
  const neighbours: Neighbours = {
    slots: new Int32Array(kept),
    weights: new Float32Array(kept),
    anchors: new Uint8Array(kept),
    freshness: new Float32Array(kept),
    count: 0,
    matching: 0,
  };
  const ages = new Float32Array(ageSteps + 1);
  for (let step = 0; step <= ageSteps; step++) ages[step] = Math.exp(-step / ageSteps / ageFading);
  const histogram = new Int32Array(weightSteps + 1);

  // Sessions met so far lie side by side; a hash table from their numbers to their places stays small whatever the log's size.
  const tableSize = 2 ** Math.ceil(Math.log2(2 * readsMax));
  const tableShift = 32 - Math.log2(tableSize);
  const tableMask = tableSize - 1;
  const tableNumbers = new Int32Array(tableSize).fill(-1);
  const tablePlaces = new Int32Array(tableSize);
  const metCells = new Int32Array(readsMax);
  const metSlots = new Int32Array(readsMax);
  const metWeights = new Float32Array(readsMax);
  const metAges = new Float32Array(readsMax);
  const metAnchors = new Uint8Array(readsMax);

  const readQuery = (session: readonly number[]): void => {
    for (let place = 0; place < query.count; place++) query.marks[query.items[place]!] = 0;
    if (query.marks.length < index.items) query.marks = grownUint8(query.marks, index.items);
    const { marks, items, times, distances, firsts, followed, weights } = query;
    const length = session.length;
    const newest = session[length - 1];
    query.length = length;
    let count = 0;
    for (let at = length - 1; at >= 0 && at >= length - clicksRead; at--) {
      const item = session[at]!;
      if (!(item >= 0 && item < index.items) || index.itemClicks[item] === 0) continue;
      const follows = at > 0 && session[at - 1] === newest ? 1 : 0;
      const mark = marks[item]!;
      if (mark > 0) {
        times[mark - 1]!++;
        firsts[mark - 1] = length - 1 - at;
        followed[mark - 1]! += follows;
        continue;
      }
      if (count === queryItemsMax) continue;
      items[count] = item;
      times[count] = 1;
      distances[count] = length - 1 - at;
      firsts[count] = length - 1 - at;
      followed[count] = follows;
      weights[count] =
        Math.max(1e-6, Math.exp(-distances[count]! / itemFading)) *
        Math.log(1 + index.sessions / Math.max(1, index.itemSessions[item]!));
      marks[item] = ++count;
    }
    query.count = count;
  };

  /** Finds the neighbours of a running session (oldest first), leaving out the session `except` (-1: none). */
  const find = (session: readonly number[], except: number): void => {
    readQuery(session);
    const { sessionsMax, sessionsPerItem } = index.options;
    const { listCells, listStart, itemSessions, sessions } = index;
    const oldest = sessions - sessionsMax;
    const ageScale = ageSteps / Math.min(sessions, sessionsMax);
    const wraps = oldest > 0;
    let count = 0;
    let left = readsMax;
    const itemsRead = Math.min(query.count, itemsAsked);
    for (let place = 0; place < itemsRead; place++) {
      const item = query.items[place]!;
      const weight = query.weights[place]!;
      const start = listStart[item]!;
      const total = itemSessions[item]!;
      const held = Math.min(total, sessionsPerItem);
      const reads = Math.min(held, depths[place]!, left);
      left -= reads;
      let at = (total - 1) % sessionsPerItem;
      for (let read = 0; read < reads; read++) {
        const number = listCells[start + at]!;
        at = at === 0 ? held - 1 : at - 1;
        if (number === except) continue;
        if (wraps && number < oldest) continue;
        let cell = Math.imul(number, 0x9e3779b1) >>> tableShift;
        while (tableNumbers[cell] !== number && tableNumbers[cell] !== -1) cell = (cell + 1) & tableMask;
        if (tableNumbers[cell] === number) {
          const met = tablePlaces[cell]!;
          metWeights[met] = metWeights[met]! + weight * metAges[met]!;
          continue;
        }
        tableNumbers[cell] = number;
        tablePlaces[cell] = count;
        const fresh = ages[((sessions - 1 - number) * ageScale) | 0]!;
        metCells[count] = cell;
        metSlots[count] = wraps ? number % sessionsMax : number;
        metAnchors[count] = place;
        metAges[count] = fresh;
        metWeights[count] = weight * fresh;
        count++;
      }
    }
    neighbours.matching = count;
    keepBest(count);
  };

  const keepBest = (count: number): void => {
    let largest = 0;
    for (let at = 0; at < count; at++) {
      const value = metWeights[at]!;
      if (value > largest) largest = value;
      tableNumbers[metCells[at]!] = -1;
    }
    const scale = count > 0 ? weightSteps / largest : 0;
    let threshold = 0;
    let roomAtThreshold = kept;
    if (count > kept) {
      histogram.fill(0);
      for (let at = 0; at < count; at++) histogram[(metWeights[at]! * scale) | 0]!++;
      let above = 0;
      threshold = weightSteps;
      while (above + histogram[threshold]! <= kept) above += histogram[threshold--]!;
      roomAtThreshold = kept - above;
    }
    const { slots, weights, anchors, freshness } = neighbours;
    let taken = 0;
    for (let at = 0; at < count; at++) {
      const value = metWeights[at]!;
      const step = (value * scale) | 0;
      if (step < threshold || (step === threshold && roomAtThreshold-- <= 0)) continue;
      slots[taken] = metSlots[at]!;
      weights[taken] = value / largest;
      anchors[taken] = metAnchors[at]!;
      freshness[taken++] = metAges[at]!;
    }
    neighbours.count = taken;
  };

  return {
    query,
    neighbours,
    find,
  };
}

export type NeighbourSearch = ReturnType<typeof createNeighbourSearch>;
