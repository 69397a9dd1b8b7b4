import { statSync } from 'node:fs';
import { RapportError } from '../../../../src/errors.js';
import type { Log } from '../../../../src/plugin.js';

const namedMax = 10;
const keptMax = 1_000;

/** Says which file of the store is damaged, from which byte on, and how that shows. */
export class DamageError extends RapportError {
  readonly file: string;
  readonly offset: number;

  constructor(file: string, offset: number, reason: string) {
    super('unavailable', 'STORE_DAMAGED', `STORE_DAMAGED: ${file}, byte ${offset}: ${reason}`);
    this.file = file;
    this.offset = offset;
  }
}

/** Throws `DamageError` when a file of the store is missing or something else than a file. */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new DamageError(path, 0, 'the file is missing');
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a directory' : 'no file';
    throw new DamageError(path, 0, `it is ${kind}, and must be a file`);
  }
}

/** The damaged documents that were found: each is logged once, and the health check names them. */
export interface DamageReport {
  add(collection: string, id: string): void;
  /** It was written again. */
  clear(collection: string, id: string): void;
  size(): number;
  /** Throws `STORE_DAMAGED` while there are any. */
  check(): void;
}

export function createDamageReport(log: Log): DamageReport {
  const found = new Set<string>();
  return {
    add(collection, id) {
      const name = `${collection} ${id}`;
      if (found.has(name) || found.size >= keptMax) return;
      found.add(name);
      log.error('a stored document is damaged; it is left out', { code: 'STORE_DAMAGED', collection, id });
    },
    clear: (collection, id) => void found.delete(`${collection} ${id}`),
    size: () => found.size,
    check() {
      if (found.size === 0) return;
      const named = [...found].slice(0, namedMax).join(', ');
      throw new RapportError(
        'unavailable',
        'STORE_DAMAGED',
        `STORE_DAMAGED: ${found.size} documents are damaged: ${named}${found.size > namedMax ? ', …' : ''}`,
      );
    },
  };
}
