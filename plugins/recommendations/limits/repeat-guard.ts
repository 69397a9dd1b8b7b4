import type { Part } from '../snapshots/stored.js';

const slots = 1 << 16;
const windowMs = 30 * 60_000;

interface SeenPart extends Part {
  readonly name: 'seen';
  readonly marks: Uint32Array;
  readonly timesMs: Float64Array;
}

/**
 * Counts an event of a session about a product once in half an hour, so that one shopper who reloads a page makes no product popular.
 * A table of fixed size: a collision drops the older entry, which then counts once more.
 */
export function createRepeatGuard() {
  // Empty until the first event.
  let marks = new Uint32Array(0);
  let timesMs = new Float64Array(0);

  function makeRoom(): void {
    marks = new Uint32Array(slots);
    timesMs = new Float64Array(slots);
  }

  return {
    /**
     * Returns true if the session did not do the same with the product within the last half hour, and remembers that it did. Session and
     * product are fingerprints, which are the same in every process.
     */
    isNew(session: number, product: number, type: string, atMs: number): boolean {
      if (marks.length === 0) makeRoom();
      let hash = Math.imul(session | 0, 0x9e3779b1) ^ Math.imul((session / 2 ** 32) | 0, 0x85ebca6b);
      hash = Math.imul(hash ^ (product | 0), 0x01000193);
      hash = Math.imul(
        hash ^ type.charCodeAt(type.length - 1) ^ (type.length << 8) ^ (type.charCodeAt(0) << 16),
        0x01000193,
      );
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
      const mark = (hash ^ (hash >>> 13)) >>> 0;
      const slot = mark & (slots - 1);
      if (marks[slot] === mark && Math.abs(atMs - timesMs[slot]!) < windowMs) return false;
      marks[slot] = mark;
      timesMs[slot] = atMs;
      return true;
    },
    save(): Iterable<SeenPart> {
      const seen = { marks: new Uint32Array(marks.length), timesMs: new Float64Array(marks.length) };
      let count = 0;
      for (let slot = 0; slot < marks.length; slot++) {
        if (timesMs[slot] === 0) continue;
        seen.marks[count] = marks[slot]!;
        seen.timesMs[count++] = timesMs[slot]!;
      }
      return [{ name: 'seen', marks: seen.marks.slice(0, count), timesMs: seen.timesMs.slice(0, count) }];
    },
    restore(part: Part): void {
      if (marks.length === 0) makeRoom();
      const seen = part as SeenPart;
      for (let at = 0; at < seen.marks.length; at++) {
        const mark = seen.marks[at]!;
        marks[mark & (slots - 1)] = mark;
        timesMs[mark & (slots - 1)] = seen.timesMs[at]!;
      }
    },
  };
}

export type RepeatGuard = ReturnType<typeof createRepeatGuard>;
