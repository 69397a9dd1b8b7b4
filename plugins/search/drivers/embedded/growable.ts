/** Typed arrays that are written past their end by growing first: each doubles, so that growth costs nothing on average. */

function capacityFor(length: number, needed: number): number {
  return Math.max(64, needed, length * 2);
}

export function grownBytes(array: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const grown = new Uint8Array(capacityFor(array.length, needed));
  grown.set(array);
  return grown;
}

export function grownNumbers(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const grown = new Uint32Array(capacityFor(array.length, needed));
  grown.set(array);
  return grown;
}

export function grownFloats(array: Float32Array<ArrayBuffer>, needed: number): Float32Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const grown = new Float32Array(capacityFor(array.length, needed));
  grown.set(array);
  return grown;
}

export function grownDoubles(array: Float64Array<ArrayBuffer>, needed: number): Float64Array<ArrayBuffer> {
  if (needed <= array.length) return array;
  const grown = new Float64Array(capacityFor(array.length, needed));
  grown.set(array);
  return grown;
}

/** Rows of numbers of different lengths by row number, each replaced as a whole; what replacing leaves behind is reclaimed. */
export interface Rows {
  /** The pool that `start` and `end` point into; asked for anew after every `set`. */
  readonly pool: () => Uint32Array;
  start(row: number): number;
  end(row: number): number;
  set(row: number, values: ArrayLike<number>, count?: number): void;
  bytes(): number;
}

export function createRows(): Rows {
  let pool = new Uint32Array(1024);
  let starts = new Uint32Array(64);
  let counts = new Uint32Array(64);
  let rows = 0;
  let used = 0;
  let wasted = 0;

  function reclaim(): void {
    const kept = new Uint32Array(Math.max(1024, Math.ceil((used - wasted) * 1.5)));
    let at = 0;
    for (let row = 0; row < rows; row++) {
      const start = starts[row]!;
      const count = counts[row]!;
      kept.set(pool.subarray(start, start + count), at);
      starts[row] = at;
      at += count;
    }
    pool = kept;
    used = at;
    wasted = 0;
  }

  return {
    pool: () => pool,
    start: (row) => (row < rows ? starts[row]! : 0),
    end: (row) => (row < rows ? starts[row]! + counts[row]! : 0),
    set(row, values, count = values.length) {
      starts = grownNumbers(starts, row + 1);
      counts = grownNumbers(counts, row + 1);
      if (row >= rows) rows = row + 1;
      wasted += counts[row]!;
      if (count <= counts[row]!) {
        wasted -= count;
      } else {
        if (wasted > used / 2 && wasted > 1_000_000) {
          counts[row] = 0;
          reclaim();
        }
        pool = grownNumbers(pool, used + count);
        starts[row] = used;
        used += count;
      }
      const start = starts[row]!;
      for (let i = 0; i < count; i++) pool[start + i] = values[i]!;
      counts[row] = count;
    },
    bytes: () => 4 * (pool.length + starts.length + counts.length),
  };
}
