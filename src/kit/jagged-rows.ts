import { ensureCapacity } from './ensure-capacity.js';
import type { Sliced } from './slices.js';

/** Rows of numbers of different lengths by row number, each replaced as a whole. */
export interface JaggedRows {
  /** The block that `start` and `end` of a row point into. Read it anew after every `set`. */
  readonly pool: (row: number) => Uint32Array;
  start(row: number): number;
  end(row: number): number;
  set(row: number, values: ArrayLike<number>, count?: number): void;
  /** A copy of everything. */
  save(): Sliced<StoredJaggedRows>;
  bytes(): number;
}

export type StoredJaggedRows = {
  readonly rows: number;
  readonly lastUsed: number;
  readonly blocks: readonly Uint32Array<ArrayBuffer>[];
  readonly blockOf: Uint32Array<ArrayBuffer>;
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly capacities: Uint32Array<ArrayBuffer>;
};

/** Rows are in blocks, so that nothing is ever copied to make room. The first ones are shorter: most shops are small. */
const blockLength = 1 << 16;
const firstBlockLength = 1 << 10;
const blocksPerSlice = 8;

const noBlock = new Uint32Array(0);

/** `stored`: the rows begin as they were saved. */
export function createJaggedRows(stored?: StoredJaggedRows): JaggedRows {
  const blocks: Uint32Array<ArrayBuffer>[] = [...(stored?.blocks ?? [])];
  let lastUsed = stored?.lastUsed ?? 0;
  let blockOf = stored?.blockOf ?? new Uint32Array(64);
  let starts = stored?.starts ?? new Uint32Array(64);
  let counts = stored?.counts ?? new Uint32Array(64);
  /** The number of values that a row has room for. */
  let capacities = stored?.capacities ?? new Uint32Array(64);
  let rows = stored?.rows ?? 0;
  /** Places that rows have outgrown, by their capacity: block and start in turns. */
  const free = new Map<number, number[]>();

  function place(row: number, count: number): void {
    const capacity = Math.max(4, Math.ceil(count / 4) * 4);
    const old = capacities[row]!;
    if (old > 0) {
      const freed = free.get(old) ?? [];
      freed.push(blockOf[row]!, starts[row]!);
      free.set(old, freed);
    }
    capacities[row] = capacity;
    const again = free.get(capacity);
    if (again && again.length > 0) {
      starts[row] = again.pop()!;
      blockOf[row] = again.pop()!;
      return;
    }
    if (lastUsed + capacity > (blocks.at(-1)?.length ?? 0)) {
      const length = Math.min(blockLength, firstBlockLength * 4 ** blocks.length);
      blocks.push(new Uint32Array(Math.max(length, capacity)));
      lastUsed = 0;
    }
    blockOf[row] = blocks.length - 1;
    starts[row] = lastUsed;
    lastUsed += capacity;
  }

  return {
    pool: (row) => (row < rows ? (blocks[blockOf[row]!] ?? noBlock) : noBlock),
    start: (row) => (row < rows ? starts[row]! : 0),
    end: (row) => (row < rows ? starts[row]! + counts[row]! : 0),
    set(row, values, count = values.length) {
      starts = ensureCapacity(Uint32Array, starts, row + 1);
      counts = ensureCapacity(Uint32Array, counts, row + 1);
      blockOf = ensureCapacity(Uint32Array, blockOf, row + 1);
      capacities = ensureCapacity(Uint32Array, capacities, row + 1);
      if (row >= rows) rows = row + 1;
      if (count > capacities[row]!) place(row, count);
      const start = starts[row]!;
      const block = blocks[blockOf[row]!] ?? noBlock;
      for (let i = 0; i < count; i++) block[start + i] = values[i]!;
      counts[row] = count;
    },
    *save() {
      const copies: Uint32Array<ArrayBuffer>[] = [];
      for (const [i, block] of blocks.entries()) {
        if (i % blocksPerSlice === blocksPerSlice - 1) yield;
        copies.push(block.slice());
      }
      return {
        rows,
        lastUsed,
        blocks: copies,
        blockOf: blockOf.slice(0, rows),
        starts: starts.slice(0, rows),
        counts: counts.slice(0, rows),
        capacities: capacities.slice(0, rows),
      };
    },
    bytes: () => 4 * (blocks.reduce((sum, block) => sum + block.length, 0) + 4 * starts.length),
  };
}
