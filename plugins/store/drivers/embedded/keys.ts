import type { Document, IndexValue } from '../../../../src/ports/store.js';
import type { Index, Position, Range } from '../../../../src/ports/store-driver.js';

/**
 * A key of bytes whose order is the order of the tuples it stands for, kept as text with one character a byte, which is
 * cheaper to hold and to compare than a Buffer. For each value a byte for its type, then nothing (null), eight
 * bytes (a double, its sign folded in), or UTF-8 closed by 0x00, in which 0x00 and 0x01 are written as 0x01 0x01 and
 * 0x01 0x02. The id follows in plain UTF-8.
 */
export type Key = string;

const nullTag = '\u0002';
const numberTag = '\u0003';
const stringTag = '\u0004';
const behindNumbers = '\u0004';
const behindStrings = '\u0005';
const behindAll = '\u00ff';

const double = Buffer.allocUnsafeSlow(8);
// biome-ignore lint/suspicious/noControlCharactersInRegex: what is written as it is
const plain = /^[\u0002-\u007f]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the same in ASCII and in UTF-8
const ascii = /^[\u0000-\u007f]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a key has to escape, and how it does
const escapeSequence = /\u0001[\u0001\u0002]/g;

function bytesOf(text: string): Key {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function textOf(bytes: Key): string {
  return ascii.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

function partOf(value: IndexValue): Key {
  if (value === null) return nullTag;
  if (typeof value === 'number') {
    double.writeDoubleBE(value === 0 ? 0 : value, 0);
    if (double[0]! & 0x80) for (let i = 0; i < 8; i++) double[i] = ~double[i]!;
    else double[0] = double[0]! | 0x80;
    return numberTag + double.toString('latin1');
  }
  if (plain.test(value)) return `${stringTag}${value}\u0000`;
  const escaped = value.replaceAll('\u0001', '\u0001\u0002').replaceAll('\u0000', '\u0001\u0001');
  return `${stringTag}${bytesOf(escaped)}\u0000`;
}

function partsOf(values: readonly IndexValue[]): Key {
  let key = '';
  for (const value of values) key += partOf(value);
  return key;
}

export function idKey(id: string): Key {
  return bytesOf(id);
}

function entryKey(values: readonly IndexValue[], id: string): Key {
  return partsOf(values) + bytesOf(id);
}

/** Every entry of a document in an index. */
export function entryKeys(index: Index, document: Document): readonly Key[] {
  const fields = document as unknown as Readonly<Record<string, unknown>>;
  let many: readonly string[] | null = null;
  let [before, after] = ['', ''];
  for (const field of index.fields) {
    const value = fields[field];
    if (Array.isArray(value)) {
      many = value as readonly string[];
      before = after;
      after = '';
    } else after += partOf((value ?? null) as IndexValue);
  }
  after += bytesOf(document.id);
  if (many === null) return [after];
  return [...new Set(many)].map((value) => before + partOf(value) + after);
}

/** Where the part that begins at a place ends. */
function partEnd(key: Key, at: number): number {
  if (key[at] === nullTag) return at + 1;
  return key[at] === numberTag ? at + 9 : key.indexOf('\u0000', at) + 1;
}

/** Reads an entry of an index of `fields` fields. */
export function readEntry(key: Key, fields: number): Position {
  const values: IndexValue[] = [];
  let at = 0;
  for (let i = 0; i < fields; i++) {
    const end = partEnd(key, at);
    if (key[at] === nullTag) values.push(null);
    else if (key[at] === numberTag) values.push(readNumber(key.slice(at + 1, end)));
    else {
      const text = textOf(key.slice(at + 1, end - 1));
      values.push(
        text.replace(escapeSequence, (sequence) => (sequence[1] === '\u0001' ? '\u0000' : '\u0001')),
      );
    }
    at = end;
  }
  return { values, id: textOf(key.slice(at)) };
}

function readNumber(bytes: Key): number {
  double.write(bytes, 0, 8, 'latin1');
  if (double[0]! & 0x80) double[0] = double[0]! & 0x7f;
  else for (let i = 0; i < 8; i++) double[i] = ~double[i]!;
  return double.readDoubleBE(0);
}

/** The id alone, without reading the values. */
export function entryId(key: Key, fields: number): string {
  let at = 0;
  for (let i = 0; i < fields; i++) at = partEnd(key, at);
  return textOf(key.slice(at));
}

/** What all entries with the same first value begin with. */
export function firstPart(key: Key): Key {
  return key.slice(0, partEnd(key, 0));
}

export function firstPartOf(value: IndexValue): Key {
  return partOf(value);
}

/** All keys from `low` to before `high`; without `low` itself (descending: `high`) if `behindStart`. */
export interface KeyRange {
  readonly low: Key;
  readonly high: Key;
  readonly behindStart: boolean;
  readonly descending: boolean;
}

/** null when nothing can be in it. */
export function keyRange(range: Range): KeyRange | null {
  const { descending, after } = range;
  let { low, high } = bounds(range);
  let behindStart = false;
  if (after) {
    const key = entryKey(after.values, after.id);
    if (descending && key < high) [high, behindStart] = [key, true];
    else if (!descending && key >= low) [low, behindStart] = [key, true];
  }
  return low < high ? { low, high, behindStart, descending } : null;
}

export function inRange(key: Key, { low, high, behindStart, descending }: KeyRange): boolean {
  return key < high && (key > low || (key === low && (descending || !behindStart)));
}

/** The first key of a range, and one behind all of it that no entry has. */
function bounds({ equals, from, to }: Range): { low: Key; high: Key } {
  const prefix = partsOf(equals);
  let low = prefix;
  if (from !== undefined && from !== null) low += partOf(from);
  else if (to !== undefined && to !== null) low += typeof to === 'number' ? numberTag : stringTag;
  if (to !== undefined) return { low, high: prefix + partOf(to) + behindAll };
  if (from === undefined || from === null) return { low, high: prefix + behindAll };
  return { low, high: prefix + (typeof from === 'number' ? behindNumbers : behindStrings) };
}
