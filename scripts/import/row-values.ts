import { z } from 'zod';
import type { Row } from './read/rows.js';

/**
 * Where a value comes from: the name of a field (`supplier`; `a.b.0` reaches into nested values unless the row has
 * a field of just that name), or a constant.
 */
export const source = z.union(
  [z.string().min(1), z.strictObject({ constant: z.union([z.string(), z.number(), z.boolean()]) })],
  { error: 'must be the name of a field, or { "constant": … }' },
);

/** Several values: a list in the row, or one text that `split` cuts. */
export const listSource = z.union(
  [source, z.strictObject({ path: z.string().min(1), split: z.string().min(1) })],
  { error: 'must be the name of a field, { "path": …, "split": … }, or { "constant": … }' },
);

export const type = z.enum(['text', 'number', 'boolean']);

export type Source = z.output<typeof source>;
export type ListSource = z.output<typeof listSource>;

/** What is there; undefined for absence. */
export function valueIn(row: Row, from: Source): unknown {
  if (typeof from !== 'string') return from.constant;
  if (Object.hasOwn(row, from)) return row[from];
  let value: unknown = row;
  for (const key of from.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Row)[key];
  }
  return value;
}

export function listIn(row: Row, from: ListSource): readonly unknown[] {
  if (typeof from === 'object' && 'path' in from) {
    const value = valueIn(row, from.path);
    return typeof value === 'string' ? value.split(from.split) : listed(value);
  }
  return listed(valueIn(row, from));
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Trimmed text; undefined for blank, null, lists and objects. */
export function plain(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

export function textIn(row: Row, from: Source | undefined): string | undefined {
  return from === undefined ? undefined : plain(valueIn(row, from));
}

export function textsIn(row: Row, from: ListSource): string[] {
  return listIn(row, from)
    .map(plain)
    .filter((value) => value !== undefined);
}

/** Throws an Error that names the field and what it is for when the value is no number. */
export function numberIn(row: Row, from: Source | undefined, what: string): number | undefined {
  const value = textIn(row, from);
  if (value === undefined) return undefined;
  if (Number.isFinite(Number(value))) return Number(value);
  throw new Error(`"${value.slice(0, 40)}" in ${named(from!)} is no ${what}; it must be a number`);
}

const truths = new Map<string, boolean>([
  ...(['true', 'yes', 'y', '1'] as const).map((word) => [word, true] as const),
  ...(['false', 'no', 'n', '0'] as const).map((word) => [word, false] as const),
]);

/** Throws an Error that names the field when the value is not of the type; undefined for blank. */
export function typed(
  value: unknown,
  as: z.output<typeof type>,
  from: ListSource,
): string | number | boolean | undefined {
  const read = plain(value);
  if (read === undefined || as === 'text') return read;
  const converted = as === 'number' ? Number(read) : truths.get(read.toLowerCase());
  if (converted !== undefined && (typeof converted === 'boolean' || Number.isFinite(converted)))
    return converted;
  throw new Error(`"${read.slice(0, 40)}" in ${named(from)} is no ${as}`);
}

export function named(from: ListSource): string {
  if (typeof from === 'string') return `"${from}"`;
  return 'path' in from ? `"${from.path}"` : 'the constant of the mapping';
}
