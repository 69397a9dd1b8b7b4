import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../src/plugin.js';
import { mayBePersonal } from './personal-text.js';
import type { Asker, LoggedQuery } from './query-log.js';

const popularMax = 20_000;
const languagesMax = 50;
/** Of who asked what lately, over all persons. */
const askedMax = 100_000;
const dayMs = 86_400_000;
/**
 * A session counts as a person once it is seen again so long after it was seen first, by the server's clock: a minute. A script that
 * makes up sessions must wait; most people who search are still there.
 */
export const settledAfterMs = 60_000;
/** Queries of a session that wait for it to count. */
const waitingMax = 8;
/**
 * In a day a query gains at most half of the persons it had, or half of those that make it public, whichever is more. So it becomes
 * public on its second day at the earliest: many people at once may be one client.
 */
const dailyGrowth = 0.5;

type Search = Omit<LoggedQuery, 'first'>;

/** A session, until it counts as a person. */
interface Met {
  readonly firstMs: number;
  settled: boolean;
  /** Its first searches since it was met. */
  waiting: Search[];
}

/** How many persons asked a query, and whether it found something the last time. */
interface Counted {
  count: number;
  found: boolean;
  /** The start of the current day of counting, the persons before it, and the persons in it. */
  fromMs: number;
  before: number;
  gained: number;
}

/** Counts queries by the different people who ask them. */
export interface PopularQueries {
  /** Returns whether it counts one more person now. */
  count(search: Search, person: Asker): boolean;
  /** Says that a session goes on: once it has for a minute, it counts as a person. */
  meet(sessionId: string): void;
  /** Takes back what was counted before a restart. */
  remember(entry: LoggedQuery): void;
  /** As of `QueryLog`. */
  popular(prefix: string, locale: string, limit: number): readonly string[];
}

/** `settled` is called for each earlier search that counts one more person only now. */
export function createPopularQueries(
  clock: Clock,
  peopleMin: number,
  settled: (search: Search) => void,
): PopularQueries {
  const asked = new LRUCache<string, true>({ max: askedMax });
  const met = new LRUCache<string, Met>({ max: askedMax });
  /** By language, then query. */
  const counts = new Map<string, Map<string, Counted>>();

  /** undefined when there are too many. */
  function countedOf({ query, locale }: Search): Counted | undefined {
    const language = languageOf(locale);
    let queries = counts.get(language);
    if (!queries) {
      if (counts.size >= languagesMax) return undefined;
      queries = new Map();
      counts.set(language, queries);
    }
    let known = queries.get(query);
    if (known) return known;
    if (queries.size >= popularMax)
      for (const [key, { count }] of queries) if (count < peopleMin) queries.delete(key);
    if (queries.size >= popularMax) return undefined;
    known = { count: 0, found: false, fromMs: Number.NEGATIVE_INFINITY, before: 0, gained: 0 };
    queries.set(query, known);
    return known;
  }

  /** True if neither this person nor anybody else in the same network searched for it before. */
  function isFirst({ customerId, sessionId, network }: Asker, query: string): boolean {
    const who = customerId === null ? `session ${sessionId}` : `customer ${customerId}`;
    const keys = [who, ...(network === undefined ? [] : [`network ${network}`])].map(
      (key) => `${key}\n${query}`,
    );
    const known = keys.filter((key) => asked.get(key));
    for (const key of keys) asked.set(key, true);
    return known.length === 0;
  }

  /** Begins the next day of counting if the current one is over. */
  function advance(known: Counted, nowMs: number): void {
    if (Math.abs(nowMs - known.fromMs) >= dayMs)
      Object.assign(known, { fromMs: nowMs, before: known.count, gained: 0 });
  }

  /** Counts one more person, unless too many came in this day. */
  function gain(search: Search): boolean {
    const known = countedOf(search);
    if (!known) return false;
    advance(known, clock.nowMs());
    if (known.gained >= dailyGrowth * Math.max(peopleMin, known.before)) return false;
    known.gained++;
    known.count++;
    return true;
  }

  function metOf(sessionId: string): Met {
    const nowMs = clock.nowMs();
    let session = met.get(sessionId);
    if (session === undefined) {
      session = { firstMs: nowMs, settled: false, waiting: [] };
      met.set(sessionId, session);
    } else if (!session.settled && Math.abs(nowMs - session.firstMs) >= settledAfterMs) {
      session.settled = true;
      for (const search of session.waiting) if (gain(search)) settled(search);
      session.waiting = [];
    }
    return session;
  }

  return {
    count(search, person) {
      const known = countedOf(search);
      if (known) known.found = search.total > 0;
      const isFirstTime = isFirst(person, search.query);
      if (person.customerId !== null) return isFirstTime && gain(search);
      const session = metOf(person.sessionId);
      if (!isFirstTime) return false;
      if (session.settled) return gain(search);
      if (session.waiting.length < waitingMax) session.waiting.push(search);
      return false;
    },
    meet: (sessionId) => void metOf(sessionId),
    remember(entry) {
      const known = countedOf(entry);
      if (!known) return;
      if (entry.first) {
        advance(known, entry.atMs);
        known.gained++;
        known.count++;
      }
      known.found = entry.total > 0;
    },
    popular(prefix, locale, limit) {
      const queries = counts.get(languageOf(locale));
      if (!queries || prefix === '') return [];
      const found: [string, number][] = [];
      for (const [query, { count, found: finds }] of queries) {
        if (count < peopleMin || !finds || !query.startsWith(prefix) || mayBePersonal(query)) continue;
        found.push([query, count]);
      }
      return found
        .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, limit)
        .map(([query]) => query);
    },
  };
}

function languageOf(locale: string): string {
  return locale.split('-', 1)[0]!.toLowerCase();
}
