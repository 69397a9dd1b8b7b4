import { type Database, open } from 'lmdb';
import type { Layout } from '../../driver.js';
import { openTree, readLayout, type Tree } from './tree.js';

const databasesMax = 1024;

export interface Environment {
  /** What the store notes about itself. */
  readonly meta: Database<string, string>;
  openTree(layout: Layout): Promise<Tree>;
  /** As it was when this collection was opened last; null: never. */
  layoutOf(name: string): Layout | null;
  /** All writes of `write` in one durable transaction, all or nothing. */
  commit(write: () => void): Promise<void>;
  close(): Promise<void>;
}

export function openEnvironment(directory: string): Environment {
  // Without overlapping sync the promise of a commit means flushed. With it a failed flush would never be reported.
  const root = open<string, string>({
    path: directory,
    maxDbs: databasesMax,
    encoding: 'string',
    overlappingSync: false,
    // Batching by turn makes promises of its own, which nobody could catch when a commit fails.
    eventTurnBatching: false,
  });
  const meta = root.openDB<string, string>({ name: '#meta', encoding: 'string' });

  async function commit(write: () => void): Promise<void> {
    try {
      await root.batch(write);
    } catch (error) {
      throw await causeOf(error);
    }
  }

  return {
    meta,
    commit,
    openTree: (layout) => openTree(root, meta, layout, commit),
    layoutOf: (name) => readLayout(meta, name),
    close: () => root.close(),
  };
}

/** lmdb rejects with a promise of the cause in `commitError`, which itself rejects. */
async function causeOf(error: unknown): Promise<unknown> {
  const pending = (error as { readonly commitError?: Promise<unknown> }).commitError;
  return pending ? pending.then(() => error).catch((cause: unknown) => cause) : error;
}
