import { DamageError } from './damage.js';

/** Order of the tree of free pages, whose keys are the transactions that freed them. */
export function compareTransactions(a: Buffer, b: Buffer): number {
  return Number(a.readBigUInt64LE(0) - b.readBigUInt64LE(0));
}

/**
 * The pages that an entry of the tree of free pages lists. Throws `DamageError` if the list is cut off, or names a page that does not exist:
 * outside of 2 to `lastPage`.
 */
export function freedPages(path: string, value: Buffer, lastPage: number): number[] {
  const count = Number(value.readBigUInt64LE(0));
  if ((count + 1) * 8 > value.length) throw new DamageError(path, 0, 'the list of free pages is cut off');
  const freed: number[] = [];
  for (let i = 1; i <= count; i++) {
    const entry = Number(value.readBigInt64LE(i * 8));
    if (entry === 0) continue;
    if (entry < 0 && i === count) throw new DamageError(path, 0, 'the list of free pages is cut off');
    // A negative number is the length of a run; its first page follows.
    const first = entry < 0 ? Number(value.readBigInt64LE(++i * 8)) : entry;
    const length = entry < 0 ? -entry : 1;
    // Checked before it is counted through: a damaged length may be that of a file of petabytes.
    if (!(first >= 2 && first + length - 1 <= lastPage)) {
      throw new DamageError(
        path,
        0,
        `pages ${first} to ${first + length - 1} are listed as free and do not exist`,
      );
    }
    for (let page = first; page < first + length; page++) freed.push(page);
  }
  return freed;
}
