import { seal, seedOf, unseal } from './checksum.js';

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
