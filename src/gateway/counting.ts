import {
  type GraphQLOutputType,
  type GraphQLScalarType,
  getNullableType,
  isCompositeType,
  isLeafType,
  isListType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import type { DeclaredField } from './declared-field.js';
import { noteThrown } from './mask-error.js';
import { readableError } from './safe-values.js';
import type { Work } from './work.js';

/** Characters of a text that cost a unit of work. */
export const charactersOfUnit = 512;

/** Levels of lists and objects in a value of a JSON field; one that contains itself has more. */
const jsonDepthMax = 100;

/** Units of work of an object in a list, before any of its fields; of any other item 1. */
const objectUnits = 4;

/** Returns the value of a field, bounded in time if it is a promise and counted by its size. */
export type Counter = (value: unknown, rule: DeclaredField, work: Work) => unknown;

/** What has to be counted depends on the type alone, so that values are hardly looked at. */
export function counterOf(type: GraphQLOutputType): Counter {
  const nullable = getNullableType(type);
  const count = isListType(nullable)
    ? listCounter(
        counterOf(nullable.ofType),
        isCompositeType(getNullableType(nullable.ofType)) ? objectUnits : 1,
      )
    : isLeafType(nullable)
      ? isScalarType(nullable) && isSpecifiedScalarType(nullable)
        ? plainCounter(nullable)
        : countLeaf
      : uncounted;
  return bounded(count);
}

const uncounted: Counter = (value) => value;

/** Of what a subscription streams from: it is waited for like a value, but is none of the field's type. */
export const countSource: Counter = bounded(uncounted);

function bounded(count: Counter): Counter {
  return function counted(value, rule, work): unknown {
    if (!isPromise(value)) return value instanceof Error ? readableError(value) : count(value, rule, work);
    return work.within(
      value.then(
        (settled) => counted(settled, rule, work),
        (thrown: unknown) => {
          const error = readableError(thrown);
          noteThrown(error, rule);
          work.fail();
          throw error;
        },
      ),
      rule,
    );
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

function countLeaf(value: unknown, rule: DeclaredField, work: Work): unknown {
  if (typeof value === 'string') {
    if (value.length >= charactersOfUnit) work.spend(value.length / charactersOfUnit);
  } else if (typeof value === 'object' && value !== null) return countJson(value, rule, work);
  return value;
}

/** Counts a unit for each entry. Returns the value, or an error in its place, so that only this item of a list is null. */
function countJson(json: object, rule: DeclaredField, work: Work): unknown {
  function count(value: unknown, depth: number): void {
    if (typeof value === 'string') work.spend(value.length / charactersOfUnit);
    if (typeof value !== 'object' || value === null) return;
    if (depth > jsonDepthMax)
      throw new RangeError(`a JSON value contains itself, or has more than ${jsonDepthMax} levels`);
    const entries = Array.isArray(value) ? value : Object.values(value);
    work.spend(entries.length);
    for (const entry of entries) count(entry, depth + 1);
  }
  try {
    count(json, 1);
    return json;
  } catch (thrown) {
    return failure(thrown, rule, work);
  }
}

/** Converts objects for String, Int and other built-in scalars here, since `valueOf` of such an object may throw. */
function plainCounter(type: GraphQLScalarType): Counter {
  return (value, rule, work) => {
    if (typeof value !== 'object' || value === null) return countLeaf(value, rule, work);
    try {
      return countLeaf(type.serialize(value), rule, work);
    } catch (thrown) {
      return failure(thrown, rule, work);
    }
  };
}

/** The error that a field or an item of a list has instead of its value, unless the whole operation ends. */
function failure(thrown: unknown, rule: DeclaredField, work: Work): unknown {
  if (work.refusal) throw thrown;
  const error = readableError(thrown);
  noteThrown(error, rule);
  work.fail();
  return error instanceof Error ? error : new Error(String(error));
}

function listCounter(countItem: Counter, unitsOfItem: number): Counter {
  return (value, rule, work) => {
    if (Array.isArray(value)) {
      work.spend(value.length * unitsOfItem);
      let counted: unknown[] | null = null;
      for (let i = 0; i < value.length; i++) {
        const item: unknown = value[i];
        const its = countItem(item, rule, work);
        if (counted === null && its !== item) counted = value.slice(0, i);
        counted?.push(its);
      }
      return counted ?? value;
    }
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return value;
    const items: unknown[] = [];
    for (const item of value as Iterable<unknown>) {
      work.spend(unitsOfItem);
      items.push(countItem(item, rule, work));
    }
    return items;
  };
}
