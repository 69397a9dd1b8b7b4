import { clicksEncoded, type ItemVectors, normalize, toItemVectors } from './item-vectors.js';
import { seeded, shuffle } from './random.js';
import { clicksPerSessionMax } from './session-index.js';
import type { SessionLog } from './session-log.js';
import { createVectorKernels } from './vector-kernels.js';

export interface VectorTraining {
  /** A multiple of 4. */
  readonly dimensions: number;
  /** A multiple of 4. Items that each next item is told from; half of them drawn by clicks, half evenly. */
  readonly negatives: number;
  /** Divides the cosines before the softmax. */
  readonly temperature: number;
  readonly sessionsPerBatch: number;
  readonly rate: number;
  readonly seed: number;
}

/** Of sessions and of people alike. */
export const vectorTraining: VectorTraining = {
  dimensions: 64,
  negatives: 384,
  temperature: 0.1,
  sessionsPerBatch: 16,
  rate: 0.2,
  seed: 1,
};

export interface VectorTrainer {
  /** Goes through a log some times, in random order; yields every few milliseconds how far it is, from 0 to 1. */
  train(log: SessionLog, epochs: number, rate: number): Generator<number, void>;
  vectors(): Generator<undefined, ItemVectors>;
}

/** Clicks between two yields while nothing is learned yet. */
const slice = 5_000;

/**
 * Learns a vector for each item: a session is the weighted mean of its items' unit vectors, and its next item should
 * lie nearer to it than others do (softmax over cosines against sampled items; CORE, Hou et al., SIGIR 2022, with
 * weights by position only). Row-wise Adagrad.
 */
export function createVectorTrainer(items: number, options: VectorTraining): VectorTrainer {
  const { dimensions: D, negatives: N, sessionsPerBatch } = options;
  const random = seeded(options.seed);
  const raw = new Float32Array(items * D);
  const squares = new Float32Array(items).fill(1e-8);
  const known = new Uint8Array(items);
  const logits = Float32Array.from({ length: clicksEncoded }, (_, distance) => -0.3 * distance);
  const logitSquares = new Float32Array(clicksEncoded).fill(1e-8);
  const logitSlopes = new Float64Array(clicksEncoded);
  const positionWeights = new Float32Array(clicksEncoded);

  // The items of one batch, each once: their unit vectors, lengths and slopes.
  const rowsMax = sessionsPerBatch * clicksPerSessionMax + N;
  const rowOf = new Int32Array(items).fill(-1);
  const rowItems = new Int32Array(rowsMax);
  const units = new Float32Array(rowsMax * D);
  const slopes = new Float32Array(rowsMax * D);
  const lengths = new Float32Array(rowsMax);
  let rows = 0;
  const negativeRows = new Int32Array(N);
  // What the kernels work on lies in their memory.
  const kernels = createVectorKernels(4 * (2 * D + 2 * N * D + N));
  let reserved = 0;
  const reserve = (count: number): Float32Array => {
    const view = new Float32Array(kernels.memory, reserved, count);
    reserved += 4 * count;
    return view;
  };
  const query = reserve(D);
  const querySlope = reserve(D);
  const others = reserve(N * D);
  const otherSlopes = reserve(N * D);
  const shares = reserve(N);
  const othersEnd = others.byteOffset + others.byteLength;
  const sharpness = 1 / options.temperature;

  const rowFor = (item: number): number => {
    const row = rowOf[item]!;
    if (row >= 0) return row;
    rowOf[item] = rows;
    rowItems[rows] = item;
    return rows++;
  };

  const loadRows = (): void => {
    for (let row = 0; row < rows; row++) {
      const item = rowItems[row]!;
      units.set(raw.subarray(item * D, (item + 1) * D), row * D);
      lengths[row] = normalize(units, row * D, D);
    }
    slopes.fill(0, 0, rows * D);
    otherSlopes.fill(0);
    for (let at = 0; at < N; at++) {
      const row = negativeRows[at]!;
      others.set(units.subarray(row * D, (row + 1) * D), at * D);
    }
  };

  /** Cosines with all negatives, turned into the softmax's numerators; their sum. */
  const compare = (targetRow: number): number => {
    kernels.dots(query.byteOffset, others.byteOffset, othersEnd, 4 * D, shares.byteOffset);
    let sum = 0;
    for (let at = 0; at < N; at++) {
      const share = negativeRows[at] === targetRow ? 0 : Math.exp((shares[at]! - 1) * sharpness);
      shares[at] = share;
      sum += share;
    }
    return sum;
  };

  /** Adds the slopes of the loss at the negatives, and theirs at the query; `shares` holds the loss's own. */
  const pushAway = (): void =>
    kernels.push(
      query.byteOffset,
      querySlope.byteOffset,
      others.byteOffset,
      othersEnd,
      otherSlopes.byteOffset,
      shares.byteOffset,
      4 * D,
    );

  /** One prefix, the clicks `from … at - 1` of the log's items, and what came next at `at`. */
  const learnPrefix = (log: SessionLog, from: number, at: number): void => {
    const count = Math.min(at - from, clicksEncoded);
    let total = 0;
    for (let distance = 0; distance < count; distance++) total += positionWeights[distance]!;
    query.fill(0);
    for (let distance = 0; distance < count; distance++) {
      const weight = positionWeights[distance]! / total;
      const row = rowOf[log.items[at - 1 - distance]!]! * D;
      for (let column = 0; column < D; column++) query[column]! += weight * units[row + column]!;
    }
    const length = normalize(query, 0, D);

    const targetRow = rowOf[log.items[at]!]!;
    const target = targetRow * D;
    let cosine = 0;
    for (let column = 0; column < D; column++) cosine += query[column]! * units[target + column]!;
    const numerator = Math.exp((cosine - 1) * sharpness);
    const sum = compare(targetRow) + numerator;
    const pull = (numerator / sum - 1) * sharpness;
    for (let other = 0; other < N; other++) shares[other]! *= sharpness / sum;
    for (let column = 0; column < D; column++) {
      querySlope[column] = pull * units[target + column]!;
      slopes[target + column]! += pull * query[column]!;
    }
    pushAway();

    // Back through the query's length, the weighted mean and the softmax of the weights.
    let along = 0;
    for (let column = 0; column < D; column++) along += querySlope[column]! * query[column]!;
    for (let column = 0; column < D; column++) {
      querySlope[column] = (querySlope[column]! - query[column]! * along) / length;
    }
    let mean = 0;
    for (let distance = 0; distance < count; distance++) {
      const weight = positionWeights[distance]! / total;
      const row = rowOf[log.items[at - 1 - distance]!]! * D;
      let slope = 0;
      for (let column = 0; column < D; column++) {
        slope += querySlope[column]! * units[row + column]!;
        slopes[row + column]! += weight * querySlope[column]!;
      }
      logitSlopes[distance]! += weight * slope;
      mean += weight * slope;
    }
    for (let distance = 0; distance < count; distance++) {
      logitSlopes[distance]! -= (positionWeights[distance]! / total) * mean;
    }
  };

  const step = (rate: number): void => {
    for (let at = 0; at < N; at++) {
      const row = negativeRows[at]! * D;
      for (let column = 0; column < D; column++) slopes[row + column]! += otherSlopes[at * D + column]!;
    }
    for (let row = 0; row < rows; row++) {
      const item = rowItems[row]!;
      rowOf[item] = -1;
      const from = row * D;
      let along = 0;
      for (let column = 0; column < D; column++) along += slopes[from + column]! * units[from + column]!;
      let square = 0;
      for (let column = 0; column < D; column++) {
        const slope = (slopes[from + column]! - units[from + column]! * along) / lengths[row]!;
        slopes[from + column] = slope;
        square += slope * slope;
      }
      if (square === 0) continue;
      squares[item]! += square / D;
      const scale = rate / Math.sqrt(squares[item]!);
      for (let column = 0; column < D; column++) raw[item * D + column]! -= scale * slopes[from + column]!;
    }
    for (let distance = 0; distance < clicksEncoded; distance++) {
      const slope = logitSlopes[distance]!;
      logitSquares[distance]! += slope * slope;
      logits[distance]! -= (0.1 * rate * slope) / Math.sqrt(logitSquares[distance]!);
      logitSlopes[distance] = 0;
    }
  };

  const learnBatch = (
    log: SessionLog,
    order: Int32Array,
    from: number,
    present: Int32Array,
    rate: number,
  ) => {
    const to = Math.min(order.length, from + sessionsPerBatch);
    rows = 0;
    for (let at = from; at < to; at++) {
      const session = order[at]!;
      for (let click = log.starts[session]!; click < log.starts[session + 1]!; click++)
        rowFor(log.items[click]!);
    }
    for (let at = 0; at < N; at++) {
      const drawn = at % 2 === 0 ? present : log.items;
      negativeRows[at] = rowFor(drawn[Math.floor(random() * drawn.length)]!);
    }
    loadRows();
    for (let distance = 0; distance < clicksEncoded; distance++) {
      positionWeights[distance] = Math.exp(logits[distance]!);
    }
    for (let at = from; at < to; at++) {
      const start = log.starts[order[at]!]!;
      const end = log.starts[order[at]! + 1]!;
      for (let click = start + 1; click < end; click++) learnPrefix(log, start, click);
    }
    step(rate);
  };

  /** Gives every item that is new a random direction; the log's items, each once. In slices. */
  function* begin(log: SessionLog): Generator<number, Int32Array> {
    const present: number[] = [];
    const met = new Uint8Array(items);
    for (let at = 0; at < log.items.length; at++) {
      if (at % slice === 0) yield 0;
      const item = log.items[at]!;
      if (met[item] === 1) continue;
      met[item] = 1;
      present.push(item);
      if (known[item] === 1) continue;
      known[item] = 1;
      for (let column = 0; column < D; column++) raw[item * D + column] = random() - 0.5;
    }
    return Int32Array.from(present);
  }

  return {
    *train(log, epochs, rate) {
      const present = yield* begin(log);
      const order = Int32Array.from({ length: log.count }, (_, at) => at);
      const batches = epochs * Math.ceil(log.count / sessionsPerBatch);
      let batch = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        shuffle(order, random);
        for (let from = 0; from < order.length; from += sessionsPerBatch) {
          const done = batch++ / batches;
          learnBatch(log, order, from, present, rate * (1 - 0.9 * done));
          yield done;
        }
      }
    },
    vectors: () => toItemVectors(raw, D, logits, known),
  };
}
