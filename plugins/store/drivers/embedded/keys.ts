import type { Document, IndexValue } from '../../../../src/ports/store.js';
import type { Index, Position, Range } from '../../driver.js';

/*
 * Keys whose bytes compare as the tuples they stand for: for each value a byte for its type, then
 * nothing (null), eight bytes (a double, its sign folded in), or UTF-8 closed by 0x00, in which 0x00 and 0x01 are
 * written as 0x01 0x01 and 0x01 0x02. The id follows in plain UTF-8.
 */
const nullTag = 0x02;
const numberTag = 0x03;
const stringTag = 0x04;
const behindAll = 0xff;

const keyBytesMax = 1978;
const scratch = Buffer.allocUnsafeSlow(4 * keyBytesMax);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two are what a key has to escape
const escaped = /[\u0000\u0001]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const escapeSequence = /\u0001[\u0001\u0002]/g;

function writeValue(value: IndexValue, at: number): number {
  if (value === null) {
    scratch[at] = nullTag;
    return at + 1;
  }
  if (typeof value === 'number') {
    scratch[at] = numberTag;
    scratch.writeDoubleBE(value === 0 ? 0 : value, at + 1);
    if (scratch[at + 1]! & 0x80) for (let i = at + 1; i < at + 9; i++) scratch[i] = ~scratch[i]!;
    else scratch[at + 1] = scratch[at + 1]! | 0x80;
    return at + 9;
  }
  scratch[at] = stringTag;
  const text = escaped.test(value)
    ? value.replaceAll('\u0001', '\u0001\u0002').replaceAll('\u0000', '\u0001\u0001')
    : value;
  const end = at + 1 + scratch.write(text, at + 1, 'utf8');
  scratch[end] = 0;
  return end + 1;
}

function writeValues(values: readonly IndexValue[]): number {
  let at = 0;
  for (const value of values) at = writeValue(value, at);
  return at;
}

function written(end: number): Buffer {
  const key = Buffer.allocUnsafe(end);
  scratch.copy(key, 0, 0, end);
  return key;
}

export function entryKey(values: readonly IndexValue[], id: string): Buffer {
  const end = writeValues(values);
  return written(end + scratch.write(id, end, 'utf8'));
}

/** Reads an entry of an index of `fields` fields. */
export function readEntry(key: Buffer, fields: number): Position {
  const values: IndexValue[] = [];
  let at = 0;
  for (let i = 0; i < fields; i++) {
    const tag = key[at++];
    if (tag === nullTag) values.push(null);
    else if (tag === numberTag) {
      values.push(readNumber(key, at));
      at += 8;
    } else {
      const end = key.indexOf(0, at);
      const text = key.toString('utf8', at, end);
      values.push(
        text.includes('\u0001')
          ? text.replace(escapeSequence, (sequence) => (sequence[1] === '\u0001' ? '\u0000' : '\u0001'))
          : text,
      );
      at = end + 1;
    }
  }
  return { values, id: key.toString('utf8', at) };
}

function readNumber(key: Buffer, at: number): number {
  const bytes = Buffer.from(key.subarray(at, at + 8));
  if (bytes[0]! & 0x80) bytes[0] = bytes[0]! & 0x7f;
  else for (let i = 0; i < 8; i++) bytes[i] = ~bytes[i]!;
  return bytes.readDoubleBE(0);
}

/** The id alone, without reading the values. */
export function entryId(key: Buffer, fields: number): string {
  let at = 0;
  for (let i = 0; i < fields; i++) {
    const tag = key[at];
    at += 1;
    if (tag === numberTag) at += 8;
    else if (tag === stringTag) at = key.indexOf(0, at) + 1;
  }
  return key.toString('utf8', at);
}

/** Every entry of a document in an index. */
export function entryKeys(index: Index, document: Document): Buffer[] {
  const fields = document as unknown as Readonly<Record<string, unknown>>;
  const values: IndexValue[] = [];
  let place = -1;
  for (const field of index.fields) {
    const value = fields[field];
    if (Array.isArray(value)) place = values.length;
    values.push(place === values.length ? null : ((value ?? null) as IndexValue));
  }
  if (place < 0) return [entryKey(values, document.id)];
  return [...new Set(fields[index.fields[place]!] as readonly string[])].map((value) => {
    values[place] = value;
    return entryKey(values, document.id);
  });
}

/** The first value of a key as bytes in text: what entries that share it have in common. */
export function firstPart(key: Buffer): string {
  const end = key[0] === nullTag ? 1 : key[0] === numberTag ? 9 : key.indexOf(0) + 1;
  return key.toString('latin1', 0, end);
}

export function firstPartOf(value: IndexValue): string {
  return scratch.toString('latin1', 0, writeValue(value, 0));
}

/** All keys from `low` to before `high`; without `low` itself (descending: `high`) if `behindStart`. */
export interface KeyRange {
  readonly low: Buffer;
  readonly high: Buffer;
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
    if (descending && key.compare(high) < 0) [high, behindStart] = [key, true];
    else if (!descending && key.compare(low) >= 0) [low, behindStart] = [key, true];
  }
  return low.compare(high) < 0 ? { low, high, behindStart, descending } : null;
}

export function inRange(key: Buffer, { low, high, behindStart, descending }: KeyRange): boolean {
  const fromLow = key.compare(low);
  return (fromLow > 0 || (fromLow === 0 && !(behindStart && !descending))) && key.compare(high) < 0;
}

/** The first key of a range, and one behind all of it that no entry has. */
function bounds({ equals, from, to }: Range): { low: Buffer; high: Buffer } {
  const prefix = writeValues(equals);
  let lowEnd = prefix;
  if (from !== undefined && from !== null) lowEnd = writeValue(from, prefix);
  else if (to !== undefined && to !== null) scratch[lowEnd++] = tagOf(to);
  const low = written(lowEnd);
  let highEnd = prefix;
  if (to !== undefined) {
    highEnd = writeValue(to, prefix);
    scratch[highEnd++] = behindAll;
  } else scratch[highEnd++] = from === undefined || from === null ? behindAll : tagOf(from) + 1;
  return { low, high: written(highEnd) };
}

function tagOf(value: IndexValue): number {
  return value === null ? nullTag : typeof value === 'number' ? numberTag : stringTag;
}
