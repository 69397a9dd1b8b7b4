import { grownInt32, resizedInt32 } from './grown-arrays.js';

/**
 * Many short growing lists of 32-bit integers in one array. A list of n numbers occupies a block of the smallest size that holds
 * it. A full block's list moves to a larger block, and the former block is reused. Block sizes grow by at most a half, so about an
 * eighth of the memory is unused.
 */
export interface BlockArena {
  /** The numbers. Read it anew after every `append`: growing replaces it. */
  cells: Int32Array;
  /** Room for a list of so many; returns where it starts. */
  allocate(length: number): number;
  /** Makes room for one more behind the `length` numbers at `start`; returns where the list starts now. */
  extend(start: number, length: number): number;
  /** Gives the block of a list of `length` numbers back. */
  free(start: number, length: number): void;
  /** Makes room for so many numbers at once, where it is known how many there will be. */
  reserve(cells: number): void;
  bytes(): number;
}

/** Lists hold at most `lengthMax` numbers. The caller must not extend a list beyond that. */
export function createBlockArena(lengthMax: number): BlockArena {
  const sizes = blockSizes(lengthMax);
  const classOf = new Uint8Array(lengthMax + 1);
  for (let length = 1, kind = 0; length <= lengthMax; length++) {
    if (length > sizes[kind]!) kind++;
    classOf[length] = kind;
  }
  const freeHeads = new Int32Array(sizes.length).fill(-1);
  let used = 0;

  const take = (kind: number): number => {
    const head = freeHeads[kind]!;
    if (head >= 0) {
      freeHeads[kind] = arena.cells[head]!;
      return head;
    }
    const start = used;
    used += sizes[kind]!;
    if (used > arena.cells.length) arena.cells = grownInt32(arena.cells, used);
    return start;
  };
  const give = (start: number, kind: number): void => {
    arena.cells[start] = freeHeads[kind]!;
    freeHeads[kind] = start;
  };

  const arena: BlockArena = {
    cells: new Int32Array(1024),
    allocate: (length) => take(classOf[length]!),
    extend(start, length) {
      const kind = classOf[length]!;
      if (length < sizes[kind]!) return start;
      const next = take(classOf[length + 1]!);
      arena.cells.copyWithin(next, start, start + length);
      give(start, kind);
      return next;
    },
    free: (start, length) => give(start, classOf[length]!),
    reserve(cells) {
      if (cells > arena.cells.length) arena.cells = resizedInt32(arena.cells, cells);
    },
    bytes: () => arena.cells.byteLength,
  };
  return arena;
}

function blockSizes(lengthMax: number): number[] {
  const sizes = [1];
  for (let power = 2; power < lengthMax; power *= 2) {
    sizes.push(power);
    if (power * 1.5 < lengthMax && power * 1.5 === Math.floor(power * 1.5)) sizes.push(power * 1.5);
  }
  if (lengthMax > 1) sizes.push(lengthMax);
  return sizes;
}
