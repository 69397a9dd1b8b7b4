const landmarkShiftExponent = 400;
/** Moments are told apart by minutes: the weight of an event is the same all through one. */
const momentMs = 60_000;

/**
 * Forward decay (Cormode, Shkapenyuk, Srivastava, Xu 2009): a new event is weighted up instead of all the others down, by two for each
 * half-life since a landmark, so learning costs the same however much was learned, and the order depends on no clock.
 */
export interface ForwardDecay {
  /** null: nothing was weighed yet. */
  landmarkMs: number | null;
  /** The weight of an event of a moment. */
  growth(atMs: number): number;
  /** Dates all that was weighed so far earlier. */
  setBack(byMs: number): void;
}

/** `scale` multiplies all that was weighed so far, when the landmark moves. */
export function createForwardDecay(halfLifeMs: number, scale: (factor: number) => void): ForwardDecay {
  let grownAtMs = Number.NaN;
  let grownBy = 1;
  const decay: ForwardDecay = {
    landmarkMs: null,
    growth(moment) {
      const atMs = moment - (moment % momentMs);
      if (atMs === grownAtMs) return grownBy;
      decay.landmarkMs ??= atMs;
      let exponent = (atMs - decay.landmarkMs) / halfLifeMs;
      if (exponent > landmarkShiftExponent) {
        scale(2 ** -exponent);
        decay.landmarkMs = atMs;
        exponent = 0;
      }
      grownAtMs = atMs;
      grownBy = 2 ** exponent;
      return grownBy;
    },
    setBack(byMs) {
      if (decay.landmarkMs !== null) decay.landmarkMs -= byMs;
      grownAtMs = Number.NaN;
    },
  };
  return decay;
}

/** Indexes of what has a sum, the largest first: boards that are filled in this order turn most away at once. */
export function largestFirst(sums: Float64Array): Int32Array {
  const found = new Int32Array(sums.length);
  let count = 0;
  for (let at = 0; at < sums.length; at++) if (sums[at] !== 0) found[count++] = at;
  return found.subarray(0, count).sort((a, b) => sums[b]! - sums[a]!);
}
