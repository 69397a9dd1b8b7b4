import type { Clock } from '../../src/plugin.js';
import type { Change, Collection } from '../../src/ports/store.js';
import type { StoredPerson } from './memberships.js';

/** People are read again after so long: another process may report one change twice. */
const freshMs = 3_600_000;

/** Counts the members of segments. Reads all people once, when it is first needed, and then follows changes. */
export interface Counts {
  of(segmentId: string): Promise<number>;
  close(): void;
}

/**
 * A change that arrives while people are read counts by itself if its person was read already, and with the person if not. The order of ids shows
 * which; of those that are being read, the newer version counts.
 */
export function createCounts(people: Collection<StoredPerson>, clock: Pick<Clock, 'monotonicMs'>): Counts {
  let counts = new Map<string, number>();
  /** Ids up to here are counted. null: all. */
  let readTo: string | null = '';
  let reading: Promise<void> | null = null;
  let readAtMs = 0;
  /** Changes of people behind `readTo` since the page that is being read was requested. */
  let meanwhile = new Map<string, Change<StoredPerson>>();

  function add(segmentIds: readonly string[], by: number): void {
    for (const id of segmentIds) counts.set(id, (counts.get(id) ?? 0) + by);
  }

  const stop = people.watch((changes) => {
    if (reading === null && readTo !== null) return;
    for (const change of changes) {
      if (readTo !== null && change.id > readTo) meanwhile.set(change.id, change);
      else if (change.document !== null) {
        add(change.document.entered, 1);
        add(change.document.left, -1);
      }
    }
  });

  async function read(): Promise<void> {
    counts = new Map();
    readTo = '';
    meanwhile = new Map();
    for await (const page of people.scan()) {
      const last = page.at(-1)!.id;
      for (const person of page) {
        const change = meanwhile.get(person.id);
        const isOlder =
          change !== undefined && (change.document?.version ?? Number.POSITIVE_INFINITY) > person.version;
        if (!isOlder) add(person.segments, 1);
        else add(change.document?.segments ?? [], 1);
      }
      // People who came to be while the page was read.
      const read = new Set(page.map(({ id }) => id));
      for (const { id, document } of meanwhile.values())
        if (id > readTo && id <= last && !read.has(id)) add(document?.segments ?? [], 1);
      for (const id of meanwhile.keys()) if (id <= last) meanwhile.delete(id);
      readTo = last;
    }
    for (const { document } of meanwhile.values()) add(document?.segments ?? [], 1);
    readTo = null;
    readAtMs = clock.monotonicMs();
  }

  return {
    async of(segmentId) {
      if (reading !== null || readTo !== null || clock.monotonicMs() - readAtMs > freshMs) {
        reading ??= read().finally(() => {
          reading = null;
        });
        await reading;
      }
      return Math.max(0, counts.get(segmentId) ?? 0);
    },
    close: stop,
  };
}
