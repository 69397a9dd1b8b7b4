import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import type { Collection } from '../../src/ports/store.js';
import { type Note, notesSpec } from '../contracts/store-writer.js';
import { bootPlugins, type TestSystem } from './boot.js';

export function noteOf(n: number): Note {
  return { id: `n${n}`, kind: `k${n % 7}`, rank: n, tags: [`t${n % 5}`] };
}

export interface OpenNotes {
  readonly system: TestSystem;
  readonly notes: Collection<Note>;
}

export async function openNotes(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  seed = 1,
): Promise<OpenNotes> {
  const system = await bootPlugins([storePlugin], { dataDir, environment, seed });
  try {
    return { system, notes: await system.port('store').collection<Note>(notesSpec) };
  } catch (error) {
    await system.close();
    throw error;
  }
}

export interface StoreFiles {
  readonly dataDir: string;
  path(name: string): string;
  read(name: string): Buffer;
  write(name: string, bytes: Buffer | string): void;
  flip(name: string, at: number, bit?: number): void;
  remove(): void;
}

export function storeFiles(dataDir = mkdtempSync(join(tmpdir(), 'rapport-'))): StoreFiles {
  const path = (name: string) => join(dataDir, 'store', name);
  return {
    dataDir,
    path,
    read: (name) => readFileSync(path(name)),
    write: (name, bytes) => writeFileSync(path(name), bytes),
    flip(name, at, bit = 0) {
      const bytes = readFileSync(path(name));
      bytes[at]! ^= 1 << bit;
      writeFileSync(path(name), bytes);
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/**
 * Flips a bit behind every place where the data file holds a text, since pages that are no longer in use may hold it, too. The bytes are
 * written in place: the file may be mapped by a store.
 */
export function damageInPlace(files: StoreFiles, text: string): void {
  const bytes = files.read('data.mdb');
  const file = openSync(files.path('data.mdb'), 'r+');
  let found = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    const place = at + text.length;
    writeSync(file, Buffer.from([bytes[place]! ^ 1]), 0, 1, place);
    found++;
  }
  closeSync(file);
  if (found === 0) throw new Error(`data.mdb does not hold ${text}`);
}

/** The files as a killed process leaves them: the clock stands still, so what `write` wrote last stays in the log. */
export async function killedStore(
  write: (open: OpenNotes) => Promise<unknown>,
  seed?: number,
): Promise<StoreFiles> {
  const origin = storeFiles();
  const killed = storeFiles();
  const open = await openNotes(origin.dataDir, {}, seed);
  try {
    await write(open);
    cpSync(join(origin.dataDir, 'store'), join(killed.dataDir, 'store'), { recursive: true });
  } finally {
    await open.system.close();
    origin.remove();
  }
  return killed;
}

export async function closedStore(documents: number): Promise<StoreFiles> {
  const files = storeFiles();
  const { system, notes } = await openNotes(files.dataDir);
  await notes.put(Array.from({ length: documents }, (_, n) => noteOf(n)));
  await system.close();
  return files;
}
