import {
  close,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncate,
  openSync,
  write,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type LogHeader,
  markAt,
  markBytes,
  recordHeaderBytes,
  recordSeed,
  recordsAt,
  sealRecord,
  writeHeader,
  writeMark,
} from './log-file.js';

/*
 * Two files take turns. One takes records while what the other holds moves to its trees; then they swap, and
 * records overwrite the older ones from the start, which spares the file system the work of growing a file.
 */
const scratchBytesMin = 1 << 20;
export const logNames = ['wal-a', 'wal-b'] as const;
const durably = constants.O_DSYNC ?? constants.O_SYNC;
const outOfSpace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

const writeAt = promisify(write);
const truncate = promisify(ftruncate);
const closeFile = promisify(close);

/** What was acknowledged and has not reached its tree yet. Each record is durable, and whole or absent. */
export interface WriteAheadLog {
  /** The number of the last record; ascending, without gaps. */
  sequence(): number;
  /** Of the file that is written to. */
  generation(): number;
  /**
   * One at a time. When it rejects nothing of the record counts, and the next one takes its place. After a failure that is
   * not a full disk it rejects until `swap`: nobody knows what such a file holds.
   */
  append(text: string): Promise<void>;
  /** The failure after which nothing can be appended. */
  failure(): unknown;
  /** Further records go to the other file, whose records must have been released. */
  swap(): Promise<void>;
  /** Gives up the records of the file that is not written to; `empty`: also on disk. */
  release(empty: boolean): Promise<void>;
  /** Leaves no record in either file; all must have reached their trees. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

interface OpenFile {
  /** Each write is on disk when it returns. */
  readonly durable: number;
  readonly plain: number;
}

/** Opens the files for writing; `latest` is the one with the newest records. The first record needs a `swap` before it. */
export function openLog(directory: string, store: string, latest: Latest): WriteAheadLog {
  const files = logNames.map((name) => {
    const path = join(directory, name);
    const durable = openSync(path, constants.O_CREAT | constants.O_RDWR | durably, 0o600);
    fchmodSync(durable, 0o600);
    return { durable, plain: openSync(path, 'r+') };
  });
  syncDirectory(directory);
  return createLog(files, store, latest);
}

export interface Latest {
  /** Of `logNames`. */
  readonly file: number;
  readonly generation: number;
  readonly sequence: number;
}

function createLog(files: readonly OpenFile[], store: string, latest: Latest): WriteAheadLog {
  let { sequence, generation, file: current } = latest;
  let at = recordsAt;
  let seed = 0;
  let failure: unknown = new Error('no file of the write-ahead log has been begun');
  let scratch = Buffer.allocUnsafeSlow(scratchBytesMin);
  const mark = Buffer.alloc(markBytes);

  async function writeAll(file: number, bytes: Buffer, offset: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await writeAt(file, bytes, done, bytes.length - done, offset + done)).bytesWritten;
    }
  }

  function encode(text: string): Buffer {
    const bytesMax = recordHeaderBytes + text.length * 3;
    if (scratch.length < bytesMax) scratch = Buffer.allocUnsafeSlow(bytesMax);
    return sealRecord(scratch, scratch.write(text, recordHeaderBytes, 'utf8'), sequence + 1, seed);
  }

  return {
    sequence: () => sequence,
    generation: () => generation,
    failure: () => failure,
    async append(text) {
      if (failure !== null) throw failure;
      const record = encode(text);
      const file = files[current]!;
      try {
        await writeAll(file.durable, record, at);
        writeSync(
          file.plain,
          writeMark(mark, generation, sequence + 1, at + record.length),
          0,
          markBytes,
          markAt,
        );
      } catch (error) {
        // What of it got through must not come back at the next start. Where this fails too, it may.
        await truncate(file.durable, at).catch(() => undefined);
        if (!outOfSpace.has((error as NodeJS.ErrnoException).code ?? '')) failure = error;
        throw error;
      }
      sequence++;
      at += record.length;
      if (scratch.length > scratchBytesMin) scratch = Buffer.allocUnsafeSlow(scratchBytesMin);
    },
    async swap() {
      const next = 1 - current;
      const header = writeHeader({ store, generation: generation + 1, base: sequence });
      await writeAll(files[next]!.durable, fileStart(header, generation + 1, sequence), 0);
      generation++;
      current = next;
      at = recordsAt;
      seed = recordSeed(header);
      failure = null;
    },
    async release(empty) {
      if (empty) await truncate(files[1 - current]!.durable, recordsAt);
    },
    async clear() {
      await Promise.all(files.map(({ durable }) => truncate(durable, recordsAt)));
    },
    async close() {
      await Promise.all(files.flatMap(({ durable, plain }) => [closeFile(durable), closeFile(plain)]));
    },
  };
}

function fileStart(header: Buffer, generation: number, base: number): Buffer {
  const bytes = Buffer.alloc(recordsAt);
  header.copy(bytes);
  writeMark(bytes.subarray(markAt, markAt + markBytes), generation, base, recordsAt);
  return bytes;
}

/** Writes a file that holds no records. */
export function createLogFile(path: string, header: LogHeader): void {
  const file = openSync(path, constants.O_CREAT | constants.O_TRUNC | constants.O_RDWR | durably, 0o600);
  try {
    fchmodSync(file, 0o600);
    const bytes = fileStart(writeHeader(header), header.generation, header.base);
    if (writeSync(file, bytes, 0, bytes.length, 0) !== bytes.length)
      throw new Error(`${path} could not be written`);
  } finally {
    closeSync(file);
  }
}

export function syncDirectory(directory: string): void {
  const handle = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
