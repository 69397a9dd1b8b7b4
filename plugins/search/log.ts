import { LRUCache } from 'lru-cache';
import { describeError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { ShopEvent } from '../../src/ports/events.js';
import type { Collection, Store } from '../../src/ports/store.js';

/** One search, without who asked. */
export interface LoggedQuery {
  /** The `queryId` that events join on. */
  readonly id: string;
  readonly query: string;
  readonly total: number;
  readonly locale: string;
  readonly atMs: number;
  readonly clicked: boolean;
  /** Whether this person had not asked it lately: what is suggested to others is counted by persons. */
  readonly first: boolean;
}

export type NotedQuery = Pick<LoggedQuery, 'id' | 'total' | 'locale'> & {
  readonly text: string;
  /** Used to tell persons and their repetitions, never kept. */
  readonly person: Asker;
};

export interface Asker {
  readonly sessionId: string;
  readonly customerId: string | null;
}

export interface ReportEntry {
  readonly query: string;
  readonly searches: number;
  readonly zeroResults: number;
  readonly clicked: number;
}

export interface QueryLog {
  /**
   * Never delays and never fails: what cannot be written in time is dropped, and counted in a warning. Kept only if
   * `allowed` resolves to true.
   */
  note(entry: NotedQuery, allowed: Promise<boolean>): void;
  /** A session that is seen again is a person's; one that is seen once may be a request that came without one. */
  seen(person: Asker): void;
  /** Joins clicks on results with the searches that showed them. */
  follow(events: readonly ShopEvent[]): void;
  /** Queries of the last days, most frequent first. */
  report(options: { readonly days: number; readonly limit: number }): Promise<readonly ReportEntry[]>;
  /** Queries that begin so, found something and were asked by several, most frequent first. `prefix` is normalised. */
  popular(prefix: string, locale: string, limit: number): readonly string[];
  /** Removes what is past its time; a bounded number at a time. */
  prune(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const retentionDays = 90;
const pendingMax = 5_000;
const batchMax = 500;
const flushAfterMs = 500;
const queryCharsMax = 100;
const pageSize = 1_000;
const prunePagesMax = 100;
const reportedMax = 500_000;
const popularMax = 20_000;
const rememberedMax = 50_000;
/** Of who asked what lately, over all persons. */
const askedMax = 100_000;
const dayMs = 86_400_000;
/** A query is suggested to others only when so many persons asked it: one person's words stay theirs. */
const popularFrom = 3;

/** Queries that differ in case and white space only are one. null for what may name a person or is no query. */
export function normalised(text: string): string | null {
  const query = text
    .slice(0, 4 * queryCharsMax)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, queryCharsMax);
  if (query === '' || !query.isWellFormed() || /@|\d[\d\s-]{13,}\d/.test(query)) return null;
  return query;
}

function languageOf(locale: string): string {
  return locale.split('-', 1)[0]!.toLowerCase();
}

/** What shoppers search for, kept for 90 days in the store and written behind their backs: an answer never waits for it. */
export function createQueryLog(store: Store, host: Host): QueryLog {
  const { clock, log } = host;
  let collection: Collection<LoggedQuery> | null = null;
  let pending: LoggedQuery[] = [];
  const clickedIds = new Set<string>();
  const asked = new LRUCache<string, true>({ max: askedMax });
  /** By session: what it asked when it was first seen, which counts when it is seen again. */
  const met = new LRUCache<string, LoggedQuery | 'again' | 'once'>({ max: askedMax });
  const undecided = new Set<Promise<void>>();
  let dropped = 0;
  let cancelFlush: (() => void) | null = null;
  let flushing: Promise<void> = Promise.resolve();
  /** By language, then query: how many persons asked it, and whether it found something the last time. */
  const counts = new Map<string, Map<string, { count: number; found: boolean }>>();

  function remember({ query, locale, total, first }: LoggedQuery): void {
    const language = languageOf(locale);
    let queries = counts.get(language);
    if (!queries) {
      if (counts.size >= 50) return;
      queries = new Map();
      counts.set(language, queries);
    }
    const known = queries.get(query);
    if (known) {
      if (first) known.count++;
      known.found = total > 0;
      return;
    }
    if (queries.size >= popularMax)
      for (const [key, { count }] of queries) if (count < popularFrom) queries.delete(key);
    if (queries.size < popularMax) queries.set(query, { count: first ? 1 : 0, found: total > 0 });
  }

  function flushSoon(): void {
    cancelFlush ??= clock.after(flushAfterMs, () => void flush());
  }

  function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = null;
    flushing = flushing.then(writePending).catch((error: unknown) => {
      log.warn('searches could not be logged', { err: describeError(error) });
    });
    return flushing;
  }

  async function writePending(): Promise<void> {
    if (!collection) return;
    if (dropped > 0) {
      log.warn('searches were not logged because the store is behind', { dropped });
      dropped = 0;
    }
    while (pending.length > 0) {
      const batch = pending.slice(0, batchMax);
      await collection.put(batch);
      pending = pending.slice(batch.length);
    }
    for (const id of [...clickedIds].slice(0, batchMax)) {
      await collection.update(id, (entry) =>
        entry && !entry.clicked ? { ...entry, clicked: true } : undefined,
      );
      clickedIds.delete(id);
    }
    if (clickedIds.size > 0) flushSoon();
  }

  async function* since(fromMs: number, mostEntries: number): AsyncGenerator<LoggedQuery> {
    let after: string | undefined;
    for (let read = 0; read < mostEntries; ) {
      const page = await collection!.find({
        index: 'byTime',
        from: fromMs,
        descending: true,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      yield* page.items;
      read += page.items.length;
      if (page.next === null) return;
      after = page.next;
    }
  }

  function isFirst({ customerId, sessionId }: Asker, query: string): boolean {
    const key = `${customerId === null ? 'session' : 'customer'} ${customerId ?? sessionId}\n${query}`;
    if (asked.get(key)) return false;
    asked.set(key, true);
    return true;
  }

  /** Whether the session was seen before; then what it asked at first counts too. */
  function meet(sessionId: string): boolean {
    const before = met.get(sessionId);
    if (before === undefined) return false;
    met.set(sessionId, 'again');
    if (before === 'again' || before === 'once') return true;
    const known = counts.get(languageOf(before.locale))?.get(before.query);
    if (known) known.count++;
    pending.push({ ...before, first: true });
    flushSoon();
    return true;
  }

  /** A person counts once a query; a session that nobody comes back with is no person. */
  function counted(entry: Omit<LoggedQuery, 'first'>, person: Asker): LoggedQuery {
    const first = isFirst(person, entry.query);
    if (person.customerId !== null || meet(person.sessionId)) return { ...entry, first };
    const waiting = { ...entry, first: false };
    met.set(person.sessionId, first ? waiting : 'once');
    return waiting;
  }

  function take(entry: LoggedQuery): void {
    remember(entry);
    pending.push(entry);
    flushSoon();
  }

  return {
    note({ id, text, total, locale, person }, allowed) {
      const query = normalised(text);
      if (query === null) return;
      if (pending.length + undecided.size >= pendingMax) {
        dropped++;
        return;
      }
      const entry = { id, query, total, locale, atMs: clock.nowMs(), clicked: false };
      const decided: Promise<void> = allowed
        .then((may) => {
          if (may) take(counted(entry, person));
        })
        .catch(() => undefined)
        .finally(() => undecided.delete(decided));
      undecided.add(decided);
    },
    seen({ sessionId, customerId }) {
      if (customerId === null && !meet(sessionId)) met.set(sessionId, 'once');
    },
    follow(events) {
      for (const { type, queryId, learn, sessionId } of events) {
        if (learn) meet(sessionId);
        if (type !== 'SEARCH_RESULT_CLICKED' || queryId === null || !learn || clickedIds.size >= pendingMax)
          continue;
        clickedIds.add(queryId);
        flushSoon();
      }
    },
    async report({ days, limit }) {
      await Promise.all(undecided);
      await flush();
      const entries = new Map<
        string,
        { query: string; searches: number; zeroResults: number; clicked: number }
      >();
      for await (const { query, total, clicked } of since(clock.nowMs() - days * dayMs, reportedMax)) {
        let entry = entries.get(query);
        if (!entry) {
          entry = { query, searches: 0, zeroResults: 0, clicked: 0 };
          entries.set(query, entry);
        }
        entry.searches++;
        if (total === 0) entry.zeroResults++;
        if (clicked) entry.clicked++;
      }
      return [...entries.values()]
        .sort((a, b) => b.searches - a.searches || (a.query < b.query ? -1 : 1))
        .slice(0, limit);
    },
    popular(prefix, locale, limit) {
      const queries = counts.get(languageOf(locale));
      if (!queries || prefix === '') return [];
      const found: [string, number][] = [];
      for (const [query, { count, found: finds }] of queries) {
        if (count >= popularFrom && finds && query.startsWith(prefix)) found.push([query, count]);
      }
      return found
        .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, limit)
        .map(([query]) => query);
    },
    async prune() {
      if (!collection) return;
      const until = clock.nowMs() - retentionDays * dayMs;
      for (let pages = 0; pages < prunePagesMax; pages++) {
        const { items } = await collection.find({ index: 'byTime', to: until, limit: pageSize });
        if (items.length === 0) return;
        await collection.remove(items.map(({ id }) => id));
      }
    },
    async start() {
      collection = await store.collection<LoggedQuery>({
        name: 'search-log',
        indexes: { byTime: { fields: ['atMs'] } },
      });
      const recent: LoggedQuery[] = [];
      for await (const entry of since(clock.nowMs() - retentionDays * dayMs, rememberedMax))
        recent.push(entry);
      for (const entry of recent.reverse()) remember(entry);
    },
    async close() {
      await Promise.all(undecided);
      await flush();
      cancelFlush?.();
    },
  };
}
