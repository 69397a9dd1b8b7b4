import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Database } from 'lmdb';

const ownerKey = 'owner';

interface Owner {
  readonly pid: number;
  /** When that process started, in whatever form the system tells it: a pid may have been given to another since. */
  readonly started: string;
}

/**
 * Enters this process as the only one to use the directory; throws when another living one is entered. LMDB's own
 * lock, which dies with its holder, makes looking and entering one step. Answers what gives the directory back.
 */
export function claimDirectory(meta: Database<string, string>, directory: string): () => Promise<void> {
  const own: Owner = { pid: process.pid, started: startOf(process.pid) ?? 'unknown' };
  meta.transactionSync(() => {
    const text = meta.get(ownerKey);
    const owner = text === undefined ? null : (JSON.parse(text) as Owner);
    if (owner && startOf(owner.pid) === owner.started) {
      throw new Error(
        `the data directory ${directory} is in use by process ${owner.pid}; stop that process, or give this one another RAPPORT_DATA_DIR`,
      );
    }
    meta.put(ownerKey, JSON.stringify(own));
  });
  return async () => {
    await meta.remove(ownerKey);
  };
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
