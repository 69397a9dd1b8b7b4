import type { Events, ShopEvent } from '../../../src/ports/events.js';
import type { Statistics } from '../statistics.js';
import type { LogPosition } from './log-position.js';

/** Events that may arrive while the log is being read; when there are more, the log is read on. */
const waitingMax = 100_000;
/** Events learned between two turns of everything else; some milliseconds. */
const stepMax = 2_000;

/** Statistics that follow the event log. */
export interface Follower {
  readonly statistics: Statistics;
  readonly position: LogPosition;
  /** When the log was last read from its very start for it. */
  readonly builtAtMs: number;
  /** Events learned since what was stored of it. */
  readonly unstored: number;
  /** Says that it is being stored as it is now. */
  stored(): void;
  /** Takes what has just been accepted: from `catchUp` on it is told everything. */
  take(events: readonly ShopEvent[]): void;
  /** Reads the log from its position on; what is told meanwhile comes after it. From its end on it learns what it is told at once. */
  catchUp(): Promise<void>;
}

export function createFollower(
  events: Events,
  { statistics, position }: Pick<Follower, 'statistics' | 'position'>,
  builtAtMs: number,
): Follower {
  let waiting: ShopEvent[] | null = [];
  let overflowed = false;
  let unstored = 0;

  function learn(batch: readonly ShopEvent[]): void {
    statistics.learn(batch);
    position.passed(batch);
    unstored += batch.length;
  }

  async function read(): Promise<void> {
    const { fromMs } = position;
    for await (const page of events.replay(fromMs === undefined ? {} : { fromMs })) {
      const news = position.news(page);
      for (let from = 0; from < news.length; from += stepMax) {
        learn(news.length > stepMax ? news.slice(from, from + stepMax) : news);
        await turn();
      }
    }
  }

  return {
    statistics,
    position,
    builtAtMs,
    get unstored() {
      return unstored;
    },
    stored() {
      unstored = 0;
    },
    take(batch) {
      if (waiting === null) learn(batch);
      else if (waiting.length + batch.length > waitingMax) overflowed = true;
      else waiting.push(...batch);
    },
    async catchUp() {
      do {
        overflowed = false;
        waiting = [];
        await read();
      } while (overflowed);
      const told = waiting;
      waiting = null;
      learn(position.news(told));
    },
  };
}

/** Lets everything else that waits run once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
