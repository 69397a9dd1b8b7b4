import type { Clock } from '../plugin.js';

/** A task waits for at most so long until a turn passes in which nothing arrives. */
const patienceMs = 100;
/** A task that is to run soon waits for at most so many turns: then eight new clients come in between two of them. */
const soonTurnsMax = 8;

/** Runs a function once when the code that runs, and all promises that follow from it, have come to an end or wait for something. */
export type AfterYield = (run: () => void) => void;

/** A tick that a microtask adds runs when there are no microtasks left. */
export const afterYield: AfterYield = (run) => queueMicrotask(() => process.nextTick(run));

/** Runs tasks in turns of the event loop. */
export interface Turns {
  /** Called for each connection and each request that arrives. */
  arrived(): void;
  /** Runs the task after everything that has arrived, and after the tasks before it: one task a turn. */
  run(task: () => void): void;
  /** Runs the task after the first turn in which nothing arrives, and after a few turns at the latest. */
  soon(task: () => void): void;
}

/**
 * One turn of the event loop takes one new connection (libuv accepts once a turn) and reads what has arrived on open ones. So
 * a task begins only after a turn in which nothing arrived: otherwise new clients would wait for one task each.
 * `afterTurn` runs once when the event loop has gone through what has arrived.
 */
export function createTurns(
  clock: Pick<Clock, 'nowMs'>,
  afterTurn: (run: () => void) => void = setImmediate,
): Turns {
  const tasks: (() => void)[] = [];
  let arrivals = 0;
  let seen = 0;
  let isDue = false;
  let waitingSinceMs = 0;

  function schedule(): void {
    if (isDue || tasks.length === 0) return;
    isDue = true;
    seen = arrivals;
    waitingSinceMs = clock.nowMs();
    afterTurn(look);
  }

  function look(): void {
    if (arrivals !== seen && clock.nowMs() - waitingSinceMs < patienceMs) {
      seen = arrivals;
      afterTurn(look);
      return;
    }
    isDue = false;
    const task = tasks.shift()!;
    schedule();
    task();
  }

  return {
    arrived() {
      arrivals++;
    },
    run(task) {
      tasks.push(task);
      schedule();
    },
    soon(task) {
      let before = arrivals;
      let turns = 1;
      afterTurn(function see() {
        if (arrivals === before || turns === soonTurnsMax) {
          task();
          return;
        }
        before = arrivals;
        turns++;
        afterTurn(see);
      });
    },
  };
}
