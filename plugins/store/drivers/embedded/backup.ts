import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { erasuresFileName } from '../../erasures.js';
import { writeCleanMark } from './clean-mark.js';
import { DamageError } from './damage.js';
import { openDataFile } from './data-file.js';
import { dataFileName } from './environment.js';
import { inspect } from './inspect.js';
import { restoringIn } from './interrupted-restore.js';
import { newerMeta } from './meta-page.js';
import { createFiles } from './recovery.js';
import type { Snapshot } from './snapshots.js';
import { logNames, syncDirectory } from './write-ahead-log.js';

const manifestName = 'manifest.json';
const chunkBytes = 1 << 20;
const names = [dataFileName, ...logNames];

const manifestSchema = z.strictObject({
  format: z.literal(1),
  createdAt: z.string(),
  /** Number of the last record that is in it. */
  sequence: z.number(),
  files: z.record(z.string(), z.strictObject({ bytes: z.number(), sha256: z.string() })),
  /** By collection. */
  documents: z.record(z.string(), z.number()),
});

export type Manifest = z.output<typeof manifestSchema>;

/** Copies a snapshot of the store in `directory` to an empty directory, and inspects the copy. The manifest is written last. */
export function writeBackup(directory: string, snapshot: Snapshot, to: string, nowMs: number): Manifest {
  makeEmptyDirectory(to);
  const target = join(to, 'store');
  mkdirSync(target, { mode: 0o700 });
  const data = join(target, dataFileName);
  copyPages(join(directory, dataFileName), snapshot.metaPages, data);
  createFiles(target, snapshot.state);
  const file = openDataFile(data);
  let documents: Record<string, number>;
  try {
    const found = inspect(file);
    documents = Object.fromEntries(found.map((each) => [each.schema.name, each.documents]));
    const damaged = found.flatMap(({ schema, damaged: ids }) => ids.map((id) => `${schema.name} ${id}`));
    if (damaged.length > 0) {
      throw new DamageError(
        data,
        0,
        `${damaged.length} documents are damaged: ${damaged.slice(0, 10).join(', ')}`,
      );
    }
  } finally {
    file.close();
  }
  const manifest: Manifest = {
    format: 1,
    createdAt: new Date(nowMs).toISOString(),
    sequence: snapshot.state.sequence,
    files: Object.fromEntries(names.map((name) => [name, digestOf(join(target, name))])),
    documents,
  };
  writeDurably(join(to, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  syncDirectory(target);
  syncDirectory(to);
  return manifest;
}

/**
 * Copies a backup to an empty data directory, or to one in which a restore was interrupted. Throws unless every file is as the manifest says,
 * before and after. The store gets its name when it is whole. A list of erasures that the directory has already stays: the first start removes
 * people from the store who were erased after the backup. `erasures`: a file of erasures that is copied there.
 */
export function restoreBackup(from: string, dataDir: string, erasures: string | null = null): Manifest {
  const manifest = readManifest(from);
  for (const name of names) compare(join(from, 'store', name), manifest.files[name]);
  const directory = restoringIn(dataDir);
  rmSync(directory, { recursive: true, force: true });
  const list = erasures === null ? null : readFileSync(erasures);
  makeEmptyDirectory(dataDir, erasuresFileName);
  if (list !== null) writeFileSync(join(dataDir, erasuresFileName), list, { mode: 0o600, flush: true });
  mkdirSync(directory, { mode: 0o700 });
  for (const name of names) {
    copyPages(join(from, 'store', name), Buffer.alloc(0), join(directory, name));
    compare(join(directory, name), manifest.files[name]);
  }
  writeCleanMark(directory, join(directory, dataFileName));
  renameSync(directory, join(dataDir, 'store'));
  syncDirectory(dataDir);
  return manifest;
}

function readManifest(from: string): Manifest {
  const path = join(from, manifestName);
  if (!existsSync(path))
    throw new Error(`${from} holds no ${manifestName}: it is no backup, or one that was not completed`);
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DamageError(path, 0, `the manifest is no JSON: ${String(cause)}`);
  }
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) throw new DamageError(path, 0, z.prettifyError(parsed.error));
  return parsed.data;
}

function compare(path: string, expected: Manifest['files'][string] | undefined): void {
  if (!existsSync(path)) throw new DamageError(path, 0, 'the file is missing');
  const found = digestOf(path);
  if (expected?.bytes !== found.bytes || expected.sha256 !== found.sha256) {
    throw new DamageError(
      path,
      0,
      `SHA-256 ${found.sha256} of ${found.bytes} bytes; the manifest says ${expected?.sha256} of ${expected?.bytes}`,
    );
  }
}

function makeEmptyDirectory(path: string, allowed?: string): void {
  if (existsSync(path) && readdirSync(path).some((name) => name !== allowed))
    throw new Error(`${path} is not empty; name an empty directory, or a new one`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** Copies a file with `start` in place of its beginning, as far as its meta pages say that it reaches. */
function copyPages(from: string, start: Buffer, to: string): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'wx', 0o600);
  try {
    const meta = start.length > 0 ? newerMeta(from, start) : null;
    const end = meta ? (meta.lastPage + 1) * meta.pageSize : Number.POSITIVE_INFINITY;
    const chunk = Buffer.allocUnsafe(chunkBytes);
    writeAll(target, start, 0);
    for (let at = start.length; at < end; ) {
      const read = readSync(source, chunk, 0, Math.min(chunkBytes, end - at), at);
      if (read === 0) break;
      writeAll(target, chunk.subarray(0, read), at);
      at += read;
    }
    fsyncSync(target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

function writeAll(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function digestOf(path: string): Manifest['files'][string] {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let bytes = 0;
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, bytes);
      if (read === 0) break;
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    closeSync(file);
  }
}
