import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DamageError, requireFile } from './damage.js';
import { compareTransactions, freedPages } from './free-pages.js';
import {
  headerBytes,
  type Meta,
  metaBytes,
  newerMeta,
  readNumber,
  readTreeRecord,
  type TreeRecord,
} from './meta-page.js';
import { nodeBytes, pageLayout } from './page-layout.js';

/*
 * Reads LMDB's main file without LMDB, which trusts what it maps into memory: a damaged page ends the process with
 * SIGBUS or SIGSEGV. The format is data version 2 of liblmdb as lmdb-js builds it, for 64-bit little-endian machines.
 * A page begins with its number (8), the transaction that wrote it (8), padding (2), flags (2), and the bounds of its
 * free space (2 + 2), counted from the end of this header, or (overflow) the number of pages (4).
 */
const branchFlag = 1;
const leafFlag = 2;
const overflowFlag = 4;
/** Flags that say something about a page while a transaction holds it, and nothing in a file. */
const transientFlags = 0xe000;
const bigData = 1;
const subTree = 2;
const depthMax = 32;
const empty = Buffer.alloc(0);

export interface DataFile {
  readonly path: string;
  readonly meta: Meta;
  /** The trees by name. Throws `DamageError`. */
  trees(): ReadonlyMap<string, TreeRecord>;
  /**
   * Visits every entry of a tree in order and checks every page on the way. Key and value are valid during the call.
   * Throws `DamageError` at the first damage, unless the options take it.
   */
  walk(tree: TreeRecord, visit: (key: Buffer, value: Buffer) => void, options?: WalkOptions): void;
  /** Checks the list of free pages: none may be used by a tree that was walked, and all behind the end of the file must be listed. */
  checkFreePages(): void;
  /** Pages that no tree uses, and the transaction that freed each. */
  freePages(): readonly { readonly page: number; readonly freedBy: number }[];
  close(): void;
}

export interface WalkOptions {
  /** Takes a damaged page, and the walk goes on behind it. */
  readonly skip?: (damage: DamageError) => void;
  /** Takes entries out of order, which LMDB can read and does not find. */
  readonly disorder?: () => void;
}

/** Opens the file and checks its meta pages and its size. `metaPages`: read these instead of those in the file. */
export function openDataFile(path: string, metaPages?: Buffer): DataFile {
  requireFile(path);
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const meta = newerMeta(path, metaPages ?? readMetaPages(file, size));
    const needed = (meta.lastPage + 1) * meta.pageSize;
    // The pages at the end may be free and never written.
    return createDataFile(path, file, meta, Math.floor(Math.min(size, needed) / meta.pageSize));
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function readMetaPages(file: number, size: number): Buffer {
  const bytes = Buffer.alloc(Math.min(size, metaBytes));
  readSync(file, bytes, 0, bytes.length, 0);
  return bytes;
}

function createDataFile(path: string, file: number, meta: Meta, pages: number): DataFile {
  const { pageSize } = meta;
  const { damage, nodes, nodeAt, separator } = pageLayout(path, pageSize);
  const used = new Uint8Array(meta.lastPage < pages ? meta.lastPage + 1 : pages);
  /** One for every level, since a level is read while those above it are being walked. */
  const buffers: Buffer[] = [];
  let overflow = Buffer.alloc(0);

  function claim(page: number, from: number, count: number): void {
    if (page < 2 || page + count > used.length) {
      throw damage(from, `page ${from} names page ${page}, and the file has ${used.length}`);
    }
    for (let i = page; i < page + count; i++) {
      if (used[i] === 1) throw damage(from, `page ${from} names page ${i}, which another page names too`);
      used[i] = 1;
    }
  }

  function readPage(page: number, count: number, into: Buffer): Buffer {
    const bytes = into.subarray(0, count * pageSize);
    if (readSync(file, bytes, 0, bytes.length, page * pageSize) !== bytes.length) {
      throw damage(page, `page ${page} lies behind the end of the file`);
    }
    const number = unsigned64(bytes, 0);
    if (number !== page) throw damage(page, `page ${page} says that it is page ${number}`);
    if (unsigned64(bytes, 8) > meta.transaction) {
      throw damage(
        page,
        `page ${page} is newer than the state of the file: it was copied while it was written to`,
      );
    }
    return bytes;
  }

  function walk(
    tree: TreeRecord,
    visit: (key: Buffer, value: Buffer, flags: number) => void,
    { skip, disorder }: WalkOptions = {},
    compare: (a: Buffer, b: Buffer) => number = compareKeys,
  ): void {
    const counted = { branch: 0, leaf: 0, overflow: 0, entries: 0 };
    let last: Buffer | null = null;

    function outOfOrder(page: number, reason: string): void {
      if (!disorder) throw damage(page, reason);
      disorder();
    }

    function visitLeaf(page: number, bytes: Buffer, low: Buffer | null, high: Buffer | null): void {
      counted.leaf++;
      const end = nodes(page, bytes);
      for (let i = 0; i < end; i++) {
        const at = nodeAt(page, bytes, i);
        const flags = bytes.readUInt16LE(at + 4);
        const keyEnd = at + nodeBytes + bytes.readUInt16LE(at + 6);
        const size = bytes.readUInt32LE(at);
        const valueEnd = keyEnd + ((flags & bigData) === 0 ? size : 24);
        if (valueEnd > pageSize) throw damage(page, `entry ${i} of page ${page} reaches behind it`);
        if ((flags & ~(bigData | subTree)) !== 0)
          throw damage(page, `entry ${i} of page ${page} has flags ${flags}`);
        const key = bytes.subarray(at + nodeBytes, keyEnd);
        // Within a page the order of the entries says that those between the first and the last are in its bounds, too.
        if (
          (last !== null && compare(last, key) >= 0) ||
          (i === 0 && low !== null && compare(key, low) < 0) ||
          (i === end - 1 && high !== null && compare(key, high) >= 0)
        ) {
          outOfOrder(page, `entry ${i} of page ${page} is out of order`);
        }
        const value =
          (flags & bigData) !== 0
            ? readOverflow(page, bytes, keyEnd, size)
            : size === 0
              ? empty
              : bytes.subarray(keyEnd, valueEnd);
        counted.entries++;
        visit(key, value, flags);
        last = key;
      }
      // The next page is read into the same buffer.
      if (last !== null) last = Buffer.from(last);
    }

    function readOverflow(page: number, bytes: Buffer, at: number, size: number): Buffer {
      const first = readNumber(path, bytes, at, page * pageSize);
      const count = Math.floor((headerBytes - 1 + size) / pageSize) + 1;
      if (readNumber(path, bytes, at + 16, page * pageSize) < count) {
        throw damage(page, `page ${page} names too few overflow pages`);
      }
      claim(first, page, count);
      counted.overflow += count;
      if (overflow.length < count * pageSize) overflow = Buffer.allocUnsafe(2 * count * pageSize);
      const whole = readPage(first, count, overflow);
      if ((whole.readUInt16LE(18) & ~transientFlags) !== overflowFlag || whole.readUInt32LE(20) !== count) {
        throw damage(first, `page ${first} is not the beginning of ${count} overflow pages`);
      }
      return whole.subarray(headerBytes, headerBytes + size);
    }

    function visitPage(
      page: number,
      from: number,
      depth: number,
      low: Buffer | null,
      high: Buffer | null,
    ): void {
      claim(page, from, 1);
      const buffer = buffers[depth] ?? Buffer.allocUnsafe(pageSize);
      buffers[depth] = buffer;
      const bytes = readPage(page, 1, buffer);
      const flags = bytes.readUInt16LE(18) & ~transientFlags;
      const expected = depth === tree.depth ? leafFlag : branchFlag;
      if (flags !== expected) throw damage(page, `page ${page} has flags ${flags}; ${expected} was expected`);
      if (flags === leafFlag) visitLeaf(page, bytes, low, high);
      else visitBranch(page, bytes, depth, low, high);
    }

    function visitBranch(
      page: number,
      bytes: Buffer,
      depth: number,
      low: Buffer | null,
      high: Buffer | null,
    ): void {
      counted.branch++;
      const end = nodes(page, bytes);
      for (let i = 0; i < end; i++) {
        const at = nodeAt(page, bytes, i);
        const child =
          bytes.readUInt16LE(at) +
          bytes.readUInt16LE(at + 2) * 2 ** 16 +
          bytes.readUInt16LE(at + 4) * 2 ** 32;
        const begin = i === 0 ? low : Buffer.from(separator(page, bytes, i));
        const stop = i + 1 < end ? Buffer.from(separator(page, bytes, i + 1)) : high;
        try {
          if (begin !== null && stop !== null && compare(begin, stop) >= 0) {
            outOfOrder(page, `page ${page} names its pages out of order`);
          }
          visitPage(child, page, depth + 1, begin, stop);
        } catch (error) {
          if (!skip || !(error instanceof DamageError)) throw error;
          skip(error);
        }
      }
    }

    if (tree.root === null) {
      if (tree.entries !== 0)
        throw new DamageError(path, 0, `a tree without pages counts ${tree.entries} entries`);
      return;
    }
    if (tree.depth < 1 || tree.depth > depthMax) {
      throw damage(tree.root, `a tree is said to have ${tree.depth} levels`);
    }
    try {
      visitPage(tree.root, tree.root, 1, null, null);
    } catch (error) {
      if (!skip || !(error instanceof DamageError)) throw error;
      skip(error);
    }
    if (
      !skip &&
      (counted.branch !== tree.branchPages ||
        counted.leaf !== tree.leafPages ||
        counted.overflow !== tree.overflowPages ||
        counted.entries !== tree.entries)
    ) {
      throw damage(
        tree.root,
        `a tree holds ${counted.entries} entries on ${counted.leaf} pages, and its record says ${tree.entries} on ${tree.leafPages}`,
      );
    }
  }

  return {
    path,
    meta,
    trees() {
      // May be asked for several times.
      used.fill(0);
      const found = new Map<string, TreeRecord>();
      walk(meta.main, (key, value, flags) => {
        if ((flags & subTree) === 0) return;
        const name = key.toString('utf8').replace(/\0$/, '');
        found.set(name, readTreeRecord(path, name, value));
      });
      return found;
    },
    walk,
    checkFreePages() {
      const freed: number[] = [];
      walk(
        meta.free,
        (_, value) => {
          for (const page of freedPages(path, value, meta.lastPage)) freed.push(page);
        },
        {},
        compareTransactions,
      );
      let unwritten = 0;
      for (const page of freed) {
        if (page >= pages) unwritten++;
        if (used[page] === 1) throw damage(page, `page ${page} is listed as free and in use`);
      }
      // LMDB reserves memory for all pages up to the last one, and ends the process if that is absurd.
      const missing = Math.max(0, meta.lastPage + 1 - pages) - unwritten;
      if (missing > 0) {
        throw damage(
          pages,
          `the file ends ${missing} pages before its last page, ${meta.lastPage}, and they are not free`,
        );
      }
    },
    freePages() {
      used.fill(0);
      const found: { page: number; freedBy: number }[] = [];
      walk(
        meta.free,
        (key, value) => {
          const freedBy = Number(key.readBigUInt64LE(0));
          for (const page of freedPages(path, value, meta.lastPage)) found.push({ page, freedBy });
        },
        {},
        compareTransactions,
      );
      return found;
    },
    close: () => closeSync(file),
  };
}

/** A damaged number may be too large to be exact, and is no number of a page then either. */
function unsigned64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** The order of LMDB. `Buffer.compare` takes longer for keys as short as these, most of which is the way into native code. */
function compareKeys(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
