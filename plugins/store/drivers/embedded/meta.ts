import { seal, seedOf, unseal } from './checksum.js';
import type { DataFile } from './data-file.js';

/** The tree in which the store keeps notes about itself. */
export const metaTree = '#meta';
const seed = seedOf(metaTree);

/** How far the write-ahead log has reached the trees. */
export interface LogState {
  /** Id of the store: 16 bytes, hexadecimal. */
  readonly store: string;
  /** Of the file that took over after record `sequence`. */
  readonly generation: number;
  readonly sequence: number;
}

export const logKey = 'log';
/** Of releases whose documents had no checksum: the number of the last record that had moved. */
export const unsealedLogKey = 'applied';

export function schemaKey(collection: string): string {
  return `schema ${collection}`;
}

/** Of releases whose documents had no checksum. */
export function unsealedSchemaKey(collection: string): string {
  return `layout ${collection}`;
}

export function storedMeta(text: string): string {
  return seal(seed, text);
}

/** null when it is damaged. */
export function readStoredMeta(stored: string): string | null {
  return unseal(seed, stored);
}

/** How far the log has reached the trees, without LMDB; null when that is not known. */
export function readLogState(file: DataFile): LogState | null {
  const tree = file.trees().get(metaTree);
  let state: LogState | null = null;
  if (!tree) return null;
  file.walk(tree, (key, value) => {
    if (key.toString('utf8') !== logKey) return;
    const text = readStoredMeta(value.toString('utf8'));
    if (text !== null) state = JSON.parse(text) as LogState;
  });
  return state;
}
