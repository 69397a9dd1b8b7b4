import { DamageError } from './damage.js';

/** Of a page of LMDB; `data-file.ts` says what it holds. */
export const headerBytes = 24;
const magic = 0xbeefc0de;
const dataVersion = 2;
const metaFlag = 8;
const noPage = 0xffff_ffff_ffff_ffffn;
const treeBytes = 48;
/** Flags of the tree of free pages, whose keys are integers. All other trees have none. */
const freeTreeFlags = 8;
/** Flags of the environment among those. Files of earlier releases were written with overlapping sync. */
const environmentFlags = 0x1000;
/** Two pages of the largest size. */
export const metaBytes = 2 * 65_536;

/** A tree as its record describes it. */
export interface TreeRecord {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** null: empty. */
  readonly root: number | null;
}

/** One of the two meta pages; the newer one is the state of the file. */
export interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  readonly free: TreeRecord;
  readonly main: TreeRecord;
}

export function newerMeta(path: string, bytes: Buffer): Meta {
  const first = readMeta(path, bytes, 0);
  const second = readMeta(path, bytes, first.pageSize);
  if (second.pageSize !== first.pageSize) {
    throw new DamageError(
      path,
      first.pageSize,
      `names a page size of ${second.pageSize} and not ${first.pageSize}`,
    );
  }
  return second.transaction > first.transaction ? second : first;
}

function readMeta(path: string, bytes: Buffer, at: number): Meta {
  const body = at + headerBytes;
  if (bytes.length < body + 24 + 2 * treeBytes + 24) {
    throw new DamageError(path, bytes.length, 'ends within its meta pages');
  }
  if (bytes.readUInt16LE(at + 18) !== metaFlag || bytes.readUInt32LE(body) !== magic) {
    throw new DamageError(path, at, 'is not a data file of LMDB: a meta page was expected');
  }
  const version = bytes.readUInt32LE(body + 4) & 0xffff;
  if (version !== dataVersion) {
    throw new DamageError(path, body + 4, `is of data version ${version}; this release reads ${dataVersion}`);
  }
  const pageSize = bytes.readUInt32LE(body + 24);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw new DamageError(path, body + 24, `names a page size of ${pageSize}`);
  }
  const trees = body + 24;
  return {
    pageSize,
    free: readTree(path, bytes, trees, at + trees, freeTreeFlags),
    main: readTree(path, bytes, trees + treeBytes, at + trees + treeBytes, 0),
    lastPage: readNumber(path, bytes, trees + 2 * treeBytes, at),
    transaction: readNumber(path, bytes, trees + 2 * treeBytes + 8, at),
  };
}

/** Reads the record of a named tree. */
export function readTreeRecord(path: string, name: string, value: Buffer): TreeRecord {
  if (value.length !== treeBytes)
    throw new DamageError(path, 0, `the record of tree ${name} has ${value.length} bytes`);
  return readTree(path, value, 0, 0, 0);
}

function readTree(path: string, bytes: Buffer, at: number, offset: number, expected: number): TreeRecord {
  const flags = bytes.readUInt16LE(at + 4) & ~(expected === freeTreeFlags ? environmentFlags : 0);
  if (flags !== expected) {
    throw new DamageError(path, offset, `a tree has flags ${flags}; ${expected} was expected`);
  }
  const root = bytes.readBigUInt64LE(at + 40);
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readNumber(path, bytes, at + 8, offset),
    leafPages: readNumber(path, bytes, at + 16, offset),
    overflowPages: readNumber(path, bytes, at + 24, offset),
    entries: readNumber(path, bytes, at + 32, offset),
    root: root === noPage ? null : readNumber(path, bytes, at + 40, offset),
  };
}

export function readNumber(path: string, bytes: Buffer, at: number, offset: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new DamageError(path, offset, `holds the number ${value}`);
  return value;
}
