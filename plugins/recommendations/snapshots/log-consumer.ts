import type { Events, ShopEvent } from '../../../src/ports/events.js';
import type { Statistics } from '../learning/statistics.js';
import type { LogPosition } from './log-position.js';

/** Events that may arrive while the log is being read; when there are more, the log is read on. */
const waitingMax = 100_000;
/** Events learned between two turns of everything else; some milliseconds. */
const stepMax = 2_000;

/** Feeds the event log to statistics: first what is stored, from a position on, then each batch as it is accepted. */
export interface LogConsumer {
  readonly statistics: Statistics;
  readonly position: LogPosition;
  /** The time when its statistics were last built from the very start of the log. */
  readonly builtAtMs: number;
  /** Events learned since the last snapshot. */
  readonly unstored: number;
  /** Call when a snapshot of the present state is being stored. */
  stored(): void;
  /** Learns accepted events. They wait until `catchUp` has reached the end of the log. */
  take(events: readonly ShopEvent[]): void;
  /** Reads the log from the position to its end, then learns the events that were taken meanwhile. */
  catchUp(): Promise<void>;
}

export function createLogConsumer(
  events: Events,
  { statistics, position }: Pick<LogConsumer, 'statistics' | 'position'>,
  builtAtMs: number,
): LogConsumer {
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
      const taken = waiting;
      waiting = null;
      learn(position.news(taken));
    },
  };
}

/** Lets everything else that waits run once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
