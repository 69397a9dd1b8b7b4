import type { mongo } from 'mongoose';
import type { Host } from '../../../../src/plugin.js';
import type { Reach } from './reach.js';

/** The first round opens the connections; from the second on the writes arrive together. */
const rounds = 6;
const writers = 8;

interface Probe {
  readonly _id: string;
  readonly version: string;
}

/**
 * Asks, and tries, whether of several conditional writes to one version of a document only one succeeds. MongoDB promises it; a compatible
 * server may look a document up and replace it in two steps, and then compare-and-set holds within a process only.
 */
export async function writesAtomically(
  database: mongo.Db,
  reach: Reach,
  { ids }: Pick<Host, 'ids'>,
): Promise<boolean> {
  const { ferretdbVersion } = await reach(() => database.command({ buildInfo: 1 }));
  // FerretDB 1 says so; from 2 on it no longer does.
  if (ferretdbVersion !== undefined) return false;
  const probes: mongo.Collection<Probe> = database.collection('rapport-probe');
  let atomic = true;
  for (let round = 0; round < rounds && atomic; round++) {
    const _id = ids.next();
    await reach(() => probes.insertOne({ _id, version: _id }));
    const results = await Promise.all(
      Array.from({ length: writers }, () =>
        reach(() => probes.replaceOne({ _id, version: _id }, { version: ids.next() })),
      ),
    );
    await reach(() => probes.deleteOne({ _id }));
    atomic = results.filter(({ matchedCount }) => matchedCount > 0).length === 1;
  }
  return atomic;
}
