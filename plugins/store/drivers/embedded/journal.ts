import { close, closeSync, constants, fsyncSync, ftruncate, openSync, readFileSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

/*
 * Two files take turns. One takes records while what the other holds moves to its trees; then they swap, and
 * records overwrite the older ones from the start, which spares the file system the work of growing a file.
 * A record: bytes of text (4), CRC-32 of all that follows (4), sequence number (8, a double), UTF-8 text.
 */
const headerBytes = 16;
const scratchBytesMin = 1 << 20;
const names = ['journal-a', 'journal-b'] as const;
const durably = constants.O_DSYNC ?? constants.O_SYNC;

const writeAt = promisify(write);
const truncate = promisify(ftruncate);
const closeFile = promisify(close);

export interface JournalRecord {
  readonly sequence: number;
  readonly text: string;
}

/** What was acknowledged and has not reached its tree yet. Each record is durable, and whole or absent. */
export interface Journal {
  /** The number of the last record; ascending, with gaps where one failed. */
  sequence(): number;
  /** One at a time. When it rejects nothing of the record counts, and the next one takes its place. */
  append(text: string): Promise<void>;
  /** Further records go to the other file, whose records must have been released. */
  swap(): void;
  /** Gives up the records of the file that is not written to; `empty`: also on disk. */
  release(empty: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Reads what is newer than `applied`, oldest first, and starts over behind it. */
export function openJournal(
  directory: string,
  applied: number,
): { readonly records: JournalRecord[]; readonly journal: Journal } {
  const paths = names.map((name) => join(directory, name));
  const records = paths.flatMap((path) => readRecords(path)).sort((a, b) => a.sequence - b.sequence);
  const newer = records.filter(({ sequence }) => sequence > applied);
  const files = paths.map((path) => openSync(path, constants.O_CREAT | constants.O_RDWR | durably, 0o600));
  syncDirectory(directory);
  return { records: newer, journal: createJournal(files, newer.at(-1)?.sequence ?? applied) };
}

function createJournal(files: readonly number[], last: number): Journal {
  let sequence = last;
  let current = 0;
  let at = 0;
  let scratch = Buffer.allocUnsafeSlow(scratchBytesMin);

  function encode(text: string): Buffer {
    const bytesMax = headerBytes + text.length * 3;
    if (scratch.length < bytesMax) scratch = Buffer.allocUnsafeSlow(bytesMax);
    const bytes = scratch.write(text, headerBytes, 'utf8');
    scratch.writeUInt32LE(bytes, 0);
    scratch.writeDoubleLE(sequence + 1, 8);
    const record = scratch.subarray(0, headerBytes + bytes);
    scratch.writeUInt32LE(crc32(record.subarray(8)), 4);
    return record;
  }

  return {
    sequence: () => sequence,
    async append(text) {
      const record = encode(text);
      const file = files[current]!;
      // A number is never given twice: not even to the record that follows one that failed.
      sequence++;
      try {
        for (let done = 0; done < record.length; ) {
          done += (await writeAt(file, record, done, record.length - done, at + done)).bytesWritten;
        }
      } catch (error) {
        // What of it got through must not come back at the next start. Where this fails too, it may.
        await truncate(file, at).catch(() => undefined);
        throw error;
      }
      at += record.length;
      if (scratch.length > scratchBytesMin) scratch = Buffer.allocUnsafeSlow(scratchBytesMin);
    },
    swap() {
      current = 1 - current;
      at = 0;
    },
    async release(empty) {
      if (empty) await truncate(files[1 - current]!, 0);
    },
    async close() {
      await Promise.all(files.map((file) => closeFile(file)));
    },
  };
}

/** Up to the first that is torn, or older than the one before it: that one is left from the file's turn before. */
function readRecords(path: string): JournalRecord[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const records: JournalRecord[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32LE(at);
    if (end > bytes.length || crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) break;
    const sequence = bytes.readDoubleLE(at + 8);
    if (sequence <= (records.at(-1)?.sequence ?? 0)) break;
    records.push({ sequence, text: bytes.toString('utf8', at + headerBytes, end) });
    at = end;
  }
  return records;
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
