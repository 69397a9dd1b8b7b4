/** The shares of the truth that lie below what is told: a median between the ends of an 80 % interval. */
const shares = [0.1, 0.5, 0.9] as const;
/** How far a lesson moves the weights, in the long run and, while there are few, at first. */
const rate = 0.001;
const rateAtFirst = 0.018;
/** After so many lessons the first rate has halved. */
const lessonsAtFirst = 1000;

const monthMs = 30 * 86_400_000;
/** How far a lesson moves the margins. */
const marginRate = 0.0003;

/** Below `low` lies a tenth of what is to come, below `median` half of it, below `high` nine tenths of it. */
export interface Quantiles {
  low: number;
  median: number;
  high: number;
}

export interface StoredQuantiles {
  readonly lessons: number;
  readonly lines: Lines;
  readonly monthAgo: Lines | null;
  readonly beforeThat: Lines | null;
  readonly month: number;
  readonly margins: readonly [low: number, high: number];
}

/** The weights of the features, by share. */
type Lines = readonly Float64Array[];

/**
 * Three quantiles of something, each a linear function of the same features.
 * Quantile regression (Koenker, Bassett 1978), learned online: each truth moves each line by the gradient of its pinball loss, toward
 * itself by the share or away by the rest of it. Where a line stands still, as many truths as promised lie below it, whatever their
 * distribution is, in the mean over each feature; and since it never stops to move, it follows the shop: what adaptive conformal
 * inference does with a single threshold (Gibbs, Candès 2021).
 * What is told concerns weeks to come, in which the shop changes as it did before. So the lines of one to two months ago are kept, and the
 * ends of the interval get the margins by which those would hold today (conformalized quantile regression: Romano, Patterson, Candès 2019).
 * `prior` are the weights before anything was learned, by share.
 */
export function createQuantileModel(prior: readonly (readonly number[])[]) {
  let lines: Lines = prior.map((line) => Float64Array.from(line));
  let monthAgo: Lines | null = null;
  let beforeThat: Lines | null = null;
  let month = Number.NEGATIVE_INFINITY;
  const margins = Float64Array.of(0, 0);
  let lessons = 0;

  function turnTo(next: number): void {
    if (next <= month) return;
    if (month !== Number.NEGATIVE_INFINITY) {
      beforeThat = monthAgo;
      monthAgo = copyOf(lines);
    }
    month = next;
  }

  function learnMargins(then: Lines, features: Float64Array, truth: number): void {
    const isBelow = truth < valueAt(then[0]!, features) - margins[0]!;
    const isAbove = truth > valueAt(then[2]!, features) + margins[1]!;
    margins[0]! += marginRate * ((isBelow ? 1 : 0) - shares[0]);
    margins[1]! += marginRate * ((isAbove ? 1 : 0) - (1 - shares[2]));
  }

  function learnLine(place: number, features: Float64Array, truth: number, step: number): void {
    const line = lines[place]!;
    const slope = step * (shares[place]! - (truth < valueAt(line, features) ? 1 : 0));
    for (let at = 0; at < line.length; at++) line[at]! += slope * features[at]!;
  }

  return {
    tell(features: Float64Array, into: Quantiles): void {
      const low = valueAt(lines[0]!, features) - margins[0]!;
      const median = valueAt(lines[1]!, features);
      const high = valueAt(lines[2]!, features) + margins[1]!;
      // Lines may cross where nothing was learned; in order, quantiles are never worse (Chernozhukov, Fernández-Val, Galichon 2010).
      const lower = Math.min(low, median);
      const upper = Math.max(low, median);
      into.low = Math.min(lower, high);
      into.median = Math.max(lower, Math.min(upper, high));
      into.high = Math.max(upper, high);
    },
    /** Learns a true value with the features that were known before it. `weight`: a factor on the learning rate, 0 to 1. */
    learn(features: Float64Array, truth: number, weight: number, atMs: number): void {
      turnTo(Math.floor(atMs / monthMs));
      if (beforeThat !== null) learnMargins(beforeThat, features, truth);
      const step = weight * (rate + (rateAtFirst - rate) / (1 + lessons / lessonsAtFirst));
      learnLine(0, features, truth, step);
      learnLine(1, features, truth, step);
      learnLine(2, features, truth, step);
      lessons++;
    },
    save: (): StoredQuantiles => ({
      lessons,
      lines: copyOf(lines),
      monthAgo,
      beforeThat,
      month,
      margins: [margins[0]!, margins[1]!],
    }),
    restore(stored: StoredQuantiles): void {
      ({ lessons, monthAgo, beforeThat, month } = stored);
      margins.set(stored.margins);
      lines = copyOf(stored.lines);
    },
  };
}

function valueAt(line: Float64Array, features: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < line.length; at++) sum += line[at]! * features[at]!;
  return sum;
}

function copyOf(lines: Lines): Lines {
  return lines.map((line) => line.slice());
}
