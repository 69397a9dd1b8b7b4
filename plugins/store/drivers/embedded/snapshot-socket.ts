import { createHash } from 'node:crypto';
import { chmodSync, closeSync, openSync, readSync, realpathSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeError } from '../../../../src/errors.js';
import type { Log } from '../../../../src/plugin.js';
import { metaBytes } from './data-file.js';
import { dataFileName, type Environment } from './environment.js';
import type { LogState } from './meta.js';

/** What a socket's path may take on every system. */
const pathBytesMax = 100;
const attemptsMax = 10;

/** A state of the data file that stays readable for other processes while it is held. */
export interface Snapshot {
  /** The beginning of the file with the meta pages of this state. */
  readonly metaPages: Buffer;
  readonly state: LogState;
}

interface Answer {
  readonly metaPages?: string;
  readonly state?: LogState;
  readonly error?: string;
}

function socketPath(directory: string): string {
  const path = join(realpathSync(directory), 'socket');
  if (Buffer.byteLength(path) <= pathBytesMax) return path;
  return join(tmpdir(), `rapport-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`);
}

/**
 * Serves snapshots to other processes of this machine and user, for backups and verification: one line of JSON a connection, and
 * the snapshot is held until the connection ends. `settle` resolves when all that was acknowledged is in the data file.
 */
export async function serveSnapshots(
  directory: string,
  environment: Environment,
  settle: () => Promise<void>,
  log: Log,
): Promise<() => Promise<void>> {
  const path = socketPath(directory);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    let release: () => void = () => undefined;
    socket.on('error', () => undefined);
    socket.on('close', () => release());
    socket.resume();
    settle()
      .then(() => {
        const held = holdSnapshot(directory, environment);
        if (socket.destroyed) held.release();
        else release = held.release;
        const { metaPages, state } = held.snapshot;
        socket.write(`${JSON.stringify({ metaPages: metaPages.toString('base64'), state })}\n`);
      })
      .catch((error: unknown) => socket.end(`${JSON.stringify({ error: String(error) })}\n`));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    server.unref();
  } catch (error) {
    log.warn('no backup can be made while this process runs', { err: describeError(error) });
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Must be called in the turn in which `settle` resolved. */
function holdSnapshot(directory: string, environment: Environment) {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = readMetaPages(directory);
    const release = environment.holdRead();
    const metaPages = readMetaPages(directory);
    // A commit in between would leave the pages of the newer state unprotected.
    if (metaPages.equals(before)) return { snapshot: { metaPages, state: environment.logState()! }, release };
    release();
  }
  throw new Error('the data file changes all the time');
}

export function readMetaPages(directory: string): Buffer {
  const file = openSync(join(directory, dataFileName), 'r');
  try {
    const bytes = Buffer.alloc(metaBytes);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).subarray(0, 2 * metaPageBytes(bytes));
  } finally {
    closeSync(file);
  }
}

function metaPageBytes(bytes: Buffer): number {
  return bytes.readUInt32LE(48);
}

/** Asks the process that uses a directory for a snapshot. Returns it with what gives it back. */
export async function requestSnapshot(directory: string): Promise<Snapshot & { close(): void }> {
  const socket = createConnection(socketPath(directory));
  try {
    const line = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      createInterface({ input: socket })
        .once('line', resolve)
        .once('close', () => reject(new Error('no answer')));
    });
    const { metaPages, state, error } = JSON.parse(line) as Answer;
    if (metaPages === undefined || !state) throw new Error(error ?? 'no snapshot');
    return { metaPages: Buffer.from(metaPages, 'base64'), state, close: () => void socket.destroy() };
  } catch (cause) {
    socket.destroy();
    throw new Error(`the process that uses ${directory} gives no snapshot: ${String(cause)}`, { cause });
  }
}
