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
/**
 * Every so long, an overload ends if fewer than one of so many had to be refused since, or if the event loop was idle for this part of
 * the time: then turns are long because the machine does something else.
 */
const lookMs = 1_000;
const refusedOneOf = 20;
const idlePart = 0.2;
/** In an overload, a sender of fewer requests than this part of the mean is not its cause. */
const modestPart = 1 / 2;
/** Requests of such senders that are answered in a turn after the others have used its time. */
const modestMax = 16;
/** Senders whose requests are counted in an overload; further ones count together. */
const sendersMax = 10_000;
/** Requests that wait for something else, a disk or another process. */
const inFlightMax = 2_000;
/** While more than half of those wait, the part of them that one sender gets. */
const partOfSender = 1 / 4;

/**
 * Decides, before anything of a request is read, whether there is room for it. Refusing costs a small part of
 * answering, so with more requests than can be answered nearly as many are answered as ever, each in time, instead of
 * all of them too late. Up to what a client waits for patiently nobody is refused. In an overload, senders of few requests are
 * answered before those who cause it.
 */
export interface Admission {
  /**
   * Called once for each request that has arrived. `sender`: the key and address that it counts for. Returns what is to be called
   * when the request is answered; null if it is to be refused at once.
   */
  enter(sender: string): (() => void) | null;
  /** Requests that are not answered yet. */
  readonly inFlight: number;
}

/** `afterTurn` runs once when the event loop has gone through what has arrived. `idleMs`: how long the event loop has been idle. */
export function createAdmission(
  clock: Pick<Clock, 'nowMs'>,
  afterTurn: (run: () => void) => void,
  idleMs: () => number,
): Admission {
  let turnBeganMs: number | null = null;
  let longTurns = 0;
  let inTurn = 0;
  let modestInTurn = 0;
  let inFlight = 0;
  const inFlightOf = new Map<string, number>();
  /** When to look next; null: there is no overload. */
  let lookAtMs: number | null = null;
  let arrived = 0;
  let refused = 0;
  let idleBeforeMs = 0;
  /** In an overload: how many requests of each sender have arrived since the last look. */
  const arrivedOf = new Map<string, number>();

  function overloaded(nowMs: number): void {
    lookAtMs = nowMs + lookMs;
    arrived = 0;
    refused = 0;
    idleBeforeMs = idleMs();
    arrivedOf.clear();
  }

  function endTurn(): void {
    const nowMs = clock.nowMs();
    longTurns = inTurn >= crowdMin && nowMs - turnBeganMs! > patienceMs ? longTurns + 1 : 0;
    turnBeganMs = null;
    if (lookAtMs === null) {
      if (longTurns >= longTurnsMax) overloaded(nowMs);
    } else if (nowMs >= lookAtMs) {
      const wasIdle = idleMs() - idleBeforeMs > lookMs * idlePart;
      if (wasIdle || refused * refusedOneOf < arrived) lookAtMs = null;
      else overloaded(nowMs);
    }
  }

  function isModest(sender: string): boolean {
    return arrivedOf.get(sender)! * arrivedOf.size < arrived * modestPart;
  }

  function hasRoom(sender: string): boolean {
    if (inFlight >= inFlightMax) return false;
    return inFlight < inFlightMax / 2 || (inFlightOf.get(sender) ?? 0) < inFlightMax * partOfSender;
  }

  function admits(sender: string): boolean {
    const nowMs = clock.nowMs();
    if (lookAtMs !== null) {
      const counted = arrivedOf.size < sendersMax || arrivedOf.has(sender) ? sender : '';
      arrivedOf.set(counted, (arrivedOf.get(counted) ?? 0) + 1);
    }
    if (turnBeganMs === null) {
      turnBeganMs = nowMs;
      inTurn = 1;
      modestInTurn = 0;
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
    else if (modestInTurn < modestMax && arrivedOf.has(sender) && isModest(sender)) {
      modestInTurn++;
      return true;
    }
    refused++;
    return false;
  }

  return {
    get inFlight() {
      return inFlight;
    },
    enter(sender) {
      if (!hasRoom(sender) || !admits(sender)) return null;
      inFlight++;
      inFlightOf.set(sender, (inFlightOf.get(sender) ?? 0) + 1);
      return () => {
        inFlight--;
        const left = inFlightOf.get(sender)! - 1;
        if (left > 0) inFlightOf.set(sender, left);
        else inFlightOf.delete(sender);
      };
    },
  };
}
