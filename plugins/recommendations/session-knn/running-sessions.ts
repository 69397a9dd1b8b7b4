const slotsPerBucket = 8;

/** Which session a visitor's clicks go to, for those who clicked lately. */
export interface RunningSessions {
  /** Where a visitor's entry lies; -1 without one. */
  find(key: number): number;
  /** Makes an entry, in the place of nobody or of the one of a few who is longest without a click. */
  enter(key: number, session: number, atMs: number): number;
  readonly sessions: Int32Array;
  readonly lastMs: Float64Array;
  /** -1 where nobody is. */
  readonly keys: Float64Array;
}

/** A table of fixed size: `size` is a power of two. A visitor has eight possible places, side by side in memory. */
export function createRunningSessions(size: number): RunningSessions {
  // Empty until somebody comes.
  let keys = new Float64Array(0);
  let sessions = new Int32Array(0);
  let lastMs = new Float64Array(0);
  const shift = 32 - Math.log2(size / slotsPerBucket);

  function bucketOf(key: number): number {
    const mixed = Math.imul((key | 0) ^ ((key / 2 ** 32) | 0), 0x9e3779b1);
    return (mixed >>> shift) * slotsPerBucket;
  }

  function makeRoom(): void {
    keys = new Float64Array(size).fill(-1);
    sessions = new Int32Array(size);
    lastMs = new Float64Array(size);
  }

  return {
    get keys() {
      return keys;
    },
    get sessions() {
      return sessions;
    },
    get lastMs() {
      return lastMs;
    },
    find(key) {
      const from = bucketOf(key);
      for (let slot = from; slot < from + slotsPerBucket; slot++) if (keys[slot] === key) return slot;
      return -1;
    },
    enter(key, session, atMs) {
      if (keys.length === 0) makeRoom();
      const from = bucketOf(key);
      let place = from;
      for (let slot = from; slot < from + slotsPerBucket; slot++) {
        if (keys[slot] === -1) {
          place = slot;
          break;
        }
        if (lastMs[slot]! < lastMs[place]!) place = slot;
      }
      keys[place] = key;
      sessions[place] = session;
      lastMs[place] = atMs;
      return place;
    },
  };
}
