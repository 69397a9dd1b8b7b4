import type { Document } from '../../../../src/ports/store.js';
import type { CollectionSchema } from '../../../../src/ports/store-driver.js';
import type { LogRecord } from './log-file.js';
import { encodeEntries, type PendingWrite, removalOf } from './memtable.js';

/** A line of the log: the collection, then a document, or (behind a tab) the id of one that was removed. */
export function lineOf(
  collection: string,
  { id, json }: { readonly id: string; readonly json: string | null },
): string {
  return json === null ? `${collection}\t${JSON.stringify(id)}\n` : `${collection} ${json}\n`;
}

/** By collection and id; null: removed. */
type LatestStates = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

export function latestOf(records: readonly LogRecord[]): LatestStates {
  const latest = new Map<string, Map<string, string | null>>();
  for (const { text } of records) {
    for (const line of text.split('\n')) if (line !== '') readLine(line, latest);
  }
  return latest;
}

export function restoreAll(
  schema: CollectionSchema,
  states: ReadonlyMap<string, string | null>,
): PendingWrite[] {
  return [...states].map(([id, json]) => {
    if (json === null) return removalOf(schema, id);
    const keys = encodeEntries(schema, JSON.parse(json) as Document);
    return { id, json, keys, document: undefined, absent: false };
  });
}

function readLine(line: string, latest: Map<string, Map<string, string | null>>): void {
  const end = line.search(/[\t ]/);
  const name = line.slice(0, end);
  const rest = line.slice(end + 1);
  const states = latest.get(name) ?? new Map<string, string | null>();
  latest.set(name, states);
  if (line[end] === '\t') states.set(JSON.parse(rest) as string, null);
  else states.set((JSON.parse(rest) as Document).id, rest);
}
