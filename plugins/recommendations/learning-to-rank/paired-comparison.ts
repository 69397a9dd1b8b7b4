/** Two sets of weights compared by a metric on the same questions. Means are 0 without questions. */
export interface Comparison {
  readonly questions: number;
  /** The mean of the metric with the new weights, and with those in use. */
  readonly now: number;
  readonly before: number;
  /** The mean difference, and its standard error. */
  readonly gain: number;
  readonly error: number;
}

export function createComparison() {
  let questions = 0;
  let sumNow = 0;
  let sumBefore = 0;
  let squares = 0;
  return {
    get questions() {
      return questions;
    },
    /** Adds the metric of one question. */
    add(now: number, before: number): void {
      questions++;
      sumNow += now;
      sumBefore += before;
      squares += (now - before) ** 2;
    },
    result(): Comparison {
      const count = Math.max(1, questions);
      const gain = (sumNow - sumBefore) / count;
      const error = Math.sqrt(Math.max(0, squares / count - gain * gain) / count);
      return { questions, now: sumNow / count, before: sumBefore / count, gain, error };
    },
  };
}
