import { RapportError } from '../errors.js';
import type { Document, IndexValue, SkipDamaged } from './store.js';

/** The declaration of a collection, in a fixed order, as a driver gets it. */
export interface CollectionSchema {
  readonly name: string;
  readonly indexes: readonly Index[];
  readonly shardBy: string | null;
  /** True if its writes may have listeners. */
  readonly watched: boolean;
}

export interface Index {
  readonly name: string;
  readonly fields: readonly string[];
}

/** An entry of an index, or of the order by id when `values` is empty. */
export interface Position {
  readonly values: readonly IndexValue[];
  readonly id: string;
}

/** A checked query. `index` null: ascending ids, without `equals` and bounds. */
export interface Range {
  readonly index: Index | null;
  readonly equals: readonly IndexValue[];
  /** Absent: unbounded. A bound keeps to its type: from a number on there are no strings. */
  readonly from?: IndexValue;
  readonly to?: IndexValue;
  readonly descending: boolean;
  readonly limit: number;
  /** Begin behind this entry. */
  readonly after: Position | null;
  /** Leave damaged documents out instead of throwing `STORE_DAMAGED`. */
  readonly skipDamaged: SkipDamaged;
}

export interface RangePage {
  readonly documents: Document[];
  /** The last entry, when there are more behind it. */
  readonly last: Position | null;
}

/** A document that was written, and how it reads now; null: removed. */
export interface Written {
  readonly id: string;
  readonly document: Document | null;
}

/** Where a driver tells what was written: every change, in order per document, its own before their promise settles. */
export interface ChangeListener {
  /** True if there is a listener. */
  wanted(): boolean;
  tell(changes: readonly Written[]): void;
}

/**
 * The dumb half of a collection. Arguments are checked and within bounds; ids within one call are distinct except
 * for `getMany`. Every failure of the backend is thrown as `STORE_UNAVAILABLE`.
 */
export interface DriverCollection {
  getMany(ids: readonly string[], skipDamaged: SkipDamaged): Promise<(Document | null)[]>;
  put(documents: readonly Document[]): Promise<void>;
  insert(documents: readonly Document[]): Promise<boolean[]>;
  /** Atomic; a driver that has to compete tries `updateAttemptsMax` times and then throws `STORE_CONTENDED`. */
  update(
    id: string,
    change: (current: Document | null) => Document | null | undefined,
    skipDamaged: SkipDamaged,
  ): Promise<Document | null>;
  remove(ids: readonly string[]): Promise<number>;
  find(range: Range): Promise<RangePage>;
  count(): Promise<number>;
}

export interface StoreDriver {
  /** True if writes become durable in the order in which they were begun. Also in the module's `traits`, since it is read before the start. */
  readonly ordered: boolean;
  collection(schema: CollectionSchema, listener: ChangeListener): Promise<DriverCollection>;
  check(): Promise<void>;
  /**
   * Overwrites the remains of removed and replaced documents in files of the driver, and forgets their ids, by collection. Resolves when none of it
   * can be read any more. If omitted, the server of the driver does so in its own time, or not at all.
   */
  scrub?(ids: ReadonlyMap<string, ReadonlySet<string>>): Promise<void>;
}

export const updateAttemptsMax = 20;

export const documentBytesMax = 1024 * 1024;

/** Throws `STORE_DOCUMENT_TOO_LARGE`. Each driver calls it before it writes, with the size of a document as it is encoded. */
export function checkDocumentBytes(id: string, bytes: number): void {
  if (bytes <= documentBytesMax) return;
  throw new RapportError(
    'invalid',
    'STORE_DOCUMENT_TOO_LARGE',
    `document "${id}" takes ${bytes} bytes; at most ${documentBytesMax} are allowed`,
  );
}
