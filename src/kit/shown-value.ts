import { UnreadMoment } from './unread-moment.js';

const lengthMax = 40;
const listedMax = 5;

/** A value as error messages name it: texts quoted and cut, lists and objects by their kind alone, since they may be large. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) {
    const isShort = value.length <= 5 && value.every((each) => typeof each === 'number');
    return isShort ? `[${value.join(', ')}]` : `a list of ${value.length}`;
  }
  if (value instanceof UnreadMoment) return shownValue(value.received);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value).slice(0, lengthMax);
  const text = value.toWellFormed();
  return JSON.stringify(text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text);
}

/** The first five of some texts: `a, b, c, d, e and 2 others`. */
export function shownList(texts: readonly string[]): string {
  const left = texts.length - listedMax;
  const some = texts.slice(0, listedMax).join(', ');
  return left > 0 ? `${some} and ${left} ${left === 1 ? 'other' : 'others'}` : some;
}

/** `quantity must be from 1 to 10` → `quantity must be from 1 to 10, not -3`. */
export function notValue(allowed: string, value: unknown): string {
  return value === undefined ? `${allowed}, and is missing` : `${allowed}, not ${shownValue(value)}`;
}
