import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../../src/errors.js';
import type { Log } from '../../../../src/plugin.js';

/** Creates a directory, and closes it and its files to other users; where they belong to another user, warns instead. */
export function makePrivate(directory: string, log: Log): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const path of [directory, ...readdirSync(directory).map((name) => join(directory, name))]) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || (found.mode & 0o077) === 0) continue;
    try {
      chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
    } catch (error) {
      log.warn('a file of the store is open to other users of this machine, and its mode cannot be changed', {
        path,
        mode: (found.mode & 0o777).toString(8),
        err: describeError(error),
      });
    }
  }
}
