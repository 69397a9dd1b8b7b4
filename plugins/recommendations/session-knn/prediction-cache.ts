import type { Prediction } from './session-model.js';

/**
 * Caches predictions until the model learns anything, since a page with several lists and a shopper's channels predict the same. So a
 * cached prediction always equals a computed one. Holds at most `max` entries, and drops the oldest.
 */
export function createPredictionCache(max: number) {
  const cache = new Map<string, Prediction>();
  let epoch = -1;

  return {
    /** The cached prediction, or that of `predict`. `now` must change whenever predictions do. */
    get(
      now: number,
      session: readonly number[],
      except: number,
      limit: number,
      predict: () => Prediction,
    ): Prediction {
      if (max === 0) return predict();
      if (now !== epoch) {
        cache.clear();
        epoch = now;
      }
      const key = `${except} ${limit} ${session.join()}`;
      const found = cache.get(key);
      if (found !== undefined) return found;
      const prediction = predict();
      if (cache.size >= max) cache.delete(cache.keys().next().value!);
      cache.set(key, prediction);
      return prediction;
    },
    clear(): void {
      cache.clear();
    },
  };
}
