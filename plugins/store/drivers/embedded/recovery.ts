import type { Document } from '../../../../src/ports/store.js';
import type { Layout } from '../../driver.js';
import type { Environment } from './environment.js';
import type { JournalRecord } from './journal.js';
import { encodeEntries, type PendingWrite, removalOf } from './overlay.js';

export const appliedKey = 'applied';
const commitMax = 2_000;

/** A line of the journal: the collection, then a document, or (behind a tab) the id of one that was removed. */
export function lineOf(
  collection: string,
  { id, json }: { readonly id: string; readonly json: string | null },
): string {
  return json === null ? `${collection}\t${JSON.stringify(id)}\n` : `${collection} ${json}\n`;
}

/** Moves what a process left in its journal to the trees. Repeating it changes nothing. */
export async function recover(environment: Environment, records: readonly JournalRecord[]): Promise<void> {
  const last = records.at(-1);
  if (!last) return;
  const latest = new Map<string, Map<string, string | null>>();
  for (const { text } of records) {
    for (const line of text.split('\n')) if (line !== '') readLine(line, latest);
  }
  for (const [name, states] of latest) {
    const layout = environment.layoutOf(name);
    if (!layout) throw new Error(`the journal names ${name}, a collection that was never opened here`);
    const tree = await environment.openTree(layout);
    const rest = [...states];
    while (rest.length > 0) {
      const writes = rest.splice(0, commitMax).map(([id, json]) => restore(layout, id, json));
      await environment.commit(() => writes.forEach(tree.write));
    }
  }
  await environment.commit(() => void environment.meta.put(appliedKey, String(last.sequence)));
}

function restore(layout: Layout, id: string, json: string | null): PendingWrite {
  if (json === null) return { ...removalOf(layout, id), absent: false };
  const document = JSON.parse(json) as Document;
  return { id, json, keys: encodeEntries(layout, document), document, absent: false };
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
