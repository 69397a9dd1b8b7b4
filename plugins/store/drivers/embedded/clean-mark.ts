import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from './write-ahead-log.js';

const chunkBytes = 1 << 20;
const name = 'clean';

/** Size and CRC-32 of a file. */
export interface FileSum {
  readonly bytes: number;
  readonly crc32: number;
}

export function sumOf(path: string): FileSum {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let sum = 0;
    for (let at = 0; at < size; ) {
      const read = readSync(file, chunk, 0, chunkBytes, at);
      if (read === 0) break;
      sum = crc32(chunk.subarray(0, read), sum);
      at += read;
    }
    return { bytes: size, crc32: sum };
  } finally {
    closeSync(file);
  }
}

/** Records the size and sum of a data file that was found whole, so that the next start only compares them. */
export function writeCleanMark(directory: string, dataFile: string): void {
  const mark = sumOf(dataFile);
  writeFileSync(join(directory, name), `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true } as {
    mode: number;
  });
  syncDirectory(directory);
}

/** Whether the data file is as it was left: `unknown` if it was not closed in order, or not found whole then. */
export function compareCleanMark(directory: string, dataFile: string): 'same' | 'changed' | 'unknown' {
  const path = join(directory, name);
  if (!existsSync(path)) return 'unknown';
  try {
    const mark = JSON.parse(readFileSync(path, 'utf8')) as FileSum;
    const found = sumOf(dataFile);
    return found.bytes === mark.bytes && found.crc32 === mark.crc32 ? 'same' : 'changed';
  } catch {
    return 'changed';
  }
}

/** To be called before the data file is written to. */
export function removeCleanMark(directory: string): void {
  const path = join(directory, name);
  if (!existsSync(path)) return;
  rmSync(path);
  syncDirectory(directory);
}
