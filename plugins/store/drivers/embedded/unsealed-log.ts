import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LogRecord } from './log-file.js';

/*
 * The log of releases before 2026-12, read once when a directory of theirs is opened. A record: bytes of text (4), CRC-32 of all
 * that follows (4), number (8, a double), UTF-8 text. Its numbers have gaps, and it ends at the first record that is not whole.
 */
const names = ['journal-a', 'journal-b'];
const headerBytes = 16;

export function readUnsealedLog(directory: string, applied: number): readonly LogRecord[] {
  return names
    .flatMap((name) => readRecords(join(directory, name)))
    .filter(({ sequence }) => sequence > applied)
    .sort((a, b) => a.sequence - b.sequence);
}

export function removeUnsealedLog(directory: string): void {
  for (const name of names) rmSync(join(directory, name), { force: true });
}

function readRecords(path: string): LogRecord[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const records: LogRecord[] = [];
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
