/** The order of day and month in dates such as 03/04/2026. */
export type DateOrder = 'dmy' | 'mdy';

/**
 * Reads a moment: ISO 8601 with or without a zone, a date, epoch seconds or milliseconds, RFC 2822, `1.3.2026 12:00`, and `3/4/26, 1:00 PM`
 * if the order of day and month is known or only one is possible. A moment without a zone is in UTC. Null if it is none.
 */
export function readMoment(text: string, order?: DateOrder): string | null {
  const trimmed = text.trim();
  const ms = epoch(trimmed) ?? iso(trimmed) ?? separated(trimmed, order) ?? rfc2822(trimmed);
  if (ms === null || Number.isNaN(ms)) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1970 ? null : date.toISOString();
}

function epoch(text: string): number | null {
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  return /^\d{12,13}$/.test(text) ? Number(text) : null;
}

const zoneHoursMax = 14;

function iso(text: string): number | null {
  const match =
    /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(?:(Z|UTC|GMT)|([+-]\d\d):?(\d\d)?)?$/i.exec(
      text,
    );
  if (!match) return null;
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    ,
    zoneHour,
    zoneMinute = '0',
  ] = match;
  const ms = moment([year, month, day, hour, minute, second]);
  if (ms === null) return null;
  if (Math.abs(Number(zoneHour ?? 0)) > zoneHoursMax) return null;
  const sign = zoneHour?.startsWith('-') ? -1 : 1;
  const offset = zoneHour === undefined ? 0 : sign * (Math.abs(Number(zoneHour)) * 60 + Number(zoneMinute));
  return ms + Math.floor(Number(`0.${fraction || '0'}`) * 1_000) - offset * 60_000;
}

function separated(text: string, order: DateOrder | undefined): number | null {
  const match =
    /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)(?:[,\sT]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([ap]\.?m\.?)?)?$/i.exec(
      text,
    );
  if (!match) return null;
  const [, first, mark, second, shortYear, hour = '0', minute = '0', seconds = '0', half] = match;
  const year = shortYear!.length === 2 ? `20${shortYear}` : shortYear!;
  const dayFirst = orderOf(Number(first), Number(second), mark!, order);
  if (dayFirst === null) return null;
  const [day, month] = dayFirst ? [first, second] : [second, first];
  let hours = Number(hour);
  if (half) hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
  return moment([year, month, day, String(hours), minute, seconds]);
}

/** True: the day is first. Dots are written in countries where it is. Null if both orders are possible. */
function orderOf(first: number, second: number, mark: string, order: DateOrder | undefined): boolean | null {
  if (first > 12) return true;
  if (second > 12) return false;
  if (mark === '.' || first === second) return true;
  return order === undefined ? null : order === 'dmy';
}

function rfc2822(text: string): number | null {
  const match =
    /^(?:[a-z]{3},\s*)?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)?(\s+(?:[+-]\d{4}|gmt|utc|z))?$/i.exec(text);
  return match ? Date.parse(match[1] === undefined ? `${text} GMT` : text) : null;
}

/** Milliseconds in UTC; null for a day or a time that does not exist. */
function moment(parts: readonly (string | undefined)[]): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && hour < 24 && minute < 60 && second < 60 ? ms : null;
}
