/** A piece of what was learned: plain values and typed arrays, a few milliseconds' work to make and to read. */
export interface Part {
  readonly name: string;
}

/** Item numbers as they were when something was stored, and what they are now: -1 for an item that is no more. */
export type Renumbering = Int32Array;

/** Something learned that can be kept beyond the process. */
export interface Storable {
  /**
   * As it is now, whatever is learned while the parts are made: they are made one by one when they are asked for,
   * so that storing takes turns with everything else.
   */
  save(): Iterable<Part>;
  /** Takes back one part; all of them, in their order, into something that has learned nothing yet. */
  restore(part: Part, renumbering: Renumbering): void;
}

/** The number that an item has now; -1 for one that is no more. */
export function renumbered(item: number, renumbering: Renumbering): number {
  return item < renumbering.length ? renumbering[item]! : -1;
}
