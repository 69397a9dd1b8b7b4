import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../../../src/plugin.js';
import { compareCleanMark } from './clean-mark.js';
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
