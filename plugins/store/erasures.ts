import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RapportError } from '../../src/errors.js';
import { textDigest } from '../../src/kit/text-digest.js';
import type { PersonName } from '../../src/person-ids.js';
import type { Host } from '../../src/plugin.js';
import type { Collection, CollectionSpec, Document } from '../../src/ports/store.js';

export const erasuresFileName = 'erasures.jsonl';

/** The lasting record of an erasure. It recognises a person without naming them. */
export interface Tombstone extends Document {
  readonly atMs: number;
  /** `textDigest` of each name. */
  readonly people: readonly string[];
}

export const tombstonesSpec: CollectionSpec<Tombstone> = { name: 'erasures', indexes: {} };

const lineSchema = z.strictObject({
  id: z.string().min(1).max(512),
  atMs: z.number(),
  people: z.array(z.string()),
});

/** Everybody who was erased: in the store, for all processes, and in a file beside it, for backups that are older than an erasure. */
export interface Erasures {
  /** False in a shop that has erased nobody, where nothing need be compared. */
  any(): boolean;
  has(name: PersonName): boolean;
  /** The time of the last erasure; -Infinity: none. */
  lastAtMs(): number;
  /** Tombstones whose id is greater. */
  since(id: string): readonly Tombstone[];
  /** Durable in both places when it resolves; in force before. */
  add(tombstone: Tombstone): Promise<void>;
  /** Reads both, and writes to each what only the other one has. */
  open(collection: Collection<Tombstone>): Promise<void>;
  close(): void;
}

/** `path`: the file. If null, `erasures.jsonl` in the data directory. */
export function createErasures({ dataDir }: Pick<Host, 'dataDir'>, path: string | null): Erasures {
  const file = path ?? join(dataDir, erasuresFileName);
  const byId = new Map<string, Tombstone>();
  const digests = new Set<string>();
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let stored: Collection<Tombstone> | null = null;
  let unwatch = (): void => undefined;

  function enter(tombstone: Tombstone): void {
    byId.set(tombstone.id, tombstone);
    lastAtMs = Math.max(lastAtMs, tombstone.atMs);
    for (const digest of tombstone.people) digests.add(digest);
  }

  function append(tombstones: readonly Tombstone[]): void {
    if (tombstones.length > 0) appendLines(file, tombstones);
  }

  return {
    any: () => digests.size > 0,
    has: (name) => digests.size > 0 && digests.has(textDigest(name)),
    lastAtMs: () => lastAtMs,
    since: (id) => [...byId.values()].filter((tombstone) => tombstone.id > id),
    async add(tombstone) {
      if (byId.has(tombstone.id)) return;
      append([tombstone]);
      enter(tombstone);
      await stored?.insert([tombstone]);
    },
    async open(collection) {
      stored = collection;
      const inFile = readErasures(file);
      const inStore: Tombstone[] = [];
      for await (const page of collection.scan({ skipDamaged: false })) inStore.push(...page);
      const fileIds = new Set(inFile.map(({ id }) => id));
      const storeIds = new Set(inStore.map(({ id }) => id));
      append(inStore.filter(({ id }) => !fileIds.has(id)));
      for (const tombstone of [...inFile, ...inStore]) enter(tombstone);
      const missing = inFile.filter(({ id }) => !storeIds.has(id));
      for (let at = 0; at < missing.length; at += 100) await collection.insert(missing.slice(at, at + 100));
      unwatch = collection.watch((changes) => {
        // Erasures of other processes.
        const added = changes.flatMap(({ document }) =>
          document === null || byId.has(document.id) ? [] : [document],
        );
        added.forEach(enter);
        append(added);
      });
    },
    close: () => unwatch(),
  };
}

/** Reads the file of erasures; none if there is no such file. A last line that was cut off was never acknowledged. */
export function readErasures(file: string): readonly Tombstone[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line, at) => {
      try {
        return lineSchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new RapportError(
          'invalid',
          'STORE_ERASURES_DAMAGED',
          `line ${at + 1} of ${file} is no erasure; restore the file, since people listed there must stay erased`,
          { cause },
        );
      }
    });
}

/** Appends lines, durably, behind the last whole one: what follows it was cut off, and never acknowledged. */
function appendLines(file: string, tombstones: readonly Tombstone[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const opened = openSync(file, 'a+', 0o600);
  try {
    ftruncateSync(opened, readFileSync(opened).lastIndexOf('\n') + 1);
    const lines = tombstones.map(({ id, atMs, people }) => `${JSON.stringify({ id, atMs, people })}\n`);
    writeFileSync(opened, lines.join(''));
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
