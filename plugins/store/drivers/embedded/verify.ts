import { join } from 'node:path';
import type { Document } from '../../../../src/ports/store.js';
import { DamageError } from './damage.js';
import { openDataFile } from './data-file.js';
import { livingOwner } from './directory-lock.js';
import { dataFileName } from './environment.js';
import { type InspectedCollection, inspect } from './inspect.js';
import { readLogState } from './meta.js';
import { readLog } from './recovery.js';
import { salvageDocuments } from './repair.js';
import { requestSnapshot } from './snapshots.js';

export interface Verified {
  /** Whether a process uses the store: then what it had acknowledged was read. */
  readonly online: boolean;
  /** null: the data file is damaged in a way that keeps it from being opened. */
  readonly collections: readonly InspectedCollection[] | null;
  /** Records in the write-ahead log that have not moved yet; null when they cannot be read. */
  readonly records: number | null;
  /** Each a line; empty: all is whole. */
  readonly damage: readonly string[];
}

/** Checks log, pages, documents and indexes of a store, and changes nothing. `visit` gets every whole document in the data file. */
export async function verifyStore(
  dataDir: string,
  visit: (collection: string, document: Document, json: string) => void = () => undefined,
): Promise<Verified> {
  const directory = join(dataDir, 'store');
  let snapshot: Awaited<ReturnType<typeof requestSnapshot>> | null = null;
  try {
    if (livingOwner(directory)) snapshot = await requestSnapshot(directory);
    const file = openDataFile(join(directory, dataFileName), snapshot?.metaPages);
    try {
      const damage: string[] = [];
      const records = snapshot ? 0 : attempt(() => countRecords(directory, readLogState(file)), damage);
      const collections = attempt(() => inspect(file), damage);
      for (const { schema, damaged, wrongIndexes } of collections ?? []) {
        for (const id of damaged) damage.push(`document ${JSON.stringify(id)} of ${schema.name}`);
        for (const name of wrongIndexes) damage.push(`index ${name} of ${schema.name}`);
      }
      attempt(
        () => salvageDocuments(file, ({ schema }, document, json) => visit(schema.name, document, json)),
        [],
      );
      return { online: snapshot !== null, collections, records, damage };
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return { online: snapshot !== null, collections: null, records: null, damage: [error.message] };
  } finally {
    snapshot?.close();
  }
}

function countRecords(directory: string, state: ReturnType<typeof readLogState>): number {
  return state ? readLog(directory, state).records.length : 0;
}

function attempt<T>(run: () => T, damage: string[]): T | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    damage.push(error.message);
    return null;
  }
}
