/** A stream of the topics that changed. */
type TopicStream = AsyncIterableIterator<string>;

/**
 * Streams of changes by topic. What waits in a stream is a set of its own topics, so that many changes of one while a client is slow become
 * one, and a stream holds no more than what it was opened for.
 */
export interface Topics {
  /** `changed`: topics that the stream begins with, so that a client which connects again has missed nothing. */
  subscribe(topics: readonly string[], changed?: readonly string[]): TopicStream;
  /** `topics`: the names of one change. A stream of several of them gets the first. */
  publish(...topics: readonly string[]): void;
}

export function createTopics(): Topics {
  const streams = new Map<string, Set<(topic: string) => void>>();

  function subscribe(topics: readonly string[], changed: readonly string[] = []): TopicStream {
    const waiting = new Set(changed);
    let resume: ((result: IteratorResult<string>) => void) | null = null;
    let isOver = false;
    const push = (topic: string): void => {
      if (resume) {
        const resolve = resume;
        resume = null;
        resolve({ done: false, value: topic });
      } else waiting.add(topic);
    };
    for (const topic of topics) {
      const known = streams.get(topic);
      if (known) known.add(push);
      else streams.set(topic, new Set([push]));
    }
    return {
      next() {
        const [topic] = waiting;
        if (isOver) return Promise.resolve({ done: true, value: undefined });
        if (topic === undefined)
          return new Promise((resolve) => {
            resume = resolve;
          });
        waiting.delete(topic);
        return Promise.resolve({ done: false, value: topic });
      },
      async return() {
        isOver = true;
        for (const topic of topics) {
          const known = streams.get(topic);
          known?.delete(push);
          if (known?.size === 0) streams.delete(topic);
        }
        resume?.({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return {
    subscribe,
    publish(...topics) {
      const reached = new Set<(topic: string) => void>();
      for (const topic of topics) {
        for (const push of streams.get(topic) ?? []) {
          if (reached.has(push)) continue;
          reached.add(push);
          push(topic);
        }
      }
    },
  };
}
