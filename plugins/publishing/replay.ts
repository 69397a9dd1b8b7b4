import type { Clock } from '../../src/plugin.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { FrequentQuery, Search } from '../../src/ports/search.js';
import { depth, overlapAt10, rankBiasedOverlap } from './overlap.js';

const worstMax = 10;
/** Milliseconds. What is not replayed by then is not: a response is waited for ten seconds. */
const replayMsMax = 6_000;

/** A query with the products that it finds. */
export interface ReplayedQuery {
  readonly query: string;
  readonly searches: number;
  /** Ids of at most ten products, best first. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Of all results. */
  readonly overlap: number;
}

/** The changes that the draft would have made to the most frequent searches. Shares and means are weighted by how often a query was searched. */
export interface ReplayReport {
  /** Queries that were replayed. */
  readonly queries: number;
  readonly searches: number;
  /** Searches without results, as published and with the draft. */
  readonly zeroResultsBefore: number;
  readonly zeroResultsAfter: number;
  /** Searches that find something as published, and nothing with the draft. */
  readonly zeroResultsNew: number;
  /** Means of 0 to 1; 1 if nothing was replayed. */
  readonly overlapAt10: number;
  readonly rbo: number;
  /** Those that change most, by searches times the part that differs. */
  readonly worst: readonly ReplayedQuery[];
}

/** Visitors without a history: one who sees what is published, and one who sees the draft. */
export interface Previewers {
  readonly published: Shopper;
  readonly draft: Shopper;
}

interface ReplayParts {
  readonly search: Search;
  readonly clock: Clock;
  readonly shoppersIn: (locale: string) => Promise<Previewers>;
  /** Lets other requests go first. */
  readonly pause: () => Promise<void>;
}

/** Searches each query as published and with the draft. */
export async function replay(
  queries: readonly FrequentQuery[],
  { search, clock, shoppersIn, pause }: ReplayParts,
): Promise<ReplayReport> {
  const began = clock.monotonicMs();
  const shoppers = new Map<string, Previewers>();
  const sums = { queries: 0, searches: 0, before: 0, after: 0, lost: 0, overlap: 0, rbo: 0 };
  const worst: ReplayedQuery[] = [];

  for (const { query, searches, locale } of queries) {
    if (clock.monotonicMs() - began > replayMsMax) break;
    const both = shoppers.get(locale) ?? (await shoppersIn(locale));
    shoppers.set(locale, both);
    const before = await search.preview(both.published, query, depth);
    const after = await search.preview(both.draft, query, depth);
    const overlap = overlapAt10(before.ids, after.ids);
    sums.queries++;
    sums.searches += searches;
    if (before.total === 0) sums.before += searches;
    if (after.total === 0) sums.after += searches;
    if (before.total > 0 && after.total === 0) sums.lost += searches;
    sums.overlap += searches * overlap;
    sums.rbo += searches * rankBiasedOverlap(before.ids, after.ids);
    if (before.ids.join() !== after.ids.join())
      worst.push({ query, searches, before: before.ids, after: after.ids, overlap });
    await pause();
  }
  const mean = (sum: number): number => (sums.searches === 0 ? 1 : sum / sums.searches);
  const harm = ({ searches, overlap, before, after }: ReplayedQuery): number =>
    searches * (1 - (overlap + rankBiasedOverlap(before, after)) / 2);
  return {
    queries: sums.queries,
    searches: sums.searches,
    zeroResultsBefore: sums.before,
    zeroResultsAfter: sums.after,
    zeroResultsNew: sums.lost,
    overlapAt10: mean(sums.overlap),
    rbo: mean(sums.rbo),
    worst: worst.sort((a, b) => harm(b) - harm(a)).slice(0, worstMax),
  };
}
