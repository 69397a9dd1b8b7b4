import type { EventReport } from '../../src/ports/events.js';
import type { Collection } from '../../src/ports/store.js';
import { senderOf } from './event-ids.js';
import { fromEntry, type LogEntry } from './log-entry.js';

/** The most recent events count if there are more in the time of a report. */
const reportEventsMax = 200_000;
const idsMax = 10_000;
const namedMax = 100;
/** Some milliseconds to read: the log is read beside serving, too. */
const entriesPerPage = 32;

/** Counts the events of the log from a moment on, newest first. `knows`: true if a product has the code now. */
export async function eventReport(
  log: Collection<LogEntry>,
  fromMs: number,
  knows: (reference: string) => boolean,
): Promise<EventReport> {
  const byType = new Map<string, number>();
  const bySource = new Map<string, number>();
  const unknown = new Map<string, number>();
  let events = 0;
  let eventsWithUnknown = 0;
  let after: string | null = null;
  do {
    const page = await log.find({
      index: 'byReceipt',
      descending: true,
      from: fromMs,
      skipDamaged: true,
      limit: entriesPerPage,
      ...(after === null ? {} : { after }),
    });
    for (const entry of page.items) {
      const source = decodeURIComponent(senderOf(entry.id).slice(0, -1));
      for (const { type, productIds } of fromEntry(entry)) {
        events++;
        add(byType, type);
        add(bySource, source);
        const missing = new Set(productIds.filter((id) => !knows(id)));
        if (missing.size > 0) eventsWithUnknown++;
        for (const id of missing) if (unknown.has(id) || unknown.size < idsMax) add(unknown, id);
      }
    }
    after = page.next;
  } while (after !== null && events < reportEventsMax);
  return {
    events,
    complete: after === null,
    byType: mostFirst(byType).map(([type, count]) => ({ type, events: count })),
    bySource: mostFirst(bySource).map(([source, count]) => ({ source, events: count })),
    eventsWithUnknownProducts: eventsWithUnknown,
    unknownProducts: mostFirst(unknown).map(([id, count]) => ({ id, events: count })),
  };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFirst(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).slice(0, namedMax);
}
