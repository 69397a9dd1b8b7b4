import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import type { Checkpointer } from './checkpointer.js';
import { openDataFile } from './data-file.js';
import { dataFileName, type Environment } from './environment.js';
import { headerBytes, type Meta, newerMeta } from './meta-page.js';
import { nodeBytes, pageLayout } from './page-layout.js';
import { readMetaPages } from './snapshots.js';
import { unavailable } from './writer.js';

const againMs = 5_000;
const chunkBytes = 1 << 20;
const zeros = Buffer.alloc(chunkBytes);
const branchFlag = 1;
const leafFlag = 2;
const bigData = 1;
const subTree = 2;
/** Pages that are looked at in one turn of the event loop: about a millisecond. */
const pagesPerTurn = 256;
/** Free pages that are overwritten while no transaction can begin: some milliseconds. */
const freePagesPerTurn = 1_024;

/**
 * Overwrites what LMDB leaves of removed and replaced documents: it neither clears pages that it frees, nor the free space within pages. A page
 * that is in use is changed in its free space only, which nobody reads; pages of the state that is held are not written to meanwhile. Free
 * pages are overwritten while no transaction can take them. Returns the number of free pages that a reader may still need.
 */
export async function scrubDataFile(directory: string, environment: Environment): Promise<number> {
  const path = join(directory, dataFileName);
  // The pages that the last two transactions freed belong to states that LMDB may go back to after a crash.
  for (let i = 0; i < 2; i++) await environment.commit(() => environment.noteScrub());
  const file = openSync(path, 'r+');
  try {
    await clearFreeSpace(path, file, directory, environment);
    let held = 0;
    let from: number | null = 0;
    while (from !== null) {
      const begin: number = from;
      environment.exclusively(() => {
        const found = clearFreePages(path, file, environment, begin);
        held += found.held;
        from = found.next;
      });
      await nextTurn();
    }
    fsyncSync(file);
    return held;
  } finally {
    closeSync(file);
  }
}

export interface Scrub {
  scrub(): Promise<void>;
  /** Waits for the one that runs, which uses the environment. */
  close(): Promise<void>;
}

/**
 * The same after all that is pending has left the log. Calls that come while one runs share the next one. While a reader, such as a backup, holds
 * an older state, it is tried again.
 */
export function createScrub(
  directory: string,
  environment: Environment,
  checkpointer: Pick<Checkpointer, 'moveAndClear'>,
  { clock, log }: Pick<Host, 'clock' | 'log'>,
): Scrub {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let waiting = false;
  let cancelWaiting = (): void => undefined;
  let isClosed = false;

  async function run(): Promise<void> {
    await checkpointer.moveAndClear();
    const held = await scrubDataFile(directory, environment);
    if (held === 0 || waiting || isClosed) return;
    waiting = true;
    cancelWaiting = clock.after(againMs, () => {
      waiting = false;
      scrub().catch((error: unknown) => {
        log.error('remains of removed documents could not be overwritten', { err: describeError(error) });
      });
    });
  }

  async function scrub(): Promise<void> {
    if (isClosed) throw unavailable('it is closed');
    if (running === null) {
      running = run().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return scrub();
      });
    return next;
  }
  return {
    scrub,
    async close() {
      isClosed = true;
      cancelWaiting();
      await running?.catch(() => undefined);
    },
  };
}

/** Clears the space between the entries of each page in use, and behind the value in overflow pages. */
async function clearFreeSpace(
  path: string,
  file: number,
  directory: string,
  environment: Environment,
): Promise<void> {
  const { release, metaPages } = environment.holdState(() => readMetaPages(directory));
  try {
    let pages = 0;
    for (const { from, end } of freeSpaces(path, file, newerMeta(path, metaPages))) {
      clear(file, from, end);
      if (++pages % pagesPerTurn === 0) await nextTurn();
    }
  } finally {
    release();
  }
}

interface Space {
  readonly from: number;
  readonly end: number;
}

function* freeSpaces(path: string, file: number, meta: Meta): Generator<Space> {
  const { pageSize } = meta;
  const { nodes, nodeAt, damage } = pageLayout(path, pageSize);
  const open = [meta.free.root, meta.main.root].filter((root) => root !== null);
  while (open.length > 0) {
    const page = open.pop()!;
    const bytes = read(file, page * pageSize, pageSize);
    const flags = bytes.readUInt16LE(18) & (branchFlag | leafFlag);
    if (flags !== branchFlag && flags !== leafFlag)
      throw damage(page, `page ${page} is neither a branch nor a leaf`);
    const count = nodes(page, bytes);
    const start = page * pageSize + headerBytes;
    yield { from: start + bytes.readUInt16LE(20), end: start + bytes.readUInt16LE(22) };
    for (let i = 0; i < count; i++) {
      const at = nodeAt(page, bytes, i);
      if (flags === branchFlag) {
        open.push(bytes.readUIntLE(at, 6));
        continue;
      }
      const kind = bytes.readUInt16LE(at + 4);
      const valueAt = at + nodeBytes + bytes.readUInt16LE(at + 6);
      if ((kind & subTree) !== 0) {
        const root = bytes.readBigUInt64LE(valueAt + 40);
        if (root <= BigInt(meta.lastPage)) open.push(Number(root));
      } else if ((kind & bigData) !== 0) {
        const first = Number(bytes.readBigUInt64LE(valueAt));
        const overflow = read(file, first * pageSize, headerBytes);
        const begin = first * pageSize;
        yield {
          from: begin + headerBytes + bytes.readUInt32LE(at),
          end: begin + overflow.readUInt32LE(20) * pageSize,
        };
      }
    }
  }
}

/** Clears some free pages from a page on. To be called while no transaction can begin. `next`: where to go on; null: at the end. */
function clearFreePages(
  path: string,
  file: number,
  environment: Environment,
  from: number,
): { readonly next: number | null; readonly held: number } {
  const data = openDataFile(path);
  try {
    const { pageSize, lastPage, transaction } = data.meta;
    const free = data.freePages().filter(({ page }) => page >= from);
    free.sort((a, b) => a.page - b.page);
    const some = free.slice(0, freePagesPerTurn);
    const untilTransaction = Math.min(transaction - 1, environment.oldestReader() ?? transaction);
    let held = 0;
    for (const { page, freedBy } of some) {
      if (freedBy > untilTransaction) held++;
      else clear(file, page * pageSize, (page + 1) * pageSize);
    }
    const next = free[some.length]?.page ?? null;
    // Behind the last page an aborted transaction may have written.
    if (next === null) clear(file, (lastPage + 1) * pageSize, fstatSync(file).size);
    return { next, held };
  } finally {
    data.close();
  }
}

function read(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  return bytes;
}

/** Writes zeros unless there is nothing else. */
function clear(file: number, from: number, end: number): void {
  const size = fstatSync(file).size;
  for (let at = from; at < Math.min(end, size); at += chunkBytes) {
    const bytes = read(file, at, Math.min(chunkBytes, Math.min(end, size) - at));
    if (bytes.equals(zeros.subarray(0, bytes.length))) continue;
    bytes.fill(0);
    writeSync(file, bytes, 0, bytes.length, at);
  }
}
