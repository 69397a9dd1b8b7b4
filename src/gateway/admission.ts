import type { Clock } from '../plugin.js';

/** A turn of the event loop that answers requests for longer than this makes those behind it wait too long. */
const patienceMs = 100;
/** A burst passes; so many such turns in a row are an overload, and so is one that takes for longer than `turnMsMax`. */
const longTurnsMax = 3;
const turnMsMax = 500;
/** Fewer in a turn are no crowd: then the process is slow, and refusing would help nobody. */
const crowdMin = 64;
/** In an overload a turn answers for so long, and refuses those behind. */
const budgetMs = 6;
/** Whether an overload is over is looked at so often: when fewer than one of so many had to be refused since. */
const lookMs = 1_000;
const refusedOneOf = 20;
/** Requests that wait for something else, a disk or another process. */
const inFlightMax = 2_000;

/**
 * Decides, before anything of a request is read, whether there is room for it. Refusing costs a small part of
 * answering, so with more requests than can be answered nearly as many are answered as ever, each in time, instead of
 * all of them too late. Up to what a client waits for patiently nobody is refused.
 */
export interface Admission {
  /** Called once for each request that has arrived; false: it is to be refused at once. */
  admits(inFlight: number): boolean;
}

/** `afterTurn` runs once when the event loop has gone through what has arrived. */
export function createAdmission(
  clock: Pick<Clock, 'nowMs'>,
  afterTurn: (run: () => void) => void,
): Admission {
  let turnBeganMs: number | null = null;
  let longTurns = 0;
  let inTurn = 0;
  /** When to look next; null: there is no overload. */
  let lookAtMs: number | null = null;
  let arrived = 0;
  let refused = 0;

  function overloaded(nowMs: number): void {
    lookAtMs = nowMs + lookMs;
    arrived = 0;
    refused = 0;
  }

  function endTurn(): void {
    const nowMs = clock.nowMs();
    longTurns = inTurn >= crowdMin && nowMs - turnBeganMs! > patienceMs ? longTurns + 1 : 0;
    turnBeganMs = null;
    if (lookAtMs === null) {
      if (longTurns >= longTurnsMax) overloaded(nowMs);
    } else if (nowMs >= lookAtMs) {
      if (refused * refusedOneOf < arrived) lookAtMs = null;
      else overloaded(nowMs);
    }
  }

  return {
    admits(inFlight) {
      if (inFlight > inFlightMax) return false;
      const nowMs = clock.nowMs();
      if (turnBeganMs === null) {
        turnBeganMs = nowMs;
        inTurn = 1;
        afterTurn(endTurn);
        return true;
      }
      arrived++;
      inTurn++;
      const answeringMs = nowMs - turnBeganMs;
      if (lookAtMs === null) {
        if (inTurn < crowdMin || answeringMs < turnMsMax) return true;
        overloaded(nowMs);
      } else if (answeringMs < budgetMs) return true;
      refused++;
      return false;
    },
  };
}
