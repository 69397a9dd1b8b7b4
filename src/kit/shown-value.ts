import { UnreadMoment } from './unread-moment.js';

const lengthMax = 40;

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

/** `quantity must be from 1 to 10` → `quantity must be from 1 to 10, not -3`. */
export function notValue(allowed: string, value: unknown): string {
  return value === undefined ? `${allowed}, and is missing` : `${allowed}, not ${shownValue(value)}`;
}
