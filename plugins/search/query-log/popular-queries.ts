import { LRUCache } from 'lru-cache';
import { atMost } from '../../../src/kit/bounded.js';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import { languageOf } from '../../../src/kit/language-of.js';
import type { Clock } from '../../../src/plugin.js';
import { mayBePersonal } from './personal-text.js';

/** A click on a result. */
export interface ResultClick {
  readonly productId: string;
  /** In the list, from 1. */
  readonly position: number;
}

/** Clicks of one search that are kept and teach. */
export const clicksMax = 5;

/** One search, without who asked. */
export interface LoggedQuery {
  /** The `queryId` that events join on. */
  readonly id: string;
  readonly query: string;
  readonly total: number;
  readonly locale: string;
  readonly atMs: number;
  readonly clicked: boolean;
  /**
   * Marks of the person whom it counts for this query (`askersOf`), since what is shown to others is counted by persons. Empty if it
   * counts nobody more. Absent in entries of earlier versions, which count nobody.
   */
  readonly askers?: readonly number[];
  /**
   * Marks of the session and the customer of the search, which depend on the id of the search: they find the searches of a person who is
   * erased, and connect no two searches. Absent in entries of earlier versions.
   */
  readonly marks?: readonly number[];
  /** Results that were clicked, each product once. If omitted, none, or not known (an earlier version). */
  readonly clicks?: readonly ResultClick[];
}

export interface Asker {
  readonly sessionId: string;
  readonly customerId: string | null;
  /** As of `Caller`: people of one network count as one. */
  readonly network?: string | undefined;
}

const queryCharsMax = 100;

/** Queries that differ in case, white space and invisible characters only are one. null for what is no query. */
export function normalised(text: string): string | null {
  const query = text
    .slice(0, 4 * queryCharsMax)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}+/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, queryCharsMax);
  return query === '' || !query.isWellFormed() ? null : query;
}

/** Queries of all languages together. */
const countedMax = 100_000;
/** People of one query that are told apart, the latest ones. */
const askersMax = 256;
/** Sessions that are told apart. */
const metMax = 100_000;
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

type Search = Omit<LoggedQuery, 'askers'>;

/** A search that may count one more person, and the marks of that person. */
interface Asking {
  readonly search: Search;
  readonly askers: readonly number[];
}

/** A session, until it counts as a person. */
interface Met {
  readonly firstMs: number;
  settled: boolean;
  /** Its searches since it was met, each query once. */
  waiting: Asking[];
}

/** How many persons asked a query, and whether it found something the last time. */
interface Counted {
  count: number;
  found: boolean;
  /** The marks of these persons. */
  readonly askers: number[];
  /** The start of the current day of counting, the persons before it, and the persons in it. */
  fromMs: number;
  before: number;
  gained: number;
}

/**
 * The marks by which a person is known again who asks the same query: one of the customer or session, and one of the network if it is
 * known. 16 bits that depend on the query: 65,000 IPv4 addresses share each, and marks of two queries cannot be compared.
 */
function askersOf({ customerId, sessionId, network }: Asker, query: string): readonly number[] {
  const mark = (who: string): number => fingerprint(`${who}\n${query}`) & 0xffff;
  const person = mark(customerId === null ? `session ${sessionId}` : `customer ${customerId}`);
  return network === undefined ? [person] : [person, mark(`network ${network}`)];
}

/** The mark of a person, by their `textDigest`, on one search. */
export function markOf(digest: string, searchId: string): number {
  return fingerprint(`${digest} ${searchId}`);
}

/** Enters the marks of a person. Returns false if the person, or somebody else in the same network, is among them already. */
export function enter(askers: number[], person: readonly number[]): boolean {
  if (person.length === 0 || person.some((mark) => askers.includes(mark))) return false;
  askers.push(...person);
  if (askers.length > askersMax) askers.splice(0, askers.length - askersMax);
  return true;
}

/** Counts queries by the different people who ask them. */
interface PopularQueries {
  /** Returns the marks of the person if it counts one more now, else none. */
  count(search: Search, person: Asker): readonly number[];
  /** Says that a session goes on: once it has for a minute, it counts as a person. */
  meet(sessionId: string): void;
  /** Takes back what was counted before a restart. */
  remember(entry: LoggedQuery): void;
  /** As of `QueryLog`. */
  popular(prefix: string, locale: string, limit: number): readonly string[];
}

/** `settled` is called for each earlier search that counts one more person only now, with the marks of that person. */
export function createPopularQueries(
  clock: Clock,
  peopleMin: number,
  settled: (search: Search, askers: readonly number[]) => void,
): PopularQueries {
  const met = new LRUCache<string, Met>(atMost(metMax));
  /** By language, then query. */
  const counts = new Map<string, Map<string, Counted>>();
  let size = 0;

  const knownOf = ({ query, locale }: Search): Counted | undefined =>
    counts.get(languageOf(locale))?.get(query);

  /** Forgets the queries that the fewest people asked, never one that is public. */
  function makeRoom(): void {
    for (let people = 1; people < peopleMin && size >= countedMax; people++) {
      for (const [language, queries] of counts) {
        for (const [query, { count }] of queries) if (count <= people && queries.delete(query)) size--;
        if (queries.size === 0) counts.delete(language);
      }
    }
  }

  /** undefined when there are too many. */
  function countedOf(search: Search): Counted | undefined {
    const known = knownOf(search);
    if (known) return known;
    if (size >= countedMax) makeRoom();
    if (size >= countedMax) return undefined;
    const language = languageOf(search.locale);
    const queries = counts.get(language) ?? new Map<string, Counted>();
    counts.set(language, queries);
    const found = search.total > 0;
    const made = { count: 0, found, askers: [], fromMs: Number.NEGATIVE_INFINITY, before: 0, gained: 0 };
    queries.set(search.query, made);
    size++;
    return made;
  }

  /** Begins the next day of counting if the current one is over. */
  function advance(known: Counted, nowMs: number): void {
    if (Math.abs(nowMs - known.fromMs) >= dayMs)
      Object.assign(known, { fromMs: nowMs, before: known.count, gained: 0 });
  }

  /** Counts one more person, unless they were counted or too many came in this day. */
  function gain({ search, askers }: Asking): boolean {
    const known = countedOf(search);
    if (!known) return false;
    advance(known, clock.nowMs());
    if (known.gained >= dailyGrowth * Math.max(peopleMin, known.before)) return false;
    if (!enter(known.askers, askers)) return false;
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
      for (const asking of session.waiting) if (gain(asking)) settled(asking.search, asking.askers);
      session.waiting = [];
    }
    return session;
  }

  return {
    count(search, person) {
      const known = knownOf(search);
      if (known) known.found = search.total > 0;
      const asking = { search, askers: askersOf(person, search.query) };
      if (person.customerId === null) {
        const { settled: isPerson, waiting } = metOf(person.sessionId);
        if (!isPerson) {
          const waits = waiting.some((other) => other.search.query === search.query);
          if (!waits && waiting.length < waitingMax) waiting.push(asking);
          return [];
        }
      }
      return gain(asking) ? asking.askers : [];
    },
    meet: (sessionId) => void metOf(sessionId),
    remember(entry) {
      // An entry of an earlier version does not tell its person, so it counts nobody.
      const { askers = [] } = entry;
      const known = askers.length > 0 ? countedOf(entry) : knownOf(entry);
      if (!known) return;
      if (enter(known.askers, askers)) {
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
