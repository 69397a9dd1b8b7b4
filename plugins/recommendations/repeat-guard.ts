const slots = 1 << 16;
const windowMs = 30 * 60_000;

/**
 * Tells a shopper who reloads a page from many who look at it, so that nobody makes a product popular alone.
 * A table of fixed size: a collision forgets the older entry, which then counts once more.
 */
export interface RepeatGuard {
  /** Whether the session did the same with the item more than half an hour ago, or never. Remembers that it did. */
  isNew(sessionId: string, item: number, type: string, atMs: number): boolean;
}

export function createRepeatGuard(): RepeatGuard {
  const marks = new Uint32Array(slots);
  const timesMs = new Float64Array(slots);

  return {
    isNew(sessionId, item, type, atMs) {
      let hash = 0x811c9dc5 ^ item;
      for (let i = 0; i < sessionId.length; i++) hash = Math.imul(hash ^ sessionId.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ type.charCodeAt(type.length - 1) ^ (type.length << 8), 0x01000193);
      hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
      const mark = (hash ^ (hash >>> 13)) >>> 0;
      const slot = mark & (slots - 1);
      if (marks[slot] === mark && Math.abs(atMs - timesMs[slot]!) < windowMs) return false;
      marks[slot] = mark;
      timesMs[slot] = atMs;
      return true;
    },
  };
}
