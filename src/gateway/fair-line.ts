/** Units that a sender may start before another sender's turn. */
const quantum = 10_000;

/** Called once, when an operation has ended. */
export type Left = () => void;

/** A queue of operations in which senders take turns by units of work (deficit round robin, Shreedhar and Varghese 1995). */
export interface FairLine {
  /** The units that would start before an operation of this sender. One of few operations does not wait for all of another's. */
  waitUnits(units: number, sender: string): number;
  /** Returns at once if there is room in this turn, else a promise that resolves when the operation may start. */
  enter(units: number, sender: string): Left | Promise<Left>;
}

export interface FairLineOptions {
  /** Runs once when the event loop has gone through what has arrived. */
  readonly afterTurn: (run: () => void) => void;
  /** Units that start in one turn, and the last operation whole. 0: one operation, after the turn in which it came. */
  readonly unitsPerTurn: number;
  readonly runningMax: number;
}

interface Waiting {
  readonly units: number;
  start(left: Left): void;
}

interface Sender {
  readonly waiting: Waiting[];
  units: number;
  /** Units that it may start before its next turn. */
  deficit: number;
}

export function createFairLine({ afterTurn, unitsPerTurn, runningMax }: FairLineOptions): FairLine {
  /** In the order of their turns. A sender without waiting operations is not in it. */
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
      isDue = false;
      startedUnits = 0;
      do startNext();
      while (startedUnits < unitsPerTurn && senders.size > 0);
      if (senders.size > 0 && running < runningMax) schedule();
    });
  }

  function begin(units: number): Left {
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
    for (const [name, sender] of senders) {
      const { units, start } = sender.waiting[0]!;
      if (sender.deficit < units) {
        // Goes to the end, so that this loop comes to it again.
        senders.delete(name);
        senders.set(name, sender);
        sender.deficit += quantum;
        continue;
      }
      sender.waiting.shift();
      sender.deficit -= units;
      sender.units -= units;
      queuedUnits -= units;
      if (sender.waiting.length === 0) senders.delete(name);
      start(begin(units));
      return;
    }
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
        return begin(units);
      }
      return new Promise((start) => {
        const sender = senders.get(name) ?? { waiting: [], units: 0, deficit: 0 };
        sender.waiting.push({ units, start });
        sender.units += units;
        queuedUnits += units;
        senders.set(name, sender);
        schedule();
      });
    },
  };
}
