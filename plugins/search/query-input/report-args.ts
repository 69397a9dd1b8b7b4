import { RapportError } from '../../../src/errors.js';
import type { ReportFilter, ReportOptions } from '../query-log/search-report.js';
import { argumentOf } from './query-checks.js';

const daysUsual = 7;
const daysMax = 90;
const entriesUsual = 50;
const entriesMax = 1_000;
const dayMs = 86_400_000;

/** The arguments of `Query.searchReport`. */
export interface ReportArgs {
  readonly days?: number | null;
  readonly first?: number | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly filter?: ReportFilter | null;
  readonly locale?: string | null;
}

/** The time and queries of a report; throws `invalid` with the value and what is allowed. */
export function reportOptions(
  { days, first, from, to, filter, locale }: ReportArgs,
  nowMs: number,
): ReportOptions {
  const toMs = to?.getTime() ?? nowMs + 1;
  const fromMs =
    from?.getTime() ?? toMs - argumentOf('days', days, daysUsual, daysMax, 'REPORT_DAYS') * dayMs;
  if (fromMs >= toMs || toMs - fromMs > daysMax * dayMs + 1) {
    const [start, end] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const message = `a report from ${start} to ${end} is not possible: from must be before to, by at most ${daysMax} days`;
    throw new RapportError('invalid', 'SEARCH_REPORT_SPAN', message, { path: ['from'] });
  }
  return {
    fromMs,
    toMs,
    limit: argumentOf('first', first, entriesUsual, entriesMax, 'REPORT_FIRST'),
    filter: filter ?? 'ALL',
    locale: locale ?? null,
  };
}
