import { describeError } from '../../../src/errors.js';
import { textDigest } from '../../../src/kit/text-digest.js';
import { customerName, sessionName } from '../../../src/person-ids.js';
import type { Host } from '../../../src/plugin.js';
import type { ShopEvent } from '../../../src/ports/events.js';
import type { Collection, Store } from '../../../src/ports/store.js';
import { createLearnedClicks } from './learned-clicks.js';
import { hasManyDigits, mayBePersonal } from './personal-text.js';
import {
  type Asker,
  clicksMax,
  createPopularQueries,
  type LoggedQuery,
  markOf,
  normalised,
  type ResultClick,
} from './popular-queries.js';
import { type ReportEntry, type ReportOptions, reportOf } from './search-report.js';

type NotedQuery = Pick<LoggedQuery, 'id' | 'total' | 'locale'> & {
  readonly text: string;
  /** Used to tell persons and their repetitions; no more than their marks is kept. */
  readonly person: Asker;
};

/** Whether one published product has all words of a text, in a language. */
export type IsPublished = (text: string, locale: string) => Promise<boolean>;

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
  /** Queries that enough different people searched for in this time, by its filter. */
  report(options: ReportOptions): Promise<readonly ReportEntry[]>;
  /** Queries that begin so, found something and were asked by enough different people, most frequent first. `prefix` is normalised. */
  popular(prefix: string, locale: string, limit: number): readonly string[];
  /** Products that enough different people clicked who searched for this text, the most clicked first, at most five. */
  clickedFor(text: string, locale: string): readonly string[];
  /** Removes what is past its time; a bounded number at a time. */
  prune(): Promise<void>;
  start(isPublished: IsPublished): Promise<void>;
  close(): Promise<void>;
}

const retentionDays = 90;
const pendingMax = 5_000;
const batchMax = 500;
const flushAfterMs = 500;
const pageSize = 1_000;
const prunePagesMax = 100;
const reportedMax = 500_000;
const rememberedMax = 50_000;
const dayMs = 86_400_000;
/** By default a query is shown to others once so many different people asked it. One person's words stay theirs. */
export const peopleMinDefault = 5;

/** What becomes known of a search after it was written: a result was clicked, or its session counts as a person by now. */
interface Amendment {
  readonly clicked?: true;
  readonly clicks?: readonly ResultClick[];
  readonly askers?: readonly number[];
}

/** What shoppers search for, kept for 90 days in the store and written behind their backs: an answer never waits for it. */
export function createQueryLog(store: Store, host: Host, peopleMin = peopleMinDefault): QueryLog {
  const { clock, log } = host;
  let collection: Collection<LoggedQuery> | null = null;
  let isPublished: IsPublished = async () => false;
  let pending: LoggedQuery[] = [];
  /** What is to be entered of searches that were written before. */
  const amended = new Map<string, Amendment>();
  const undecided = new Set<Promise<void>>();
  let dropped = 0;
  let cancelFlush: (() => void) | null = null;
  let flushing: Promise<void> = Promise.resolve();
  let isPruning = false;
  let stopWatching = (): void => undefined;
  let relearning: Promise<void> | null = null;
  const learnFromNothing = () => {
    const clicks = createLearnedClicks(peopleMin);
    const popular = createPopularQueries(clock, peopleMin, (search, askers) => {
      amend(search.id, { askers });
      clicks.counted(search);
    });
    return { clicks, popular };
  };
  let { clicks: learned, popular: queries } = learnFromNothing();

  /** From the log, in the order of the searches. */
  async function learnFromLog(): Promise<void> {
    const recent: LoggedQuery[] = [];
    for await (const entry of since(clock.nowMs() - retentionDays * dayMs, rememberedMax)) recent.push(entry);
    const anew = learnFromNothing();
    for (const entry of recent.reverse()) {
      anew.popular.remember(entry);
      anew.clicks.remember(entry);
    }
    ({ clicks: learned, popular: queries } = anew);
  }

  /** After searches were erased: one reading at a time. */
  function relearn(): void {
    relearning ??= learnFromLog()
      .catch((error: unknown) => log.warn('searches could not be read again', { err: describeError(error) }))
      .finally(() => {
        relearning = null;
      });
  }

  /** The digests of the people of a search. */
  function digestsOf({ customerId, sessionId }: Asker): readonly string[] {
    const names = [sessionName(sessionId), ...(customerId === null ? [] : [customerName(customerId)])];
    return names.some(store.people.isErased) ? [] : names.map(textDigest);
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
    for (const [id, change] of [...amended].slice(0, batchMax)) {
      await collection.update(
        id,
        (entry) => (entry ? { ...entry, ...change, ...clicksOf(entry, change) } : undefined),
        {
          skipDamaged: true,
        },
      );
      if (amended.get(id) === change) amended.delete(id);
    }
    if (amended.size > 0) flushSoon();
  }

  async function* since(fromMs: number, mostEntries: number): AsyncGenerator<LoggedQuery> {
    let after: string | undefined;
    for (let read = 0; read < mostEntries; ) {
      const page = await collection!.find({
        index: 'byTime',
        skipDamaged: true,
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

  function amend(id: string, change: Amendment): void {
    if (amended.size >= pendingMax) return;
    const before = amended.get(id);
    const clicks = [...(before?.clicks ?? []), ...(change.clicks ?? [])].slice(0, clicksMax);
    amended.set(id, { ...before, ...change, ...(clicks.length > 0 && { clicks }) });
    flushSoon();
  }

  /** Whether the digits of a query, if they are many, are those of a product. */
  const isNobodys = async (query: string, locale: string): Promise<boolean> =>
    !hasManyDigits(query) || isPublished(query, locale);

  function take(entry: Omit<LoggedQuery, 'askers' | 'marks'>, person: Asker): void {
    const digests = digestsOf(person);
    if (digests.length === 0) return;
    const askers = queries.count(entry, person);
    pending.push({ ...entry, askers, marks: digests.map((digest) => markOf(digest, entry.id)) });
    learned.searched(entry);
    if (askers.length > 0) learned.counted(entry);
    flushSoon();
  }

  return {
    note({ id, text, total, locale, person }, allowed) {
      const query = normalised(text);
      if (query === null || mayBePersonal(query)) return;
      if (pending.length + undecided.size >= pendingMax) {
        dropped++;
        return;
      }
      const entry = { id, query, total, locale, atMs: clock.nowMs(), clicked: false };
      const decided: Promise<void> = allowed
        .then(async (may) => {
          if (may && (await isNobodys(query, locale))) take(entry, person);
        })
        .catch(() => undefined)
        .finally(() => undecided.delete(decided));
      undecided.add(decided);
    },
    seen({ sessionId, customerId }) {
      if (customerId === null) queries.meet(sessionId);
    },
    follow(events) {
      let last = '';
      for (const { type, queryId, learn, sessionId, productIds, position } of events) {
        if (!learn) continue;
        // Events of one session follow each other.
        if (sessionId !== last) queries.meet(sessionId);
        last = sessionId;
        if (type !== 'SEARCH_RESULT_CLICKED' || queryId === null) continue;
        const [productId] = productIds;
        const clicks = productId === undefined ? [] : [{ productId, position: position ?? 1 }];
        for (const click of clicks) learned.clicked(queryId, click);
        amend(queryId, { clicked: true, clicks });
      }
    },
    async report(options) {
      await Promise.all(undecided);
      await flush();
      const reported: ReportEntry[] = [];
      for (const entry of await reportOf(since(options.fromMs, reportedMax), options, peopleMin)) {
        if (reported.length === options.limit) break;
        if (await isNobodys(entry.query, entry.locale)) reported.push(entry);
      }
      return reported;
    },
    popular: (prefix, locale, limit) => queries.popular(prefix, locale, limit),
    clickedFor: (text, locale) => learned.of(text, locale),
    async prune() {
      if (!collection) return;
      const until = clock.nowMs() - retentionDays * dayMs;
      for (let pages = 0; pages < prunePagesMax; pages++) {
        const { items } = await collection.find({
          index: 'byTime',
          to: until,
          limit: pageSize,
          skipDamaged: true,
        });
        if (items.length === 0) return;
        isPruning = true;
        await collection.remove(items.map(({ id }) => id)).finally(() => {
          isPruning = false;
        });
      }
    },
    async start(published) {
      isPublished = published;
      collection = await store.collection<LoggedQuery>({
        name: 'search-log',
        indexes: { byTime: { fields: ['atMs'] } },
        person: {
          isAbout: ({ id, marks = [] }, digests) =>
            marks.length > 0 && [...digests].some((digest) => marks.includes(markOf(digest, id))),
          only: ({ marks: _, askers: __, ...search }) => search,
        },
      });
      stopWatching = collection.watch((changes) => {
        if (!isPruning && changes.some(({ document }) => document === null)) relearn();
      });
      await learnFromLog();
    },
    async close() {
      await Promise.all(undecided);
      await flush();
      stopWatching();
      await relearning;
      cancelFlush?.();
    },
  };
}

function clicksOf({ clicks: before = [] }: LoggedQuery, { clicks: added = [] }: Amendment) {
  const byProduct = new Map([...before, ...added].map((click) => [click.productId, click]));
  return byProduct.size === 0 ? {} : { clicks: [...byProduct.values()].slice(0, clicksMax) };
}
