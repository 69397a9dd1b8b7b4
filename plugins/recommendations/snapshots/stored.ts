/** A section of a snapshot: plain values and typed arrays, made and read in a few milliseconds. */
export interface Part {
  readonly name: string;
}

/** Maps the internal ids of items when a snapshot was stored to those of today; -1 for an item that no longer exists. */
export type IdRemap = Int32Array;

/** State of a model that snapshots store. */
export interface Storable {
  /**
   * The present state in parts, whatever is learned while they are made. Each part is made when the iterator reaches it, so that
   * storing takes turns with everything else.
   */
  save(): Iterable<Part>;
  /** Restores one part. Call it with all parts, in their order, on a model that has learned nothing yet. */
  restore(part: Part, remap: IdRemap): void;
}

/** The internal id of an item today; -1 if it no longer exists. */
export function remapped(item: number, remap: IdRemap): number {
  return item < remap.length ? remap[item]! : -1;
}
