const lengthMax = 40;

/** A value as error messages name it: texts quoted and cut, lists and objects by their kind alone, since they may be large. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value).slice(0, lengthMax);
  const text = value.toWellFormed();
  return JSON.stringify(text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text);
}
