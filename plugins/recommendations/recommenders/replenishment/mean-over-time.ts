const periodMs = 30 * 86_400_000;
/** A log of a hundred years. */
const periodsMax = 1200;

export interface StoredMeans {
  readonly first: number;
  readonly means: readonly number[];
}

/** A mean as it was at the end of each thirty days. */
export function createMeanOverTime() {
  let first = 0;
  let means: number[] = [];

  return {
    learn(atMs: number, mean: number): void {
      const period = Math.floor(atMs / periodMs);
      if (means.length === 0) first = period;
      const place = period - first;
      // A mean of an earlier period replaces the newest one.
      if (place < means.length - 1 || place >= periodsMax) means[means.length - 1] = mean;
      else {
        while (means.length < place) means.push(means.at(-1)!);
        means[place] = mean;
      }
    },
    /** As it was then: null while nothing was learned. Before and after what was learned as at its ends. */
    at(timeMs: number): number | null {
      const place = Math.floor(timeMs / periodMs) - first;
      return means[Math.max(0, Math.min(means.length - 1, place))] ?? null;
    },
    save: () => ({ first, means: [...means] }),
    restore(stored: StoredMeans): void {
      first = stored.first;
      means = [...stored.means];
    },
  };
}
