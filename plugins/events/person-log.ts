import { customerIdIn, sessionIdIn } from '../../src/person-ids.js';
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
  without(entry, isErased) {
    const events = fromEntry(entry);
    const kept = events.map((event, n) => ({ event, print: printOf(event.id, n, bodyIn(entry, n)) }));
    const others = kept.filter(({ event }) => !isErased(personIn(event)));
    if (others.length === events.length) return [entry];
    if (others.length === 0) return [];
    const batch = { events: others.map(({ event }) => event), prints: others.map(({ print }) => print) };
    return toEntries(batch).map((part) => ({ ...part.entry, rewritten: true }));
  },
  only(entry, isTheirs) {
    const events = fromEntry(entry).filter((event) => isTheirs(personIn(event)));
    return events.length === 0 ? undefined : events;
  },
};

export const personLogSpec: CollectionSpec<LogEntry> = { ...logSpec, person };
