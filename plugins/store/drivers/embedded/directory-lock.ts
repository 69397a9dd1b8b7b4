import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../../../src/plugin.js';
import { requireFile } from './damage.js';
import type { Environment } from './environment.js';

const name = 'owner';
/** A record is written over the one before, which needs no room on a full disk. */
const recordBytes = 512;

interface Owner {
  readonly pid: number;
  /** When that process started, in whatever form the system tells it: a pid may have been given to another since. */
  readonly started: string;
  /** Device and inode of the directory: a copy of it is another one. */
  readonly directory: string;
  /** Where it serves snapshots. */
  readonly snapshots: SnapshotAddress | null;
}

export interface SnapshotAddress {
  readonly port: number;
  /** Whoever knows it can read this file. */
  readonly token: string;
}

export interface DirectoryLock {
  /** Tells other processes where snapshots are served. */
  publish(snapshots: SnapshotAddress): void;
  release(): Promise<void>;
}

/** Throws when a living process has entered itself. */
export function refuseIfInUse(directory: string, dataDir: string): void {
  const owner = livingOwner(directory);
  if (!owner) return;
  throw new Error(
    `the data directory ${dataDir} is in use by process ${owner.pid}; stop that process, or give this one another RAPPORT_DATA_DIR`,
  );
}

/**
 * Enters this process as the only one to use the directory; throws when another living one is entered. `exclusively` makes looking and
 * entering one step; LMDB's lock, which dies with its holder, does.
 */
export function lockDirectory(
  directory: string,
  dataDir: string,
  { exclusively, readers }: Pick<Environment, 'exclusively' | 'readers'>,
  log: Log,
): DirectoryLock {
  const own: Owner = {
    pid: process.pid,
    started: startOf(process.pid) ?? 'unknown',
    directory: identityOf(directory),
    snapshots: null,
  };
  exclusively(() => {
    refuseIfInUse(directory, dataDir);
    const before = readOwner(directory);
    if (before === 'unreadable') refuseIfRead(dataDir, readers());
    else if (before && before.directory !== own.directory) {
      log.warn(
        'this data directory is a copy that was made while a process used it; npm run backup makes whole ones',
        {
          process: before.pid,
        },
      );
    }
    writeOwner(directory, own);
  });
  return {
    publish: (snapshots) => writeOwner(directory, { ...own, snapshots }),
    release: async () => writeOwner(directory, null),
  };
}

/** The process that uses a directory; null: nobody. */
export function livingOwner(directory: string): Owner | null {
  const owner = readOwner(directory);
  if (owner === null || owner === 'unreadable' || owner.directory !== identityOf(directory)) return null;
  return startOf(owner.pid) === owner.started ? owner : null;
}

/** Throws if another process has read the data file, since it may be the owner whose record cannot be read. */
function refuseIfRead(dataDir: string, readers: readonly number[]): void {
  if (readers.length === 0) return;
  throw new Error(
    `the data directory ${dataDir} is read by process ${readers.join(', ')}, and the record of its owner cannot be read; stop that process first`,
  );
}

/** null: nobody. Throws `DamageError` when it is no file, since nobody could enter themselves then. */
function readOwner(directory: string): Owner | null | 'unreadable' {
  const path = join(directory, name);
  if (!existsSync(path)) return null;
  requireFile(path);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner | null;
  } catch {
    return 'unreadable';
  }
}

function writeOwner(directory: string, owner: Owner | null): void {
  const file = openSync(join(directory, name), constants.O_CREAT | constants.O_RDWR, 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSync(
      file,
      JSON.stringify(owner)
        .padEnd(recordBytes - 1)
        .concat('\n'),
      0,
    );
    ftruncateSync(file, recordBytes);
  } finally {
    closeSync(file);
  }
}

function identityOf(directory: string): string {
  const { dev, ino } = statSync(directory);
  return `${dev}:${ino}`;
}

/** null when there is no such process. */
function startOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // proc(5): behind the program's name, which may hold anything, come the state and, 19 fields on, the start.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ended = fields[0] === 'Z' || fields[0] === 'X';
      return ended ? null : `${boot}/${fields[19]}`;
    } catch {
      return null;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
