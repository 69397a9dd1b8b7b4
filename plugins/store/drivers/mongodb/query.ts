import type { mongo } from 'mongoose';
import type { IndexValue } from '../../../../src/ports/store.js';
import type { Range } from '../../../../src/ports/store-driver.js';

/** A document in MongoDB. */
export interface Kept {
  readonly _id: string;
  /** Another one after every write: what compare-and-set compares. */
  readonly version: string;
  /** The document as JSON: fields of any name come back as they were, and reading costs one JSON.parse. */
  readonly json: string;
  /** The fields that some index names, so that MongoDB can index them. */
  readonly fields: Readonly<Record<string, IndexValue | readonly string[]>>;
}

const lowestNumber = Number.NEGATIVE_INFINITY;

export function pathOf(field: string): string {
  return `fields.${field}`;
}

/** MongoDB orders null, numbers and strings as the port does, and its comparisons keep to one type as the port's do. */
export function filterOf({ index, equals, from, to, descending, after }: Range): mongo.Filter<Kept> {
  const all: mongo.Filter<Kept>[] = [];
  const fields = index?.fields ?? [];
  equals.forEach((value, i) => {
    all.push({ [pathOf(fields[i]!)]: value });
  });
  const bounded = fields[equals.length];
  if (bounded !== undefined) {
    if (from !== undefined && from !== null) all.push({ [pathOf(bounded)]: { $gte: from } });
    if (to === null) all.push({ [pathOf(bounded)]: null });
    else if (to !== undefined) all.push({ [pathOf(bounded)]: { $lte: to } });
  }
  if (after) {
    const open = fields.slice(equals.length);
    const values = after.values.slice(equals.length);
    const same: mongo.Filter<Kept>[] = [];
    const either: mongo.Filter<Kept>[] = [];
    open.forEach((field, i) => {
      for (const beyond of beyondValue(pathOf(field), values[i]!, descending))
        either.push({ $and: [...same, beyond] });
      same.push({ [pathOf(field)]: values[i]! });
    });
    either.push({ $and: [...same, { _id: descending ? { $lt: after.id } : { $gt: after.id } }] });
    all.push({ $or: either });
  }
  return all.length === 0 ? {} : { $and: all };
}

/** Conditions, any of which says: behind this value in the order over all types. */
function beyondValue(path: string, value: IndexValue, descending: boolean): mongo.Filter<Kept>[] {
  if (descending) {
    if (value === null) return [];
    const lower: mongo.Filter<Kept>[] = [{ [path]: { $lt: value } }, { [path]: null }];
    return typeof value === 'string' ? [...lower, { [path]: { $gte: lowestNumber } }] : lower;
  }
  if (typeof value === 'string') return [{ [path]: { $gt: value } }];
  const strings: mongo.Filter<Kept> = { [path]: { $gte: '' } };
  return [{ [path]: value === null ? { $gte: lowestNumber } : { $gt: value } }, strings];
}

export function sortOf({ index, equals, descending }: Range): mongo.Sort {
  const direction = descending ? -1 : 1;
  const open = (index?.fields ?? []).slice(equals.length);
  return Object.fromEntries([...open.map(pathOf), '_id'].map((path) => [path, direction]));
}
