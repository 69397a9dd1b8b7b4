import { languageOf } from '../../../src/kit/language-of.js';
import { mayBePersonal } from './personal-text.js';
import { enter, type LoggedQuery } from './popular-queries.js';

export interface ReportEntry {
  readonly query: string;
  readonly locale: string;
  readonly searches: number;
  readonly zeroResults: number;
  readonly clicked: number;
  readonly clickThroughRate: number | null;
  readonly averageClickPosition: number | null;
}

export type ReportFilter = 'ALL' | 'ZERO_RESULTS' | 'ABANDONED' | 'RISING';

export interface ReportOptions {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly limit: number;
  /** If omitted, ALL. */
  readonly filter?: ReportFilter;
  /** If omitted or null, all. */
  readonly locale?: string | null;
}

/** The searches of one query while they are counted. */
interface Counted {
  readonly query: string;
  /** The language of its first search. */
  readonly locale: string;
  people: number;
  readonly askers: number[];
  searches: number;
  zeroResults: number;
  clicked: number;
  abandoned: number;
  /** Searches in the second half of the time less those in the first. */
  rise: number;
  clicks: number;
  positions: number;
}

/** By filter: how far up a query stands. Queries with 0 are left out. */
const orders: Readonly<Record<ReportFilter, (counted: Counted) => number>> = {
  ALL: ({ searches }) => searches,
  ZERO_RESULTS: ({ zeroResults }) => zeroResults,
  ABANDONED: ({ abandoned }) => abandoned,
  RISING: ({ rise }) => Math.max(0, rise),
};

/** Counts logged searches by query. Queries that fewer than `peopleMin` different people searched for, or that may be personal, are left out. */
export async function reportOf(
  searches: AsyncIterable<LoggedQuery>,
  { fromMs, toMs, filter = 'ALL', locale = null }: ReportOptions,
  peopleMin: number,
): Promise<readonly ReportEntry[]> {
  const byQuery = new Map<string, Counted>();
  const middleMs = (fromMs + toMs) / 2;
  for await (const search of searches) {
    if (search.atMs >= toMs || (locale !== null && languageOf(search.locale) !== languageOf(locale)))
      continue;
    count(byQuery, search, search.atMs >= middleMs);
  }
  const order = orders[filter];
  return [...byQuery.values()]
    .filter((each) => each.people >= peopleMin && order(each) > 0 && !mayBePersonal(each.query))
    .sort((a, b) => order(b) - order(a) || b.searches - a.searches || (a.query < b.query ? -1 : 1))
    .map(({ query, locale: of, searches: all, zeroResults, clicked, clicks, positions }) => ({
      query,
      locale: of,
      searches: all,
      zeroResults,
      clicked,
      clickThroughRate: all === zeroResults ? null : clicked / (all - zeroResults),
      averageClickPosition: clicks === 0 ? null : positions / clicks,
    }));
}

function count(byQuery: Map<string, Counted>, search: LoggedQuery, isLate: boolean): void {
  const { query, locale, total, clicked, askers, clicks = [] } = search;
  let counted = byQuery.get(query);
  if (!counted) {
    const none = {
      people: 0,
      searches: 0,
      zeroResults: 0,
      clicked: 0,
      abandoned: 0,
      rise: 0,
      clicks: 0,
      positions: 0,
    };
    counted = { query, locale, askers: [], ...none };
    byQuery.set(query, counted);
  }
  if (askers && enter(counted.askers, askers)) counted.people++;
  counted.searches++;
  counted.rise += isLate ? 1 : -1;
  if (total === 0) counted.zeroResults++;
  else if (clicked) counted.clicked++;
  else counted.abandoned++;
  counted.clicks += clicks.length;
  for (const { position } of clicks) counted.positions += position;
}
