import { type GraphQLOutputType, getNullableType, isCompositeType, isLeafType, isListType } from 'graphql';
import type { FieldRule } from './field-rules.js';
import { noteThrown } from './mask-error.js';
import type { Work } from './work.js';

/** Units of work of an error of a field: it is located in the document, masked and perhaps logged. */
export const errorUnits = 20;
/** Characters of a text that cost a unit of work. */
export const charactersOfUnit = 512;

/** Units of work of an object in a list, before any of its fields; of any other item 1. */
const objectUnits = 4;

/** Returns the value of a field, bounded in time if it is a promise and counted by its size. */
export type Counter = (value: unknown, rule: FieldRule, work: Work) => unknown;

/** What has to be counted depends on the type alone, so that values are hardly looked at. */
export function counterOf(type: GraphQLOutputType): Counter {
  const nullable = getNullableType(type);
  const count = isListType(nullable)
    ? listCounter(
        counterOf(nullable.ofType),
        isCompositeType(getNullableType(nullable.ofType)) ? objectUnits : 1,
      )
    : isLeafType(nullable)
      ? countLeaf
      : (value: unknown) => value;
  return function counted(value, rule, work): unknown {
    if (!isPromise(value)) return count(value, rule, work);
    return work.within(
      value.then(
        (settled) => counted(settled, rule, work),
        (error: unknown) => {
          noteThrown(error, rule);
          work.spend(errorUnits);
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

function countLeaf(value: unknown, _: FieldRule, work: Work): unknown {
  if (typeof value === 'string') {
    if (value.length >= charactersOfUnit) work.spend(value.length / charactersOfUnit);
  } else if (typeof value === 'object' && value !== null) countJson(value, work);
  return value;
}

/** A unit for each entry. */
function countJson(value: unknown, work: Work): void {
  if (typeof value === 'string') work.spend(value.length / charactersOfUnit);
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? value : Object.values(value);
  work.spend(entries.length);
  for (const entry of entries) countJson(entry, work);
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
