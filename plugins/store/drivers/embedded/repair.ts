import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../../../src/plugin.js';
import type { Document } from '../../../../src/ports/store.js';
import { isUnsealed, seedOf, unseal } from './checksum.js';
import { createDamageReport, DamageError } from './damage.js';
import { type DataFile, openDataFile } from './data-file.js';
import { dataFileName, openEnvironment } from './environment.js';
import { readSchemas, type StoredSchema } from './inspect.js';
import { encodeEntries } from './memtable.js';
import { metaTree, readLogState } from './meta.js';
import { applyRecords, beginLog, salvageLog } from './recovery.js';

const commitMax = 2_000;

export interface Salvaged {
  /** Whole documents by collection. */
  readonly documents: ReadonlyMap<string, number>;
  /** What was found damaged, each a line. */
  readonly damage: readonly string[];
}

/**
 * Visits every whole document of a data file, damaged pages and documents left out. Throws `DamageError` if the list of collections
 * itself is damaged.
 */
export function salvageDocuments(
  file: DataFile,
  visit: (stored: StoredSchema, document: Document, json: string) => void,
): Salvaged {
  const trees = file.trees();
  const meta = trees.get(metaTree);
  if (!meta) throw new DamageError(file.path, 0, 'the data file holds no store');
  const damage: string[] = [];
  const documents = new Map<string, number>();
  for (const stored of readSchemas(file, meta).values()) {
    const { name } = stored.schema;
    const seed = seedOf(name);
    const tree = trees.get(name);
    let count = 0;
    if (!tree) damage.push(`collection ${name} is missing`);
    else {
      file.walk(
        tree,
        (key, value) => {
          const text = value.toString('utf8');
          const json = !stored.sealed && isUnsealed(text) ? text : unseal(seed, text);
          const document = json === null ? null : parse(json);
          if (document === null) {
            damage.push(`document ${JSON.stringify(key.toString('utf8'))} of ${name}`);
            return;
          }
          count++;
          visit(stored, document, json!);
        },
        { skip: (error) => damage.push(`${name}: ${error.message}`), disorder: () => undefined },
      );
    }
    documents.set(name, count);
  }
  return { documents, damage };
}

/**
 * Makes a new store of everything that is whole, in the place of the old one, which is kept. Nothing may use the directory.
 * Returns what was lost and where the old one is.
 */
export async function repairStore(
  dataDir: string,
  host: Host,
): Promise<Salvaged & { readonly kept: string }> {
  const directory = join(dataDir, 'store');
  const repaired = join(dataDir, 'store.repaired');
  const kept = join(dataDir, `store.damaged-${host.clock.nowMs()}`);
  if (existsSync(repaired))
    throw new Error(`${repaired} is left from a repair that was not completed; remove it`);
  const file = openDataFile(join(directory, dataFileName));
  mkdirSync(repaired, { mode: 0o700 });
  const environment = openEnvironment(repaired, createDamageReport(host.log), new Map());
  try {
    const found = new Map<string, { readonly stored: StoredSchema; readonly documents: Document[] }>();
    const salvaged = salvageDocuments(file, (stored, document) => {
      const { name } = stored.schema;
      if (!found.has(name)) found.set(name, { stored, documents: [] });
      found.get(name)!.documents.push(document);
    });
    for (const { schema } of readSchemas(file, file.trees().get(metaTree)!).values()) {
      const tree = await environment.openTree(schema);
      const documents = found.get(schema.name)?.documents ?? [];
      for (let at = 0; at < documents.length; at += commitMax) {
        const slice = documents.slice(at, at + commitMax);
        await environment.commit(() => {
          for (const document of slice) {
            tree.write({
              id: document.id,
              json: JSON.stringify(document),
              keys: encodeEntries(schema, document),
              document,
              absent: false,
            });
          }
        });
      }
    }
    const lost = [...salvaged.damage];
    const state = readLogState(file);
    if (state) {
      const { records, dropped } = salvageLog(directory, state);
      await applyRecords(environment, records);
      if (dropped > 0) lost.push(`${dropped} records of the write-ahead log`);
    } else lost.push('the note of how far the write-ahead log has moved');
    await beginLog(environment, repaired, host);
    await environment.close();
    renameSync(directory, kept);
    renameSync(repaired, directory);
    return { documents: salvaged.documents, damage: lost, kept };
  } finally {
    file.close();
  }
}

function parse(json: string): Document | null {
  try {
    return JSON.parse(json) as Document;
  } catch {
    return null;
  }
}
