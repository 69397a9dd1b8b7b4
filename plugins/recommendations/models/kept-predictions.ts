import type { Prediction } from './session-model.js';

interface Kept {
  readonly session: readonly number[];
  readonly except: number;
  readonly limit: number;
  readonly prediction: Prediction;
}

/**
 * Predictions that were made since something was last learned, to be given again to the same question: a page asks for
 * several lists, a shopper's channels one after the other. Nothing is kept beyond the next click of anybody, so that
 * an answer is always the one that would be worked out anew. `max` of them, the oldest make room.
 */
export function createKeptPredictions(max: number) {
  const kept = new Map<number, Kept>();
  let epoch = -1;

  return {
    /** What was answered in this epoch to this question, or what `predict` answers. `epoch` changes whenever an answer could. */
    get(
      now: number,
      session: readonly number[],
      except: number,
      limit: number,
      predict: () => Prediction,
    ): Prediction {
      if (max === 0) return predict();
      if (now !== epoch) {
        kept.clear();
        epoch = now;
      }
      const hash = hashOf(session, except, limit);
      const found = kept.get(hash);
      if (
        found !== undefined &&
        found.except === except &&
        found.limit === limit &&
        isSame(found.session, session)
      ) {
        return found.prediction;
      }
      const prediction = predict();
      if (found === undefined && kept.size >= max) kept.delete(kept.keys().next().value!);
      kept.set(hash, { session: session.slice(), except, limit, prediction });
      return prediction;
    },
    clear(): void {
      kept.clear();
    },
  };
}

/** FNV-1a over whole numbers. */
function hashOf(session: readonly number[], except: number, limit: number): number {
  let hash = Math.imul(0x811c9dc5 ^ except, 0x01000193) ^ limit;
  for (let at = 0; at < session.length; at++) hash = Math.imul(hash ^ session[at]!, 0x01000193);
  return hash;
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
