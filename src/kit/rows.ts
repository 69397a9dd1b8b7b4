/** Rows of something that goes on changing, read out as they were at one moment. */
export interface Rows<C> {
  /**
   * Copies of rows 0 up to `count` as they are at the call, made one by one as the iterator reaches them. One reading at a time:
   * another one ends the one before.
   */
  read(count: number): Iterable<C>;
  /** To be said before a row changes: one that is still to be read is copied first. Costs nothing otherwise. */
  changing(row: number): void;
  /** The same of all rows. */
  changingAll(): void;
}

export function createRows<C>(copy: (row: number) => C): Rows<C> {
  /** Rows from `next` up to `end` are still to be read. */
  let next = 0;
  let end = 0;
  let reading = 0;
  const early = new Map<number, C>();

  function changing(row: number): void {
    if (row >= next && row < end && !early.has(row)) early.set(row, copy(row));
  }

  return {
    read(count) {
      const own = ++reading;
      early.clear();
      next = 0;
      end = count;
      return (function* () {
        try {
          while (own === reading && next < end) {
            const row = next;
            const kept = early.has(row) ? (early.get(row) as C) : copy(row);
            early.delete(row);
            next++;
            yield kept;
          }
        } finally {
          if (own === reading) {
            end = 0;
            early.clear();
          }
        }
      })();
    },
    changing,
    changingAll() {
      for (let row = next; row < end; row++) changing(row);
    },
  };
}
