import { chmodSync, existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { CollectionSchema } from '../../../../src/ports/store-driver.js';
import { DamageError, type DamageReport } from './damage.js';
import type { StoredSchema } from './inspect.js';
import type { PendingWrite } from './memtable.js';
import {
  type LogState,
  logKey,
  metaTree,
  readStoredMeta,
  schemaKey,
  storedMeta,
  unsealedSchemaKey,
} from './meta.js';
import { openTree, type Tree } from './tree.js';

const databasesMax = 1024;
const pageBytes = 4_096;
/** Any commit may write so much: pages on the way to the one that changes, and the list of free ones. */
const commitBytes = 64 * pageBytes;
const holdAttemptsMax = 10;
export const dataFileName = 'data.mdb';
const lockFileName = 'lock.mdb';

export class DiskFullError extends Error {}

export interface Environment {
  readonly damage: DamageReport;
  root(): RootDatabase<string, string>;
  openTree(schema: CollectionSchema): Promise<Tree>;
  /** As it was when this collection was opened last; null: never. */
  schemaOf(name: string): StoredSchema | null;
  writeSchema(schema: CollectionSchema): void;
  logState(): LogState | null;
  /** To be called within a commit. */
  writeLogState(state: LogState): void;
  /** What a release that kept no checksums noted; undefined: nothing. */
  unsealedNote(key: string): string | undefined;
  /** All writes of `write` in one durable transaction, all or nothing. */
  commit(write: () => void): Promise<void>;
  /**
   * Throws `DiskFullError` unless the disk has room for the pages of these writes. To be called before a commit: lmdb 3.5 writes past the end of its
   * error message when a page cannot be written, which can end the process.
   */
  requireSpace(writes: readonly PendingWrite[]): void;
  /** Runs while no other process is in a transaction. */
  exclusively(run: () => void): void;
  /** Ids of the other living processes that have read from this file. */
  readers(): readonly number[];
  /** Throws unless something can be read. */
  probe(): void;
  /** Keeps the present state readable, for other processes too, until what is returned is called. */
  holdRead(): () => void;
  /** The same, with the meta pages of the state that is held. To be called in one turn with nothing of this process between. */
  holdState(readPages: () => Buffer): { readonly metaPages: Buffer; readonly release: () => void };
  /** The oldest transaction whose state is read by any process; null: none is. */
  oldestReader(): number | null;
  /** Makes a transaction of its own. To be called within a commit. */
  noteScrub(): void;
  /** Calls `bind` now, and again whenever LMDB has been opened anew. */
  bind(bind: () => void): void;
  close(): Promise<void>;
}

/**
 * LMDB trusts its file: it must have been inspected, and indexes to build anew are named in `rebuild`. After a failed write of its meta page it refuses everything, reads too;
 * then it is closed and opened again.
 */
export function openEnvironment(
  directory: string,
  damage: DamageReport,
  rebuild: ReadonlyMap<string, readonly string[]>,
): Environment {
  const wrongIndexes = new Map(rebuild);
  const bindings: (() => void)[] = [];
  let scrubs = 0;
  let root = openRoot(directory);
  let meta = openMeta(root);

  async function commit(write: () => void): Promise<void> {
    try {
      await root.batch(write);
    } catch (error) {
      const cause = await causeOf(error);
      await reopenUnlessReadable();
      throw cause;
    }
  }

  function probe(): void {
    root.resetReadTxn();
    meta.get(logKey);
  }

  async function reopenUnlessReadable(): Promise<void> {
    try {
      probe();
    } catch {
      await root.close().catch(() => undefined);
      root = openRoot(directory);
      meta = openMeta(root);
      for (const bind of bindings) bind();
    }
  }

  function readMeta(key: string): string | undefined {
    const stored = meta.get(key);
    if (stored === undefined) return undefined;
    const text = readStoredMeta(stored);
    if (text === null) {
      throw new DamageError(
        join(directory, dataFileName),
        0,
        `the store's note "${key}" does not match its checksum`,
      );
    }
    return text;
  }

  const environment: Environment = {
    damage,
    root: () => root,
    commit,
    async openTree(schema) {
      const tree = await openTree(environment, schema, wrongIndexes.get(schema.name) ?? []);
      wrongIndexes.delete(schema.name);
      return tree;
    },
    schemaOf(name) {
      const sealed = readMeta(schemaKey(name));
      const text = sealed ?? meta.get(unsealedSchemaKey(name));
      if (text === undefined) return null;
      return { schema: JSON.parse(text) as CollectionSchema, sealed: sealed !== undefined };
    },
    writeSchema(schema) {
      meta.put(schemaKey(schema.name), storedMeta(JSON.stringify(schema)));
      meta.remove(unsealedSchemaKey(schema.name));
    },
    logState() {
      const text = readMeta(logKey);
      return text === undefined ? null : (JSON.parse(text) as LogState);
    },
    writeLogState: (state) => void meta.put(logKey, storedMeta(JSON.stringify(state))),
    unsealedNote: (key) => meta.get(key),
    requireSpace(writes) {
      const { bavail, bsize } = statfsSync(directory);
      let needed = commitBytes;
      for (const { json, keys } of writes) needed += (json?.length ?? 0) + (1 + keys.length) * pageBytes;
      const free = bavail * bsize;
      if (needed > free)
        throw new DiskFullError(`the disk is full: ${free} bytes are free, and ${needed} may be needed`);
    },
    exclusively: (run) => void meta.transactionSync(run),
    readers() {
      root.readerCheck();
      // A heading, then one line each, which begins with the process id.
      const ids = root
        .readerList()
        .split('\n')
        .slice(1)
        .map((line) => Number.parseInt(line, 10));
      return [...new Set(ids)].filter((id) => Number.isInteger(id) && id !== process.pid);
    },
    probe,
    holdRead() {
      root.resetReadTxn();
      const transaction = root.useReadTransaction();
      return () => transaction.done();
    },
    holdState(readPages) {
      for (let attempt = 0; attempt < holdAttemptsMax; attempt++) {
        const before = readPages();
        const release = environment.holdRead();
        const metaPages = readPages();
        // A commit in between would leave the pages of the newer state unprotected.
        if (metaPages.equals(before)) return { metaPages, release };
        release();
      }
      throw new Error('the data file changes all the time');
    },
    oldestReader() {
      root.resetReadTxn();
      root.readerCheck();
      // A heading, then a process, a thread and a transaction a line.
      const transactions = root
        .readerList()
        .split('\n')
        .slice(1)
        .map((line) => Number.parseInt(line.trim().split(/\s+/)[2] ?? '', 10))
        .filter(Number.isInteger);
      return transactions.length === 0 ? null : Math.min(...transactions);
    },
    noteScrub: () => void meta.put('scrubs', storedMeta(String(++scrubs))),
    bind(bind) {
      bindings.push(bind);
      bind();
    },
    close: () => root.close(),
  };
  return environment;
}

function openRoot(directory: string): RootDatabase<string, string> {
  // Without overlapping sync the promise of a commit means flushed. With it a failed flush would never be reported.
  const root = open<string, string>({
    path: directory,
    noSubdir: false,
    maxDbs: databasesMax,
    encoding: 'string',
    overlappingSync: false,
    // Batching by turn makes promises of its own, which nobody could catch when a commit fails.
    eventTurnBatching: false,
    permissionsMode: 0o600,
  } as Parameters<typeof open<string, string>>[0]);
  for (const name of [dataFileName, lockFileName]) {
    const path = join(directory, name);
    if (existsSync(path)) chmodSync(path, 0o600);
  }
  return root;
}

function openMeta(root: RootDatabase<string, string>): Database<string, string> {
  return root.openDB<string, string>({ name: metaTree, encoding: 'string' });
}

/** lmdb rejects with a promise of the cause in `commitError`, which itself rejects. */
async function causeOf(error: unknown): Promise<unknown> {
  const pending = (error as { readonly commitError?: Promise<unknown> }).commitError;
  return pending ? pending.then(() => error).catch((cause: unknown) => cause) : error;
}
