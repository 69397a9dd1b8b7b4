const lowest = -5;
const step = 0.1;
const bins = 101;
/** Residuals fade by 1/e over so many later ones, so that intervals follow the shop and its seasons. */
const fading = 3000;
const weightMax = 1e12;
/** How often the truth may lie outside. */
const missed = 0.2;
const tailsMin = 0.01;
const tailsMax = 0.5;
const adaption = 0.003;
/** Before anything was learned: a normal distribution with this deviation, worth so many residuals. */
const priorDeviation = 1;
const priorWeight = 20;

/** How far predictions were off, as a distribution. */
export interface Residuals {
  learn(residual: number): void;
  /** The value below which half of the residuals lie. */
  median(): number;
  /** Between these the next residual is to be expected with 80 %. */
  interval(): readonly [low: number, high: number];
  save(): StoredResiduals;
  restore(stored: StoredResiduals): void;
}

export interface StoredResiduals {
  readonly counts: Float64Array;
  readonly tails: number;
}

/**
 * What predictions made before the truth was known missed it by. Quantiles of theirs are intervals that hold as often as they say, whatever
 * the true distribution is, as long as what comes is like what came (conformal prediction: Vovk, Gammerman, Shafer 2005). Seasons see to it that it is
 * not; so each interval that did not hold widens the next ones a little, and each that did narrows them, and in the long run the
 * promised share holds (Gibbs, Candès 2021, adaptive conformal inference).
 */
export function createResiduals(): Residuals {
  let counts = new Float64Array(bins);
  let weight = 1;
  /** The share of the residuals that lies outside of the interval. */
  let tails = missed;
  for (let bin = 0; bin < bins; bin++) {
    const at = (lowest + (bin + 0.5) * step) / priorDeviation;
    counts[bin] = (priorWeight * step * Math.exp((-at * at) / 2)) / (priorDeviation * Math.sqrt(2 * Math.PI));
  }
  let total = counts.reduce((sum, count) => sum + count, 0);

  function quantile(share: number): number {
    let left = share * total;
    for (let bin = 0; bin < bins; bin++) {
      if (left <= counts[bin]!) return lowest + step * (bin + left / counts[bin]!);
      left -= counts[bin]!;
    }
    return lowest + step * bins;
  }

  /** As of the last residual: they are asked for far oftener than there are new ones. */
  let asOfNow: { readonly median: number; readonly interval: readonly [number, number] } | null = null;
  function now() {
    asOfNow ??= { median: quantile(0.5), interval: [quantile(tails / 2), quantile(1 - tails / 2)] };
    return asOfNow;
  }

  return {
    median: () => now().median,
    interval: () => now().interval,
    learn(residual) {
      const [low, high] = now().interval;
      asOfNow = null;
      const outside = residual < low || residual > high;
      tails = Math.max(tailsMin, Math.min(tailsMax, tails + adaption * (missed - Number(outside))));
      const bin = Math.floor((residual - lowest) / step);
      counts[Math.max(0, Math.min(bins - 1, bin))]! += weight;
      total += weight;
      weight *= 1 + 1 / fading;
      if (weight < weightMax) return;
      for (let at = 0; at < bins; at++) counts[at]! /= weight;
      total /= weight;
      weight = 1;
    },
    // The weight of the next residual is made 1.
    save: () => ({ counts: counts.map((count) => count / weight), tails }),
    restore(stored) {
      asOfNow = null;
      counts = stored.counts.slice();
      tails = stored.tails;
      total = counts.reduce((sum, count) => sum + count, 0);
      weight = 1;
    },
  };
}
