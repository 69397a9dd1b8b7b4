/**
 * Choices read from bytes. A tape that has run out, and a byte of 0, mean the simplest choice, so fast-check shrinks a case by
 * shortening its tape and lowering its bytes.
 */
export class Tape {
  private at = 0;
  private readonly bytes: ArrayLike<number>;

  constructor(bytes: ArrayLike<number>) {
    this.bytes = bytes;
  }

  /** A whole number from 0 to `limit - 1`; `limit` is at most 256. */
  below(limit: number): number {
    return (this.bytes[this.at++] ?? 0) % limit;
  }

  chance(percent: number): boolean {
    return (this.bytes[this.at++] ?? 0) >= 256 - 2.56 * percent;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  times<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, index) => make(index));
  }
}

/** A tape without an end whose choices follow from a text, so that they do not depend on the order of calls. */
export function tapeOf(text: string): Tape {
  let state = 2_166_136_261;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 16_777_619);
  const bytes = new Uint8Array(96);
  for (let i = 0; i < bytes.length; i++) {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9;
    state ^= state >>> 13;
    bytes[i] = state >>> 8;
  }
  return new Tape(bytes);
}
