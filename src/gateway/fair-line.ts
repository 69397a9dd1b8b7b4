import type { SenderUsage } from './sender-usage.js';
import type { AfterYield } from './turns.js';

/** Called once, when an operation has ended. */
export type Left = () => void;

/**
 * A queue of operations in which the sender who had the least work done lately is next (least attained service). So senders of
 * much get equal parts, and a sender of little waits for nobody's queue.
 */
export interface FairLine {
  /** The units that would start before an operation of this sender, at most. One of few operations does not wait for all of another's. */
  waitUnits(units: number, sender: string): number;
  /** Returns at once if there is room in this turn, else a promise that resolves when the operation may start. */
  enter(units: number, sender: string): Left | Promise<Left>;
}

export interface FairLineOptions {
  /** Runs once when the event loop has gone through what has arrived. */
  readonly afterTurn: (run: () => void) => void;
  /** The operations of a turn start one after the other: each when the one before has ended, or waits for something. */
  readonly afterYield: AfterYield;
  /** Units that start in one turn, and the last operation whole. 0: one operation, after the turn in which it came. */
  readonly unitsPerTurn: number;
  readonly runningMax: number;
  readonly usage: SenderUsage;
}

interface Waiting {
  readonly units: number;
  start(left: Left): void;
}

interface Sender {
  readonly waiting: Waiting[];
  units: number;
}

export function createFairLine({
  afterTurn,
  afterYield,
  unitsPerTurn,
  runningMax,
  usage,
}: FairLineOptions): FairLine {
  /** A sender without waiting operations is not in it. */
  const senders = new Map<string, Sender>();
  let queuedUnits = 0;
  let running = 0;
  let runningUnits = 0;
  let startedUnits = 0;
  let isDue = false;

  function schedule(): void {
    if (isDue) return;
    isDue = true;
    afterTurn(() => {
      startedUnits = 0;
      startSome();
    });
  }

  function startSome(): void {
    startNext();
    if (startedUnits < unitsPerTurn && senders.size > 0) {
      afterYield(startSome);
      return;
    }
    isDue = false;
    if (senders.size > 0 && running < runningMax) schedule();
  }

  function begin(units: number, name: string): Left {
    usage.add(name, units);
    running++;
    runningUnits += units;
    startedUnits += units;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      running--;
      runningUnits -= units;
      if (senders.size > 0) schedule();
    };
  }

  function startNext(): void {
    if (running >= runningMax) {
      startedUnits = unitsPerTurn;
      return;
    }
    let next: string | null = null;
    let leastUsed = Number.POSITIVE_INFINITY;
    for (const name of senders.keys()) {
      const used = usage.of(name);
      if (used >= leastUsed) continue;
      leastUsed = used;
      next = name;
    }
    if (next === null) return;
    const sender = senders.get(next)!;
    const { units, start } = sender.waiting.shift()!;
    sender.units -= units;
    queuedUnits -= units;
    if (sender.waiting.length === 0) senders.delete(next);
    start(begin(units, next));
  }

  return {
    waitUnits(units, name) {
      const sender = senders.get(name);
      const others = senders.size - (sender ? 1 : 0);
      const ahead = Math.min(queuedUnits, ((sender?.units ?? 0) + units) * (others + 1));
      return ahead + (runningMax < Number.POSITIVE_INFINITY ? runningUnits : 0);
    },
    enter(units, name) {
      if (senders.size === 0 && startedUnits < unitsPerTurn) {
        // Ends the turn.
        schedule();
        return begin(units, name);
      }
      return new Promise((start) => {
        const sender = senders.get(name) ?? { waiting: [], units: 0 };
        sender.waiting.push({ units, start });
        sender.units += units;
        queuedUnits += units;
        senders.set(name, sender);
        schedule();
      });
    },
  };
}
