import { createHash, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import { type DirectoryLock, livingOwner } from './directory-lock.js';
import { dataFileName, type Environment } from './environment.js';
import type { LogState } from './meta.js';
import { metaBytes } from './meta-page.js';

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

/**
 * Serves snapshots to other processes of this machine that can read the directory, for backups and verification: a connection to a
 * port of the loopback interface sends the token, gets one line of JSON, and holds the snapshot until it ends. `settle` resolves
 * when all that was acknowledged is in the data file.
 */
export async function serveSnapshots(
  directory: string,
  lock: DirectoryLock,
  environment: Environment,
  settle: () => Promise<void>,
  host: Host,
): Promise<() => Promise<void>> {
  const token = createHash('sha256')
    .update(`${host.ids.next()} ${host.random()} ${host.random()}`)
    .digest('hex');
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let release: () => void = () => undefined;
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      release();
    });
    socket.once('data', (asked) => {
      if (!equal(asked.toString('utf8'), token)) return socket.destroy();
      return settle()
        .then(() => {
          const held = holdSnapshot(directory, environment);
          if (socket.destroyed) held.release();
          else release = held.release;
          const { metaPages, state } = held.snapshot;
          socket.write(`${JSON.stringify({ metaPages: metaPages.toString('base64'), state })}\n`);
        })
        .catch((error: unknown) => socket.end(`${JSON.stringify({ error: String(error) })}\n`));
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    lock.publish({ port: (server.address() as AddressInfo).port, token });
  } catch (error) {
    host.log.warn('no backup can be made while this process runs', { err: describeError(error) });
  }
  return async () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Must be called in the turn in which `settle` resolved. */
function holdSnapshot(directory: string, environment: Environment) {
  const { metaPages, release } = environment.holdState(() => readMetaPages(directory));
  return { snapshot: { metaPages, state: environment.logState()! }, release };
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
  const address = livingOwner(directory)?.snapshots;
  if (!address) throw new Error(`the process that uses ${directory} serves no snapshots`);
  const socket = createConnection(address.port, '127.0.0.1');
  try {
    const line = await new Promise<string>((resolve, reject) => {
      socket.once('error', reject);
      createInterface({ input: socket })
        .once('line', resolve)
        .once('close', () => reject(new Error('no answer')));
      socket.write(address.token);
    });
    const { metaPages, state, error } = JSON.parse(line) as Answer;
    if (metaPages === undefined || !state) throw new Error(error ?? 'no snapshot');
    return { metaPages: Buffer.from(metaPages, 'base64'), state, close: () => void socket.destroy() };
  } catch (cause) {
    socket.destroy();
    throw new Error(`the process that uses ${directory} gives no snapshot: ${String(cause)}`, { cause });
  }
}
