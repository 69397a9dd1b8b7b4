import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DamageError } from './damage.js';

/*
 * A file of the write-ahead log.
 * Header, 64 bytes: magic (16), id of the store (16), generation (8), number of the last record before this file (8),
 * nothing (12), CRC-32 of these (4).
 * Mark, at 512: generation (8), number (8) and end (8) of the last acknowledged record, CRC-32 (4). It is written
 * after each record and not flushed: it survives the process and not the machine.
 * Records, from 1024: magic (4), bytes of text (4), number (8), CRC-32 of the header of this file, length, number and text
 * (4), UTF-8 text. UTF-8 never holds a byte of the magic, so a record is found behind a damaged one.
 * Numbers are doubles, little-endian.
 */
const fileMagic = Buffer.from('rapport-wal-1\0\0\0', 'latin1');
const recordMagic = Buffer.from([0xff, 0xfe, 0xfd, 0xfc]);
export const headerBytes = 64;
export const markAt = 512;
export const markBytes = 28;
export const recordsAt = 1_024;
export const recordHeaderBytes = 20;
export const storeIdBytes = 16;

export interface LogHeader {
  /** Hexadecimal. */
  readonly store: string;
  /** One more for each turn of a file. */
  readonly generation: number;
  /** The number of the last record before this file. */
  readonly base: number;
}

export interface LogRecord {
  readonly sequence: number;
  readonly text: string;
}

export function writeHeader({ store, generation, base }: LogHeader): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  fileMagic.copy(bytes);
  bytes.write(store, 16, storeIdBytes, 'hex');
  bytes.writeDoubleLE(generation, 32);
  bytes.writeDoubleLE(base, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/** What the checksums of a file's records begin with: a record of another file, or turn, does not pass for one. */
export function recordSeed(header: Buffer): number {
  return crc32(header);
}

export function writeMark(into: Buffer, generation: number, sequence: number, end: number): Buffer {
  into.writeDoubleLE(generation, 0);
  into.writeDoubleLE(sequence, 8);
  into.writeDoubleLE(end, 16);
  into.writeUInt32LE(crc32(into.subarray(0, 24)), 24);
  return into;
}

/** Puts a record's header in front of text that is in `into` from `recordHeaderBytes` on. */
export function sealRecord(into: Buffer, textBytes: number, sequence: number, seed: number): Buffer {
  const record = into.subarray(0, recordHeaderBytes + textBytes);
  recordMagic.copy(record);
  record.writeUInt32LE(textBytes, 4);
  record.writeDoubleLE(sequence, 8);
  record.writeUInt32LE(recordChecksum(record, seed), 16);
  return record;
}

function recordChecksum(record: Buffer, seed: number): number {
  return crc32(record.subarray(recordHeaderBytes), crc32(record.subarray(4, 16), seed));
}

/** A file whose header is whole. */
export interface LogFile {
  readonly path: string;
  readonly header: LogHeader;
  /** Throws `DamageError` where what is found cannot come from a crash alone; see the README. */
  read(): LogContent;
}

export interface LogContent {
  readonly records: readonly LogRecord[];
  /** Where the first thing lies that is no record; the end of the file, if nothing. */
  readonly end: number;
  /** The last record was begun and not completed. */
  readonly torn: boolean;
}

/** Throws `DamageError` unless the file is there and its header is whole. */
export function openLogFile(path: string): LogFile {
  const bytes = readBytes(path);
  const header = readHeader(path, bytes);
  return { path, header, read: () => readContent(path, bytes, header) };
}

function readContent(path: string, bytes: Buffer, header: LogHeader): LogContent {
  const seed = recordSeed(bytes.subarray(0, headerBytes));
  const records: LogRecord[] = [];
  let at = recordsAt;
  let sequence = header.base;
  for (;;) {
    const record = readRecord(bytes, at, seed);
    if (record === null || record.sequence !== sequence + 1) break;
    records.push(record);
    sequence++;
    at = record.end;
  }
  const acknowledged = readMark(path, bytes, header);
  if (acknowledged > sequence) {
    throw new DamageError(
      path,
      at,
      `record ${sequence + 1} is damaged; records up to ${acknowledged} were acknowledged`,
    );
  }
  const behind = nextRecord(bytes, at + 1, seed, sequence);
  if (behind) {
    throw new DamageError(
      path,
      at,
      `record ${sequence + 1} is damaged; record ${behind.sequence} behind it, at byte ${behind.at}, is whole`,
    );
  }
  // What is left from an earlier turn of the file begins with a record of a number up to those of this one.
  const begun = bytes.subarray(at, at + recordMagic.length).equals(recordMagic);
  const torn = begun && at + 16 <= bytes.length && bytes.readDoubleLE(at + 8) === sequence + 1;
  return { records, end: at, torn };
}

export interface Salvage {
  /** null: the file is missing, or its header is damaged, and then no record can be told from those of another file. */
  readonly header: LogHeader | null;
  readonly records: readonly LogRecord[];
  /** How many bytes belong to no whole record. */
  readonly droppedBytes: number;
}

/** Every whole record of a file, whatever lies between them. */
export function salvageRecords(path: string): Salvage {
  if (!existsSync(path)) return { header: null, records: [], droppedBytes: 0 };
  const bytes = readFileSync(path);
  let header: LogHeader;
  try {
    header = readHeader(path, bytes);
  } catch {
    return { header: null, records: [], droppedBytes: bytes.length };
  }
  const seed = recordSeed(bytes.subarray(0, headerBytes));
  const records: LogRecord[] = [];
  let dropped = 0;
  let at = recordsAt;
  for (;;) {
    const next = nextRecord(bytes, at, seed, records.at(-1)?.sequence ?? header.base);
    if (!next) break;
    dropped += next.at - at;
    records.push({ sequence: next.sequence, text: next.text });
    at = next.end;
  }
  return { header, records, droppedBytes: dropped + Math.max(0, bytes.length - at) };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new DamageError(path, 0, 'the file is missing; acknowledged writes may be in it');
  }
}

function readHeader(path: string, bytes: Buffer): LogHeader {
  if (bytes.length < headerBytes) throw new DamageError(path, bytes.length, 'ends within its header');
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60) || !bytes.subarray(0, 16).equals(fileMagic)) {
    throw new DamageError(path, 0, 'the header is damaged, or this is no file of a write-ahead log');
  }
  return {
    store: bytes.toString('hex', 16, 16 + storeIdBytes),
    generation: bytes.readDoubleLE(32),
    base: bytes.readDoubleLE(40),
  };
}

/** The number of the last record that was acknowledged, as far as that is known. */
function readMark(path: string, bytes: Buffer, { generation, base }: LogHeader): number {
  const mark = bytes.subarray(markAt, markAt + markBytes);
  if (mark.length < markBytes || crc32(mark.subarray(0, 24)) !== mark.readUInt32LE(24)) {
    throw new DamageError(path, markAt, 'the mark of the last acknowledged record is damaged');
  }
  return mark.readDoubleLE(0) === generation ? mark.readDoubleLE(8) : base;
}

interface FoundRecord extends LogRecord {
  readonly at: number;
  readonly end: number;
}

function readRecord(bytes: Buffer, at: number, seed: number): FoundRecord | null {
  if (at + recordHeaderBytes > bytes.length) return null;
  const end = at + recordHeaderBytes + bytes.readUInt32LE(at + 4);
  if (end > bytes.length || !bytes.subarray(at, at + recordMagic.length).equals(recordMagic)) return null;
  if (recordChecksum(bytes.subarray(at, end), seed) !== bytes.readUInt32LE(at + 16)) return null;
  return {
    at,
    end,
    sequence: bytes.readDoubleLE(at + 8),
    text: bytes.toString('utf8', at + recordHeaderBytes, end),
  };
}

/** The first whole record from a byte on, of a higher number. */
function nextRecord(bytes: Buffer, from: number, seed: number, above: number): FoundRecord | null {
  for (let at = bytes.indexOf(recordMagic, from); at >= 0; at = bytes.indexOf(recordMagic, at + 1)) {
    const record = readRecord(bytes, at, seed);
    if (record && record.sequence > above) return record;
  }
  return null;
}
