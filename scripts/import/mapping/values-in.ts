import { isRow, type Row } from '../read/rows.js';
import { matchedMax, regular } from './expressions.js';
import { fieldsOf, type ListSource, type Source } from './sources.js';

/**
 * A place to look for values: the row, or one element of a list in it. A path is looked up in the element; one that begins with a slash
 * in the row. `{name}` in a path is replaced by that value of the element.
 */
export interface Scope {
  readonly row: Row;
  readonly element: Row;
}

export function scopeOf(row: Row): Scope {
  return { row, element: row };
}

/** The value at a path; undefined for absence. A field of just that name goes before a nested one. */
export function valueAt(scope: Scope, path: string): unknown {
  const whole = path.includes('{') ? filledIn(scope, path) : path;
  return whole.startsWith('/') ? nested(scope.row, whole.slice(1)) : nested(scope.element, whole);
}

function filledIn({ element }: Scope, path: string): string {
  return path.replace(/\{(\w+)\}/g, (all, name: string) => plain(element[name]) ?? all);
}

function nested(from: Row, path: string): unknown {
  if (Object.hasOwn(from, path)) return from[path];
  if (!path.includes('.')) return undefined;
  let value: unknown = from;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Row)[key];
  }
  return value;
}

/** Trimmed text; undefined for blank, null and objects. Of a list, the first text in it; of an XML element with attributes, its text. */
export function plain(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    for (const each of value) {
      const text = plain(each);
      if (text !== undefined) return text;
    }
    return undefined;
  }
  return isRow(value) ? plain(value['#text']) : undefined;
}

export function textIn(scope: Scope, from: Source | undefined): string | undefined {
  if (from === undefined) return undefined;
  if (typeof from === 'string') return plain(valueAt(scope, from));
  if ('constant' in from) return plain(from.constant);
  if ('first' in from) {
    for (const each of from.first) {
      const text = textIn(scope, each);
      if (text !== undefined) return text;
    }
    return undefined;
  }
  if ('join' in from) {
    const parts = from.join.map((each) => textIn(scope, each)).filter((part) => part !== undefined);
    return parts.length > 0 ? parts.join(from.with) : undefined;
  }
  if ('columns' in from || 'entries' in from) {
    for (const { value } of rowsIn(scope, from)) {
      const text = plain(value);
      if (text !== undefined) return text;
    }
    return undefined;
  }
  const value = valueAt(scope, from.path);
  const text = plain(value);
  if (text === undefined) return value === undefined ? undefined : plain(from.words?.['']);
  if (from.match !== undefined) return plain(regular(from.match).exec(text.slice(0, matchedMax))?.at(-1));
  return from.words === undefined ? text : plain(from.words[text.toLowerCase()] ?? from.words['*']);
}

/** The elements of a list, each as a scope: an object as it is, a text or number as `{ value }`. */
export function elementsIn(scope: Scope, from: ListSource): Scope[] {
  return rowsIn(scope, from).map((element) => ({ row: scope.row, element }));
}

function rowsIn(scope: Scope, from: ListSource): Row[] {
  if (typeof from === 'string') return listed(valueAt(scope, from));
  if ('all' in from) return from.all.flatMap((each) => rowsIn(scope, each));
  if ('columns' in from) return matchingColumns(scope, regular(from.columns));
  if ('entries' in from) {
    const value = valueAt(scope, from.entries);
    return isRow(value) ? Object.entries(value).map(([name, each]) => ({ name, value: each })) : [];
  }
  if ('numbered' in from) return numberedFields(scope, from.numbered);
  if ('split' in from) {
    const parts = listed(valueAt(scope, from.path)).flatMap(
      ({ value }) => plain(value)?.split(from.split) ?? [],
    );
    const texts = parts.map((part) => part.trim()).filter((part) => part !== '');
    if (from.match === undefined) return texts.map((value) => ({ value }));
    const expression = regular(from.match);
    const chooses = from.match.includes('?<value>');
    return texts.flatMap((value) => {
      const groups = expression.exec(value.slice(0, matchedMax))?.groups;
      return groups ? [{ value, ...groups }] : chooses ? [] : [{ value }];
    });
  }
  if ('pairs' in from) {
    const text = plain(valueAt(scope, from.path)) ?? '';
    return pairsIn(text, from.pairs.between, from.pairs.equals).map(([name, value]) => ({ name, value }));
  }
  if ('records' in from) {
    const { between, pairs, equals } = from.records;
    const records = (plain(valueAt(scope, from.path)) ?? '')
      .split(between)
      .filter((each) => each.trim() !== '');
    return records.map((record) => Object.fromEntries(pairsIn(record, pairs, equals)));
  }
  const text = textIn(scope, from);
  return text === undefined ? [] : [{ value: text }];
}

function listed(value: unknown): Row[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.map((each) => (isRow(each) ? each : { value: each }));
}

/** A part without the sign of equality goes on with the value before it: a value may have the separator in it. */
function pairsIn(text: string, between: string, equals: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const part of text.split(between)) {
    const at = part.indexOf(equals);
    const last = pairs.at(-1);
    if (at > 0) pairs.push([part.slice(0, at).trim(), part.slice(at + equals.length).trim()]);
    else if (last) last[1] += between + part;
  }
  return pairs;
}

/** The fields that match, by the names of all fields: they are the same in each row of a CSV file. */
const columnsOf = new WeakMap<RegExp, { readonly names: string; readonly found: readonly Row[] }>();
/** The names of the fields of a row, joined once for all expressions. */
const namesOf = new WeakMap<Row, string>();

function matchingColumns({ element }: Scope, name: RegExp): Row[] {
  let names = namesOf.get(element);
  if (names === undefined) {
    names = Object.keys(element).join('\n');
    namesOf.set(element, names);
  }
  let known = columnsOf.get(name);
  if (known?.names !== names) {
    const found = Object.keys(element).flatMap((column) => {
      const match = name.exec(column);
      return match ? [{ ...match.groups, column }] : [];
    });
    known = { names, found };
    columnsOf.set(name, known);
  }
  return known.found.map((each) => ({ ...each, value: element[String(each.column)] }));
}

const numberedMax = 100;

function numberedFields({ element }: Scope, names: Readonly<Record<string, string>>): Row[] {
  const found: Row[] = [];
  for (let n = 1; n <= numberedMax; n++) {
    const fields: Record<string, unknown> = {};
    for (const [field, name] of Object.entries(names)) {
      const column = name.replace('{n}', String(n));
      if (Object.hasOwn(element, column)) fields[field] = element[column];
    }
    if (Object.keys(fields).length === 0) break;
    found.push(fields);
  }
  return found;
}

export function textsIn(scope: Scope, from: ListSource): string[] {
  return elementsIn(scope, from)
    .map(({ element }) => plain(element.value) ?? plain(element['#text']))
    .filter((text) => text !== undefined);
}

/** The name of the field that a value comes from, for messages: of several, the first that has a value. */
export function columnIn(scope: Scope, from: Source): string {
  const within =
    typeof from === 'object' && 'first' in from
      ? from.first.find((each) => textIn(scope, each) !== undefined)
      : undefined;
  if (within !== undefined) return columnIn(scope, within);
  const field = fieldsOf(from)[0];
  if (field === 'value' && scope.element.column !== undefined) return String(scope.element.column);
  return field ?? 'the mapping';
}
