import { constants, open } from 'node:fs/promises';
import { describeError } from '../errors.js';
import type { Clock, Log } from '../plugin.js';
import type { ApiKeys } from './keys.js';

/** The file is read this often. A change is used when two readings are equal, so that no file is used while it is being written. */
export const keysPollMs = 1_000;

/** A thousand keys with their roles take less. */
const bytesMax = 1_024 * 1_024;

/** Reads the file. Rejects if it is not a regular file, whose end may never come, or is too large. */
export async function readKeyFile(path: string): Promise<string> {
  // Opening a named pipe would wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    if (stats.size > bytesMax)
      throw new Error(`${path} has ${stats.size} bytes; at most ${bytesMax} are read`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

export interface KeyFile {
  /** Reads the file and uses it at once. */
  readNow(): Promise<void>;
  stop(): void;
}

/** Keeps the API keys equal to a file while the process runs. `used`: the text of the file that `keys` were made of. */
export function followKeyFile(
  path: string,
  used: string,
  keys: ApiKeys,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): KeyFile {
  let inUse = used;
  let lastSeen = used;
  let isReadable = true;
  let isStopped = false;
  let cancel: () => void = () => undefined;

  async function read(): Promise<string | null> {
    try {
      const text = await readKeyFile(path);
      isReadable = true;
      return text;
    } catch (error) {
      if (isReadable)
        log.error('cannot read the file of API keys; the keys in use stay valid', {
          err: describeError(error),
        });
      isReadable = false;
      return null;
    }
  }

  function use(text: string): void {
    inUse = text;
    try {
      const faults = keys.replaceFile(text);
      log.info('read the API keys again');
      for (const fault of faults) log.error('an API key in the file was not used', { fault });
    } catch (error) {
      log.error('cannot use the file of API keys; the keys in use stay valid', { err: describeError(error) });
    }
  }

  async function look(): Promise<void> {
    const text = await read();
    if (isStopped) return;
    if (text !== null) {
      if (text !== inUse && text === lastSeen) use(text);
      lastSeen = text;
    }
    wait();
  }

  function wait(): void {
    cancel = clock.after(keysPollMs, () => void look());
  }

  wait();
  return {
    async readNow() {
      const text = await read();
      if (text !== null) use(text);
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
