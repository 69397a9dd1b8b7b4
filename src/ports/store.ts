import type { PersonName } from '../person-ids.js';

/** A document: plain JSON-like data under an id that is unique in its collection. */
export interface Document {
  readonly id: string;
}

/** A value an index can order: null, then numbers ascending, then strings by code point. */
export type IndexValue = string | number | null;

/**
 * The entries of a document in an index: the tuple of these fields, compared left to right, ties by id.
 * Declared as field names so that every driver can build it. A field holds an IndexValue; at most one of them
 * may hold an array of at most 64 strings, and then each string makes an entry: queries name one of them in
 * `equals`. An absent field counts as null. The strings of an entry and the id take at most 1,700 bytes together.
 */
export interface IndexSpec<D extends Document> {
  readonly fields: readonly (keyof D & string)[];
}

/**
 * The people that the documents of a collection are about. Exports and erasures follow from it, and so does that nothing of an erased person is
 * written again. All functions are pure.
 */
export interface PersonSpec<D extends Document> {
  /** Everybody whose data the document is or whom it names. If omitted, `isAbout` is given. */
  names?(document: D): readonly PersonName[];
  /** True if the document is about one of the people with these digests (`textDigest`), for documents that name nobody. */
  isAbout?(document: D, digests: ReadonlySet<string>): boolean;
  /**
   * Finds the documents of one person without reading all: by their ids, or by the first field of an index (null: the name is
   * not in it). If omitted, all documents are read.
   */
  readonly find?:
    | { ids(name: PersonName): readonly string[] }
    | { readonly index: string; value(name: PersonName): string | null };
  /** True: documents that `find` does not find may name a person, too, so that an erasure reads all. */
  readonly scattered?: boolean;
  /** The documents that take the place of one when people are erased. If omitted, none: the document is removed. */
  without?(document: D, isErased: (name: PersonName) => boolean): readonly D[];
  /** The part of a document that is the person's, for exports. If omitted, all of it. Undefined: nothing. */
  only?(document: D, isTheirs: (name: PersonName) => boolean): unknown;
  /** True: what names an erased person is left out of writes without an error. If omitted, such a write throws. */
  readonly dropsErased?: boolean;
}

/** Declared once by the owning plugin; opening one name twice is a defect. */
export interface CollectionSpec<D extends Document> {
  readonly name: string;
  readonly indexes: Readonly<Record<string, IndexSpec<D>>>;
  /**
   * By what a distributed store may spread the collection: a field that has a string in every document and never changes, or
   * `id`. Whoever looks for documents names it where they can. Absent: it stays small.
   */
  readonly shardBy?: keyof D & string;
  /** false: nobody watches it, so that a distributed store need not tell other processes of its writes. Absent: true. */
  readonly watched?: boolean;
  /** If omitted, no document is about a person. */
  readonly person?: PersonSpec<D>;
}

/** The part of a collection that is about a person. */
export interface PersonalDocuments {
  readonly collection: string;
  readonly documents: readonly unknown[];
}

/** An erasure of a person, under all of their names. */
export interface ErasureRequest {
  /** Ordered by time, as `Host.ids`. */
  readonly id: string;
  readonly atMs: number;
  readonly names: readonly PersonName[];
}

/** The people of all collections that declare `person`. */
export interface StoredPeople {
  /** True if the person was erased. Writes of documents about them throw `denied` (`STORE_PERSON_ERASED`). */
  isErased(name: PersonName): boolean;
  /**
   * What was derived from documents before this moment may hold data of people who were erased since; -Infinity if nobody was. Half a minute after an
   * erasure everything about the person is gone.
   */
  erasedUntilMs(): number;
  /** The documents of each open collection about a person, in the order of opening; collections without any are left out. */
  collect(names: readonly PersonName[]): AsyncIterable<PersonalDocuments>;
  /**
   * Enters the erasure, durably and for good, so that nothing about these people is written or restored from now on, and then removes what the
   * open collections have. Returns the number of documents by collection. Can be repeated.
   */
  erase(request: ErasureRequest): Promise<Readonly<Record<string, number>>>;
  /** The same again for what was being written when the erasure began; afterwards no start looks for it any more. */
  finish(request: ErasureRequest): Promise<void>;
  /** Names of the open collections, and whether they declare `person`. */
  collections(): readonly { readonly name: string; readonly personal: boolean }[];
}

/** true, or a function that is called with the id of each damaged document. */
export type SkipDamaged = boolean | ((id: string) => void);

export interface FindQuery {
  readonly index: string;
  /** Values of the leading fields that must be equal. */
  readonly equals?: readonly IndexValue[];
  /** Bounds of the next field, both inclusive. A bound keeps to its type: from a number on there are no strings. */
  readonly from?: IndexValue;
  readonly to?: IndexValue;
  /** Ascending unless true. */
  readonly descending?: boolean;
  /** 1 … 10,000. */
  readonly limit: number;
  /** The cursor of the page before. */
  readonly after?: string;
  /** Leaves damaged documents out. If omitted, they throw `STORE_DAMAGED`. */
  readonly skipDamaged?: SkipDamaged;
}

export interface Page<D> {
  readonly items: readonly D[];
  /** Where the next page starts; null at the end. */
  readonly next: string | null;
}

export interface Change<D> {
  readonly id: string;
  /** null: removed. */
  readonly document: D | null;
}

/**
 * A typed collection. Every write is durable and visible to every reader of this process when its promise
 * settles; other processes see it within a second. Concurrent writes share one flush.
 *
 * Throws `unavailable` (`STORE_UNAVAILABLE`) when the backend does not answer or cannot write; after that
 * nothing of the failed call is acknowledged. A stored document that is not what was written throws `unavailable`
 * (`STORE_DAMAGED`, naming collection and id) until it is written again; it is logged and named by the health check.
 * Documents handed out are the caller's to keep, never to change.
 * Bounds: 1,000 documents and 64 Mi characters a call, 1 MiB a document, ids of 1 to 512 characters, well-formed.
 */
export interface Collection<D extends Document> {
  get(id: string): Promise<D | null>;
  /** In the order of the ids; null where there is none, and with `skipDamaged` where it is damaged. */
  getMany(ids: readonly string[], options?: { readonly skipDamaged?: SkipDamaged }): Promise<(D | null)[]>;
  /** Inserts or replaces. The last of equal ids in one call wins. */
  put(documents: readonly D[]): Promise<void>;
  /** Adds those whose id is not taken yet; true where it was added. The first of equal ids in one call wins. */
  insert(documents: readonly D[]): Promise<boolean[]>;
  /**
   * Compare and set: reads, lets `change` decide, writes only if nobody wrote in between, else begins again
   * (at most 20 times, then `conflict` `STORE_CONTENDED`). `change` is pure; it answers the new document,
   * null to remove it, or undefined to leave it. Resolves to what is stored afterwards. With `skipDamaged` a damaged
   * document is null for `change`: for values that do not depend on what was stored.
   */
  update(
    id: string,
    change: (current: D | null) => D | null | undefined,
    options?: { readonly skipDamaged?: SkipDamaged },
  ): Promise<D | null>;
  /** Answers how many there were. */
  remove(ids: readonly string[]): Promise<number>;
  find(query: FindQuery): Promise<Page<D>>;
  /** All documents in the order of their ids, in pages, without a snapshot across pages. Damaged ones are left out. */
  scan(options?: {
    readonly after?: string;
    readonly pageSize?: number;
    /** If omitted, true. */
    readonly skipDamaged?: SkipDamaged;
  }): AsyncIterable<readonly D[]>;
  count(): Promise<number>;
  /**
   * Calls back for every change: in this process before the write's promise settles, from other processes
   * within a second, at least once, in order per document. Answers the function that stops it. A listener is quick and
   * synchronous: a promise it returns is not awaited.
   */
  watch(listener: (changes: readonly Change<D>[]) => void): () => void;
}

/** Keeps documents. Provided by the `store` plugin; the only capability that touches a database. */
export interface Store {
  /**
   * True if writes become durable in the order in which they were begun, across collections: then one that was
   * begun first needs no waiting for. True of the embedded store.
   */
  readonly ordered: boolean;
  readonly people: StoredPeople;
  /** Declares and opens a collection; its indexes exist when the promise settles, and nothing about erased people is in it. */
  collection<D extends Document>(spec: CollectionSpec<D>): Promise<Collection<D>>;
  /** Rejects with `unavailable` unless the backend answers. */
  check(): Promise<void>;
}
