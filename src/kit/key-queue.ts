interface Waiting<T> {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Does work on one key after the other work on it, and what has gathered meanwhile together. */
export interface KeyQueue<T> {
  /** Resolves when the items are done. Rejects with `tooMany` if too many calls are waiting. */
  add(key: string, items: readonly T[]): Promise<void>;
}

/** `work` gets the items of one or more calls in their order, at most `itemsMax` unless one call has more. */
export function createKeyQueue<T>(options: {
  readonly itemsMax: number;
  /** Calls that may wait for one key. */
  readonly waitingMax: number;
  readonly tooMany: (waiting: number) => Error;
  readonly work: (key: string, items: readonly T[]) => Promise<void>;
}): KeyQueue<T> {
  const { itemsMax, waitingMax, tooMany, work } = options;
  const lines = new Map<string, Waiting<T>[]>();

  /** The calls that are done together next. */
  function take(line: Waiting<T>[]): Waiting<T>[] {
    let count = 1;
    for (let items = line[0]!.items.length; count < line.length; count++) {
      items += line[count]!.items.length;
      if (items > itemsMax) break;
    }
    return line.splice(0, count);
  }

  async function run(key: string, line: Waiting<T>[]): Promise<void> {
    while (line.length > 0) {
      const calls = take(line);
      try {
        await work(
          key,
          calls.flatMap(({ items }) => items),
        );
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    lines.delete(key);
  }

  return {
    add(key, items) {
      const waiting = lines.get(key);
      if (waiting !== undefined && waiting.length >= waitingMax)
        return Promise.reject(tooMany(waiting.length));
      return new Promise((resolve, reject) => {
        const line = waiting ?? [];
        line.push({ items, resolve, reject });
        if (waiting !== undefined) return;
        lines.set(key, line);
        void run(key, line);
      });
    },
  };
}
