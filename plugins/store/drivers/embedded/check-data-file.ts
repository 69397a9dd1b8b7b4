import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import type { Log } from '../../../../src/plugin.js';
import { compareCleanMark, writeCleanMark } from './clean-mark.js';
import { DamageError, type DamageReport } from './damage.js';
import { openDataFile } from './data-file.js';
import { dataFileName } from './environment.js';
import { inspect } from './inspect.js';
import { logNames } from './write-ahead-log.js';

/**
 * Makes sure that LMDB can read the data file: it is as it was left when it was closed in order, or all of it is inspected. Throws
 * `DamageError` otherwise. Damaged documents are reported; returns the indexes to build anew, by collection.
 */
export function checkDataFile(
  directory: string,
  damage: DamageReport,
  log: Log,
): ReadonlyMap<string, readonly string[]> {
  const path = join(directory, dataFileName);
  const rebuild = new Map<string, readonly string[]>();
  if (!existsSync(path) || statSync(path).size === 0) {
    if (logNames.some((name) => existsSync(join(directory, name)))) {
      throw new DamageError(path, 0, 'the data file is missing or empty, and there is a write-ahead log');
    }
    return rebuild;
  }
  const compared = compareCleanMark(directory, path);
  if (compared === 'same') return rebuild;
  if (compared === 'changed')
    log.warn('the data file has changed since it was closed; all of it is inspected', { file: path });
  const file = openDataFile(path);
  try {
    for (const { schema, damaged, wrongIndexes } of inspect(file)) {
      for (const id of damaged) damage.add(schema.name, id);
      if (wrongIndexes.length === 0) continue;
      log.error('an index does not agree with its documents; it is built anew', {
        code: 'STORE_DAMAGED',
        collection: schema.name,
        indexes: wrongIndexes,
      });
      rebuild.set(schema.name, wrongIndexes);
    }
  } finally {
    file.close();
  }
  return rebuild;
}

/**
 * Longest inspection at a stop, in ms of real time: about three million entries. Process managers wait 10 s before they kill. A larger file
 * is inspected by the next start.
 */
const inspectedAtStopMs = 3_000;

/**
 * Writes the mark of an orderly end if the closed data file is whole. Damage done while the process was running would otherwise be taken for
 * what it wrote.
 */
export function markIfWhole(directory: string, log: Log): void {
  const path = join(directory, dataFileName);
  const untilMs = performance.now() + inspectedAtStopMs;
  try {
    const file = openDataFile(path);
    try {
      const found = inspect(file, () => {
        if (performance.now() > untilMs) throw new TooLarge();
      });
      if (found.some(({ damaged, wrongIndexes }) => damaged.length + wrongIndexes.length > 0)) return;
    } finally {
      file.close();
    }
    writeCleanMark(directory, path);
  } catch (error) {
    if (error instanceof TooLarge) return;
    log.error('the data file was damaged while it was in use', { err: describeError(error) });
  }
}

class TooLarge extends Error {}
