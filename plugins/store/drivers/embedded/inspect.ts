import { fingerprint, fingerprintOfBytes } from '../../../../src/kit/fingerprint.js';
import type { Document } from '../../../../src/ports/store.js';
import type { CollectionSchema } from '../../../../src/ports/store-driver.js';
import { isUnsealed, seedOf, unsealBytes } from './checksum.js';
import { DamageError } from './damage.js';
import type { DataFile } from './data-file.js';
import { readFields } from './json-fields.js';
import { entryId, entryKeys } from './keys.js';
import { metaTree, readStoredMeta, schemaKey, unsealedSchemaKey } from './meta.js';
import type { TreeRecord } from './meta-page.js';

/** What was found of a collection. */
export interface InspectedCollection {
  readonly schema: CollectionSchema;
  readonly documents: number;
  readonly bytes: number;
  /** Ids of documents that do not match their checksum. */
  readonly damaged: readonly string[];
  /** Names of indexes that do not agree with the documents. */
  readonly wrongIndexes: readonly string[];
}

/**
 * Reads every page that is in use, every document and every index entry. Throws `DamageError` if LMDB could not read the file, or
 * if a document could be missed. `each` is called for every document, and may throw to end the inspection.
 */
export function inspect(file: DataFile, each: () => void = () => undefined): readonly InspectedCollection[] {
  const trees = file.trees();
  const meta = trees.get(metaTree);
  const schemas = meta ? readSchemas(file, meta) : new Map<string, StoredSchema>();
  const rest = new Map(trees);
  rest.delete(metaTree);
  const inspected = [...schemas.values()].map((stored) => {
    const { name, indexes } = stored.schema;
    const tree = takeTree(file, rest, name);
    const found = inspectDocuments(file, tree, stored, each);
    const damaged = new Set(found.damaged);
    const wrongIndexes = indexes.flatMap((index, i) => {
      const entries = takeTree(file, rest, `${name}/${index.name}`);
      const sum = sumEntries(file, entries, index.fields.length, damaged);
      return sum.ordered && sum.count === found.entries[i]!.count && sum.sum === found.entries[i]!.sum
        ? []
        : [index.name];
    });
    return { schema: stored.schema, ...found, wrongIndexes };
  });
  // Indexes that are no longer declared.
  for (const tree of rest.values()) file.walk(tree, () => undefined);
  file.checkFreePages();
  return inspected;
}

export interface StoredSchema {
  readonly schema: CollectionSchema;
  /** Documents have checksums. */
  readonly sealed: boolean;
}

/** The schemas of all collections, by name. */
export function readSchemas(file: DataFile, meta: TreeRecord): ReadonlyMap<string, StoredSchema> {
  const schemas = new Map<string, StoredSchema>();
  file.walk(meta, (key, value) => {
    const name = key.toString('utf8');
    const sealed = name.startsWith(schemaKey(''));
    if (!sealed && !name.startsWith(unsealedSchemaKey(''))) {
      if (name === 'log') checkedMeta(file, name, value.toString('utf8'));
      return;
    }
    const text = value.toString('utf8');
    const schema = JSON.parse(sealed ? checkedMeta(file, name, text) : text) as CollectionSchema;
    schemas.set(schema.name, { schema, sealed });
  });
  return schemas;
}

function checkedMeta(file: DataFile, name: string, stored: string): string {
  const text = readStoredMeta(stored);
  if (text === null)
    throw new DamageError(file.path, 0, `the store's note "${name}" does not match its checksum`);
  return text;
}

function takeTree(file: DataFile, trees: Map<string, TreeRecord>, name: string): TreeRecord {
  const tree = trees.get(name);
  if (!tree) throw new DamageError(file.path, 0, `tree ${name} is missing`);
  trees.delete(name);
  return tree;
}

const headBytes = 1_024;

interface EntrySum {
  count: number;
  /** Of the fingerprints of all entries: equal for equal sets of entries. */
  sum: number;
}

function inspectDocuments(
  file: DataFile,
  tree: TreeRecord,
  { schema, sealed }: StoredSchema,
  each: () => void,
) {
  const seed = seedOf(schema.name);
  const checked = new Set(['id', ...schema.indexes.flatMap(({ fields }) => fields)]);
  const damaged: string[] = [];
  const entries: EntrySum[] = schema.indexes.map(() => ({ count: 0, sum: 0 }));
  let documents = 0;
  let bytes = 0;
  file.walk(tree, (key, value) => {
    each();
    documents++;
    bytes += value.length;
    const id = key.toString('utf8');
    const text = unsealBytes(seed, value);
    const document = text === null ? (sealed ? null : readUnsealed(value)) : readSealed(text, checked);
    if (document === null) {
      // Unless the id stands in what is left of it, nobody knows whose document it was.
      if (!value.includes(`"id":${JSON.stringify(id)}`)) {
        throw new DamageError(
          file.path,
          0,
          `an entry of ${schema.name} with the key ${JSON.stringify(id)} is damaged`,
        );
      }
      damaged.push(id);
      return;
    }
    if (document.id !== id) {
      throw new DamageError(
        file.path,
        0,
        `document ${JSON.stringify(document.id)} of ${schema.name} is stored under ${JSON.stringify(id)}`,
      );
    }
    schema.indexes.forEach((index, i) => {
      for (const entry of entryKeys(index, document as unknown as Document))
        add(entries[i]!, fingerprint(entry));
    });
  });
  return { documents, bytes, damaged, entries };
}

function sumEntries(
  file: DataFile,
  tree: TreeRecord,
  fields: number,
  damaged: ReadonlySet<string>,
): EntrySum & { readonly ordered: boolean } {
  const sum: EntrySum = { count: 0, sum: 0 };
  let ordered = true;
  file.walk(
    tree,
    (bytes) => {
      if (damaged.size > 0 && damaged.has(entryId(bytes.toString('latin1'), fields))) return;
      add(sum, fingerprintOfBytes(bytes, 0, bytes.length));
    },
    {
      disorder() {
        ordered = false;
      },
    },
  );
  return { ...sum, ordered };
}

function add(sum: EntrySum, print: number): void {
  sum.count++;
  sum.sum = (sum.sum + print) >>> 0;
}

/** Reads some fields of a document. Those of an index are mostly at its beginning, so that the rest of it need not be decoded. */
function readSealed(text: Buffer, wanted: ReadonlySet<string>): Readonly<Record<string, unknown>> | null {
  const read = (bytes: number) => orNull(() => readFields(text.toString('utf8', 0, bytes), wanted));
  const found = text.length > headBytes ? read(headBytes) : null;
  return found !== null && Object.keys(found).length === wanted.size ? found : read(text.length);
}

/** A document that a release without checksums stored; null if it is damaged. */
function readUnsealed(value: Buffer): Readonly<Record<string, unknown>> | null {
  const stored = value.toString('utf8');
  return isUnsealed(stored) ? orNull(() => JSON.parse(stored) as Readonly<Record<string, unknown>>) : null;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
