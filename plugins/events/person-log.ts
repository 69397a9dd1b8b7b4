import { customerIdIn, sessionIdIn } from '../../src/person-ids.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { CollectionSpec, PersonSpec } from '../../src/ports/store.js';
import { printOf } from './batch.js';
import { toEntries } from './entry-writing.js';
import {
  bodyIn,
  customerKey,
  fromEntry,
  type LogEntry,
  logSpec,
  peopleIn,
  personIn,
  sessionKey,
} from './log-entry.js';

/** The entries that take the place of one from which some events go; none if all go, the entry itself if none does. */
export function rewritten(entry: LogEntry, stays: (event: ShopEvent) => boolean): readonly LogEntry[] {
  const events = fromEntry(entry);
  const all = events.map((event, n) => ({ event, print: printOf(event.id, n, bodyIn(entry, n)) }));
  const kept = all.filter(({ event }) => stays(event));
  if (kept.length === events.length) return [entry];
  if (kept.length === 0) return [];
  const batch = { events: kept.map(({ event }) => event), prints: kept.map(({ print }) => print) };
  return toEntries(batch).map((part) => ({ ...part.entry, rewritten: true }));
}

/**
 * The events of a person in entries that others share. An entry is written anew with the events that stay; if its first event goes, under
 * the id of the next one.
 */
const person: PersonSpec<LogEntry> = {
  names: peopleIn,
  find: {
    index: 'byPerson',
    value(name) {
      const customerId = customerIdIn(name);
      return customerId === null ? sessionKey(sessionIdIn(name)!) : customerKey(customerId);
    },
  },
  without: (entry, isErased) => rewritten(entry, (event) => !isErased(personIn(event))),
  only(entry, isTheirs) {
    const events = fromEntry(entry).filter((event) => isTheirs(personIn(event)));
    return events.length === 0 ? undefined : events;
  },
};

export const personLogSpec: CollectionSpec<LogEntry> = { ...logSpec, person };
