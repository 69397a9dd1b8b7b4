import type { Product } from '../../src/ports/catalog.js';

type Page = readonly Product[];
export type StartReader = (pages: AsyncIterable<Page>) => Promise<void>;

/** Those who need all products at the start, so that the store is read once for all of them. */
export interface StartReaders {
  add(reader: StartReader): void;
  /** Passes each page to all readers. The next is read when all have taken the last one. Rejects if one of the readers does. */
  read(pages: AsyncIterable<Page>): Promise<void>;
}

export function createStartReaders(): StartReaders {
  const readers: StartReader[] = [];
  return {
    add: (reader) => void readers.push(reader),
    async read(pages) {
      const failures: unknown[] = [];
      const running = readers.map((reader) => {
        const handover = createHandover();
        const done = reader(handover.pages)
          .catch((error: unknown) => void failures.push(error))
          .finally(handover.leave);
        return { handover, done };
      });
      try {
        for await (const page of pages) {
          await Promise.all(running.map(({ handover }) => handover.give(page)));
          if (failures.length > 0) break;
        }
      } finally {
        for (const { handover } of running) handover.end();
        await Promise.all(running.map(({ done }) => done));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Pages that one side gives and the other iterates, one at a time. */
function createHandover() {
  let left = false;
  let ended = false;
  let take: ((result: IteratorResult<Page>) => void) | null = null;
  let requested = (): void => undefined;

  function leave(): void {
    left = true;
    requested();
  }

  const iterator: AsyncIterator<Page> = {
    next: () =>
      new Promise((resolve) => {
        if (ended) resolve({ done: true, value: undefined });
        else take = resolve;
        requested();
      }),
    async return() {
      leave();
      return { done: true, value: undefined };
    },
  };

  /** Resolves when the reader waits for a page, or has left. */
  const untilRequested = (): Promise<void> | void => {
    if (take || left) return;
    return new Promise((resolve) => {
      requested = resolve;
    });
  };

  return {
    pages: { [Symbol.asyncIterator]: () => iterator },
    leave,
    /** Resolves when the reader has requested the next page. */
    async give(page: Page): Promise<void> {
      await untilRequested();
      if (left) return;
      take?.({ done: false, value: page });
      take = null;
      await untilRequested();
    },
    end(): void {
      ended = true;
      take?.({ done: true, value: undefined });
      take = null;
    },
  };
}
