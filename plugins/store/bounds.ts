import { RapportError } from '../../src/errors.js';
import type { CollectionSpec, Document, FindQuery, IndexValue } from '../../src/ports/store.js';
import type { CollectionSchema, Index } from '../../src/ports/store-driver.js';

export const documentsMax = 1_000;
export const idCharactersMax = 512;
export const findLimitMax = 10_000;
export const indexArrayMax = 64;
/** Of the strings of one index entry and the id together, in UTF-8: what fits a key of every driver. */
export const entryBytesMax = 1_700;

function invalid(code: string, message: string): RapportError {
  return new RapportError('invalid', code, message);
}

const declaredName = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;

export function checkSchema(schema: CollectionSchema): void {
  for (const name of [schema.name, ...schema.indexes.map((index) => index.name)]) {
    if (!declaredName.test(name)) {
      throw invalid(
        'STORE_NAME_INVALID',
        `"${name}" cannot name a collection or an index: letters, digits, - and _, at most 64`,
      );
    }
  }
  for (const { name, fields } of schema.indexes) {
    if (fields.length === 0 || fields.length > 8 || new Set(fields).size !== fields.length) {
      throw invalid(
        'STORE_INDEX_INVALID',
        `index ${name} of ${schema.name} must name 1 to 8 different fields`,
      );
    }
  }
}

/** A declaration that finds nobody would leave people in the collection when they are erased. */
export function checkPerson<D extends Document>({ name, indexes, person }: CollectionSpec<D>): void {
  if (person === undefined) return;
  const { find } = person;
  const missing = find !== undefined && 'index' in find && indexes[find.index] === undefined;
  if (!missing && (person.names !== undefined || person.isAbout !== undefined)) return;
  throw invalid(
    'STORE_PERSON_INVALID',
    missing
      ? `person of ${name} is found by index "${find.index}", which is not declared`
      : `person of ${name} must have names or isAbout, so that documents about a person are recognised`,
  );
}

export function checkCount(count: number): void {
  if (count > documentsMax) {
    throw invalid(
      'STORE_BATCH_TOO_LARGE',
      `${count} documents in one call; at most ${documentsMax} are allowed`,
    );
  }
}

const loneSurrogate = /\p{Surrogate}/u;

export function checkId(id: unknown): void {
  if (typeof id !== 'string' || id.length === 0 || id.length > idCharactersMax) {
    const what = typeof id === 'string' ? `an id of ${id.length} characters` : `an id of type ${typeof id}`;
    throw invalid('STORE_ID_INVALID', `${what}; a string of 1 to ${idCharactersMax} is allowed`);
  }
  if (loneSurrogate.test(id)) {
    throw invalid(
      'STORE_ID_INVALID',
      'an id with half a character (lone surrogate); well-formed text is allowed',
    );
  }
}

/** Checks the id and what the indexes will hold of a document. Its size is checked where it is encoded. */
export function checkDocument(schema: CollectionSchema, document: Document): void {
  checkId(document.id);
  for (const index of schema.indexes) checkEntries(schema, index, document);
}

function checkEntries(schema: CollectionSchema, index: Index, document: Document): void {
  const fields = document as unknown as Readonly<Record<string, unknown>>;
  let characters = document.id.length;
  let arrayField: string | null = null;
  for (const field of index.fields) {
    const value = fields[field];
    if (value === null || value === undefined) continue;
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'number') checkNumber(value, `${schema.name}.${field}`);
    else if (Array.isArray(value) && arrayField === null) {
      arrayField = field;
      characters += checkArray(value, `${schema.name}.${field}`);
    } else {
      throw invalid(
        'STORE_FIELD_INVALID',
        `${schema.name}.${field} is indexed; it may hold a string, a finite number, null, or (one field of an index) an array of strings`,
      );
    }
  }
  if (characters * 3 > entryBytesMax) checkEntryBytes(schema, index, fields, document.id);
}

function checkNumber(value: number, what: string): void {
  if (!Number.isFinite(value)) {
    throw invalid('STORE_FIELD_INVALID', `${what} is ${value}; an indexed number must be finite`);
  }
}

/** Answers the length of the longest string. */
function checkArray(values: readonly unknown[], what: string): number {
  let longest = 0;
  if (values.length > indexArrayMax) {
    throw invalid(
      'STORE_FIELD_INVALID',
      `${what} holds ${values.length} values; an indexed array may hold ${indexArrayMax}`,
    );
  }
  for (const value of values) {
    if (typeof value !== 'string') {
      throw invalid('STORE_FIELD_INVALID', `${what} is an indexed array; it may hold strings only`);
    }
    longest = Math.max(longest, value.length);
  }
  return longest;
}

function checkEntryBytes(
  schema: CollectionSchema,
  index: Index,
  fields: Readonly<Record<string, unknown>>,
  id: string,
): void {
  let bytes = keyBytes(id);
  for (const field of index.fields) {
    const value = fields[field];
    const strings = Array.isArray(value) ? value : [value];
    bytes += Math.max(0, ...strings.map((text) => (typeof text === 'string' ? keyBytes(text) : 0)));
  }
  if (bytes > entryBytesMax) {
    throw invalid(
      'STORE_KEY_TOO_LONG',
      `an entry of index ${index.name} of ${schema.name} would take ${bytes} bytes with its id; at most ${entryBytesMax} are allowed`,
    );
  }
}

/** In UTF-8, the two characters that a key has to escape counted twice. */
function keyBytes(text: string): number {
  return Buffer.byteLength(text) + text.split('\u0000').length + text.split('\u0001').length - 2;
}

export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > findLimitMax) {
    throw invalid('STORE_LIMIT_INVALID', `a limit of ${limit}; 1 to ${findLimitMax} is allowed`);
  }
}

export function findIndex(schema: CollectionSchema, query: FindQuery): Index {
  const index = schema.indexes.find(({ name }) => name === query.index);
  if (!index) {
    const names = schema.indexes.map(({ name }) => name).join(', ') || 'none';
    throw invalid('STORE_INDEX_UNKNOWN', `${schema.name} has no index "${query.index}"; it has ${names}`);
  }
  const bounded = query.from !== undefined || query.to !== undefined;
  const equals = query.equals?.length ?? 0;
  if (equals + (bounded ? 1 : 0) > index.fields.length) {
    throw invalid(
      'STORE_QUERY_INVALID',
      `index ${index.name} of ${schema.name} has ${index.fields.length} fields; the query names more`,
    );
  }
  for (const value of [...(query.equals ?? []), query.from ?? null, query.to ?? null]) {
    if (!isIndexValue(value)) {
      throw invalid('STORE_QUERY_INVALID', 'a query may name strings, finite numbers and null');
    }
  }
  return index;
}

export function isIndexValue(value: unknown): value is IndexValue {
  return value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}
