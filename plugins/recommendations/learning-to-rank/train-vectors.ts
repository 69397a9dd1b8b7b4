import { multiplyTransposed, transpose } from '../../../src/kit/matrix.js';
import { seeded, shuffle } from '../../../src/kit/random.js';
import { clicksPerSessionMax } from '../session-knn/session-index.js';
import type { SessionLog } from '../session-knn/session-log.js';
import { clicksEncoded, normalize, toItemVectors } from './item-vectors.js';

interface VectorTraining {
  /** Even. */
  readonly dimensions: number;
  /** Negative samples for each next item; half of them drawn by clicks, half evenly. */
  readonly negatives: number;
  /** Divides the cosines before the softmax. */
  readonly temperature: number;
  readonly sessionsPerBatch: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** Of sessions and of people alike. */
export const vectorTraining: VectorTraining = {
  dimensions: 64,
  negatives: 384,
  temperature: 0.1,
  sessionsPerBatch: 16,
  learningRate: 0.2,
  seed: 1,
};

/** Clicks between two yields while nothing is learned yet. */
const slice = 5_000;

/**
 * Learns a vector for each item: a session is the weighted mean of its items' unit vectors, and its next item should
 * lie nearer to it than others do (softmax over cosines against sampled items; CORE, Hou et al., SIGIR 2022, with
 * weights by position only). Row-wise Adagrad.
 */
export function createVectorTrainer(items: number, options: VectorTraining) {
  const { dimensions: D, negatives: N, sessionsPerBatch } = options;
  const random = seeded(options.seed);
  const raw = new Float32Array(items * D);
  const squares = new Float32Array(items).fill(1e-8);
  const known = new Uint8Array(items);
  const logits = Float32Array.from({ length: clicksEncoded }, (_, distance) => -0.3 * distance);
  const logitSquares = new Float32Array(clicksEncoded).fill(1e-8);
  const logitGradients = new Float64Array(clicksEncoded);
  const positionWeights = new Float32Array(clicksEncoded);

  // The items of one batch, each once: their unit vectors, lengths and gradients.
  const rowsMax = sessionsPerBatch * clicksPerSessionMax + N;
  const rowOf = new Int32Array(items).fill(-1);
  const rowItems = new Int32Array(rowsMax);
  const units = new Float32Array(rowsMax * D);
  const gradients = new Float32Array(rowsMax * D);
  const lengths = new Float32Array(rowsMax);
  let rows = 0;
  const negativeRows = new Int32Array(N);
  const negatives = new Float32Array(N * D);
  const negativesTransposed = new Float32Array(N * D);
  const negativeGradients = new Float32Array(N * D);

  // The prefixes of one batch: where they end in the log and how many clicks count, their vectors, and the
  // probability of each negative.
  const prefixesMax = sessionsPerBatch * clicksPerSessionMax;
  const targets = new Int32Array(prefixesMax);
  const clickCounts = new Int32Array(prefixesMax);
  let prefixes = 0;
  const queries = new Float32Array(prefixesMax * D);
  const queriesTransposed = new Float32Array(prefixesMax * D);
  const queryGradients = new Float32Array(prefixesMax * D);
  const queryLengths = new Float32Array(prefixesMax);
  const shares = new Float32Array(prefixesMax * N);
  const sharesTransposed = new Float32Array(prefixesMax * N);
  const inverseTemperature = 1 / options.temperature;

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
    gradients.fill(0, 0, rows * D);
    for (let at = 0; at < N; at++) {
      const row = negativeRows[at]!;
      negatives.set(units.subarray(row * D, (row + 1) * D), at * D);
    }
  };

  /** Adds the clicks before `target` as a prefix: the unit vector of their weighted mean. `from` is the session's first click. */
  const addPrefix = (log: SessionLog, from: number, target: number): void => {
    const query = prefixes * D;
    const count = Math.min(target - from, clicksEncoded);
    targets[prefixes] = target;
    clickCounts[prefixes] = count;
    const total = totalWeight(count);
    queries.fill(0, query, query + D);
    for (let distance = 0; distance < count; distance++) {
      const weight = positionWeights[distance]! / total;
      const row = rowOf[log.items[target - 1 - distance]!]! * D;
      for (let column = 0; column < D; column++) queries[query + column]! += weight * units[row + column]!;
    }
    queryLengths[prefixes++] = normalize(queries, query, D);
  };

  const totalWeight = (count: number): number => {
    let total = 0;
    for (let distance = 0; distance < count; distance++) total += positionWeights[distance]!;
    return total;
  };

  /** Turns the cosines in `shares` into the gradients of the loss at them; returns that at the target's cosine. */
  const softmax = (prefix: number, targetRow: number): number => {
    let cosine = 0;
    for (let column = 0; column < D; column++) {
      cosine += queries[prefix * D + column]! * units[targetRow * D + column]!;
    }
    const numerator = Math.exp((cosine - 1) * inverseTemperature);
    let sum = numerator;
    const first = prefix * N;
    for (let at = 0; at < N; at++) {
      const isTarget = negativeRows[at] === targetRow;
      const share = isTarget ? 0 : Math.exp((shares[first + at]! - 1) * inverseTemperature);
      shares[first + at] = share;
      sum += share;
    }
    for (let at = 0; at < N; at++) shares[first + at]! *= inverseTemperature / sum;
    return (numerator / sum - 1) * inverseTemperature;
  };

  /** Gradients of the loss at the items of a prefix: back through its length, the weighted mean and the weights' softmax. */
  const backpropagate = (log: SessionLog, prefix: number): void => {
    const query = prefix * D;
    const count = clickCounts[prefix]!;
    let along = 0;
    for (let column = 0; column < D; column++) {
      along += queryGradients[query + column]! * queries[query + column]!;
    }
    for (let column = 0; column < D; column++) {
      queryGradients[query + column] =
        (queryGradients[query + column]! - queries[query + column]! * along) / queryLengths[prefix]!;
    }
    const total = totalWeight(count);
    let mean = 0;
    for (let distance = 0; distance < count; distance++) {
      const weight = positionWeights[distance]! / total;
      const row = rowOf[log.items[targets[prefix]! - 1 - distance]!]! * D;
      let gradient = 0;
      for (let column = 0; column < D; column++) {
        gradient += queryGradients[query + column]! * units[row + column]!;
        gradients[row + column]! += weight * queryGradients[query + column]!;
      }
      logitGradients[distance]! += weight * gradient;
      mean += weight * gradient;
    }
    for (let distance = 0; distance < count; distance++) {
      logitGradients[distance]! -= (positionWeights[distance]! / total) * mean;
    }
  };

  /** The gradients of the loss of all prefixes. */
  const learnPrefixes = (log: SessionLog): void => {
    multiplyTransposed(queries, prefixes, negatives, N, D, shares);
    const targetGradients = new Float64Array(prefixes);
    for (let prefix = 0; prefix < prefixes; prefix++) {
      targetGradients[prefix] = softmax(prefix, rowOf[log.items[targets[prefix]!]!]!);
    }
    transpose(negatives, N, D, negativesTransposed);
    multiplyTransposed(shares, prefixes, negativesTransposed, D, N, queryGradients);
    transpose(shares, prefixes, N, sharesTransposed);
    transpose(queries, prefixes, D, queriesTransposed);
    multiplyTransposed(sharesTransposed, N, queriesTransposed, D, prefixes, negativeGradients);
    for (let prefix = 0; prefix < prefixes; prefix++) {
      const query = prefix * D;
      const target = rowOf[log.items[targets[prefix]!]!]! * D;
      const gradient = targetGradients[prefix]!;
      for (let column = 0; column < D; column++) {
        queryGradients[query + column]! += gradient * units[target + column]!;
        gradients[target + column]! += gradient * queries[query + column]!;
      }
      backpropagate(log, prefix);
    }
  };

  const step = (learningRate: number): void => {
    for (let at = 0; at < N; at++) {
      const row = negativeRows[at]! * D;
      for (let column = 0; column < D; column++)
        gradients[row + column]! += negativeGradients[at * D + column]!;
    }
    for (let row = 0; row < rows; row++) {
      const item = rowItems[row]!;
      rowOf[item] = -1;
      const from = row * D;
      let along = 0;
      for (let column = 0; column < D; column++) along += gradients[from + column]! * units[from + column]!;
      let square = 0;
      for (let column = 0; column < D; column++) {
        const gradient = (gradients[from + column]! - units[from + column]! * along) / lengths[row]!;
        gradients[from + column] = gradient;
        square += gradient * gradient;
      }
      if (square === 0) continue;
      squares[item]! += square / D;
      const scale = learningRate / Math.sqrt(squares[item]!);
      for (let column = 0; column < D; column++) raw[item * D + column]! -= scale * gradients[from + column]!;
    }
    for (let distance = 0; distance < clicksEncoded; distance++) {
      const gradient = logitGradients[distance]!;
      logitSquares[distance]! += gradient * gradient;
      logits[distance]! -= (0.1 * learningRate * gradient) / Math.sqrt(logitSquares[distance]!);
      logitGradients[distance] = 0;
    }
  };

  const learnBatch = (
    log: SessionLog,
    order: Int32Array,
    from: number,
    present: Int32Array,
    learningRate: number,
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
    prefixes = 0;
    for (let distance = 0; distance < clicksEncoded; distance++) {
      positionWeights[distance] = Math.exp(logits[distance]!);
    }
    for (let at = from; at < to; at++) {
      const start = log.starts[order[at]!]!;
      const end = log.starts[order[at]! + 1]!;
      for (let click = start + 1; click < end; click++) addPrefix(log, start, click);
    }
    learnPrefixes(log);
    step(learningRate);
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
    /** Goes through a log some times, in random order; yields every few milliseconds how far it is, from 0 to 1. */
    *train(log: SessionLog, epochs: number, learningRate: number): Generator<number, void> {
      const present = yield* begin(log);
      const order = Int32Array.from({ length: log.count }, (_, at) => at);
      const batches = epochs * Math.ceil(log.count / sessionsPerBatch);
      let batch = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        shuffle(order, random);
        for (let from = 0; from < order.length; from += sessionsPerBatch) {
          const done = batch++ / batches;
          learnBatch(log, order, from, present, learningRate * (1 - 0.9 * done));
          yield done;
        }
      }
    },
    vectors: () => toItemVectors(raw, D, logits, known),
  };
}

export type VectorTrainer = ReturnType<typeof createVectorTrainer>;
