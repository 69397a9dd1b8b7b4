import { Cron } from 'croner';
import { shownValue } from './shown-value.js';

/** Returns the first moment after the given one, both in milliseconds since the epoch; null if there is none. */
export type NextRun = (afterMs: number) => number | null;

/**
 * Reads a cron expression of five fields (minute, hour, day of month, month, day of week), for example `0 3 * * 1-5`, in an IANA time
 * zone. A local time that a change to summer time skips runs at the change; one that comes twice runs once. Throws an Error that names
 * the value for an expression or time zone that is not valid or has no run.
 */
export function parseCron(cron: string, timeZone: string): NextRun {
  if (typeof cron !== 'string' || cron.trim().split(/\s+/).length !== 5)
    throw new Error(`cron ${shownValue(cron)} does not have five fields; an example is "0 3 * * 1-5"`);
  // Most jobs run by UTC, and the first time zone that is looked up takes 40 ms of a start.
  const isUtc = timeZone === 'UTC';
  let parsed: Cron;
  try {
    if (!isUtc) new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new Error(`time zone ${shownValue(timeZone)} is not known; an example is "Europe/Vienna"`, {
      cause,
    });
  }
  try {
    parsed = new Cron(cron, { ...(isUtc ? { utcOffset: 0 } : { timezone: timeZone }), paused: true });
  } catch (cause) {
    throw new Error(`cron ${shownValue(cron)} is not valid; an example is "0 3 * * 1-5"`, { cause });
  }
  const next: NextRun = (afterMs) => parsed.nextRun(new Date(afterMs))?.getTime() ?? null;
  if (next(0) === null) throw new Error(`cron ${shownValue(cron)} never runs; an example is "0 3 * * 1-5"`);
  return next;
}
