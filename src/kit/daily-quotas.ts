const dayMs = 86_400_000;
/** The cells of a key lie in one block, which is one cache line of a byte each. */
const blockSize = 64;
const blocksMin = 1 << 15;
const blocksMax = 1 << 18;
/** A table has so many times as many cells as were in use at the end of the day before. */
const cellsPerUsed = 4;
/** A full quota, in units of a cell: divisible by the usual limits, so that whole amounts are exact. */
const full = 240;
/** Amounts are rounded up, but for what comes of dividing. */
const rounding = 1e-6;

/** A limit on the use that a subject may make of an object in a day. Numbers tell apart the quotas of one subject and object. */
export interface Quota {
  /** A whole number. */
  readonly number: number;
  /** Positive. */
  readonly max: number;
}

/**
 * Counts what was used of many quotas in a day (UTC), in a table of 2 MB, or up to 16 MB after a busy day: a count-min sketch (Cormode, Muthukrishnan
 * 2005) with conservative update (Estan, Varghese 2002), blocked as a Bloom filter can be (Putze, Sanders, Singler 2007). A quota may seem to
 * be used up further than it is, and never less: a flood of keys can only use up more. On the first day of a shop with 100,000
 * views, each counted in four quotas, one request in 130,000 is refused wrongly, and one in 8,500 with 200,000 views.
 *
 * Subjects and objects are fingerprints. The hash has a key, so that nobody outside can find two that share their cells.
 */
export interface DailyQuotas {
  /** Uses what is left of an amount; returns how much that was. */
  take(subject: number, object: number, quota: Quota, amount: number, atMs: number): number;
  /** Uses one if it is left; returns whether it was. */
  spend(subject: number, object: number, quota: Quota, atMs: number): boolean;
  /** Dates the current day earlier. */
  setBack(byMs: number): void;
  /** Returns a copy. */
  save(): StoredQuotas;
  /** Takes back a piece of what was stored. The first one begins anew. */
  restore(piece: StoredQuotas & { readonly size: number; readonly from: number }): void;
}

export interface StoredQuotas {
  readonly day: number;
  readonly cells: Uint8Array;
}

/** `key`: up to 53 bits, from 0. */
export function createDailyQuotas(key = 0): DailyQuotas {
  const low = key | 0;
  const high = (key / 2 ** 32) | 0;
  /** The start of the day. */
  let fromMs = Number.NEGATIVE_INFINITY;
  /** Empty until the first use. */
  let cells = new Uint8Array(0);
  let mask = 0;
  /** Cells above 0. */
  let inUse = 0;
  // The cells of the key that was found last.
  let from = 0;
  let places = 0;

  function begin(next: Uint8Array<ArrayBuffer>): void {
    cells = next;
    mask = next.length / blockSize - 1;
    inUse = 0;
  }

  /** Receipts go back by less than a day only. A clock that was set back further begins anew. */
  function turnTo(atMs: number): void {
    if (atMs < fromMs + dayMs && atMs >= fromMs - dayMs) return;
    fromMs = Math.floor(atMs / dayMs) * dayMs;
    let blocks = blocksMin;
    while (blocks < blocksMax && blocks * blockSize < cellsPerUsed * inUse) blocks *= 2;
    if (inUse > 0 || cells.length !== blocks * blockSize) begin(new Uint8Array(blocks * blockSize));
  }

  /** Finds the cells of a key, and returns how much of its quota is used, in units. */
  function find(subject: number, object: number, number: number): number {
    let hash = Math.imul((subject | 0) ^ low, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 16) ^ ((subject / 2 ** 32) | 0) ^ high, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ (object | 0), 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ low, 0x9e3779b1);
    hash ^= hash >>> 16;
    from = (hash & mask) * blockSize;
    const bits = Math.imul(hash ^ Math.imul(number + 1, 0x85ebca6b), 0xc2b2ae35);
    // A variable of the closure that needs more than 31 bits would be boxed.
    places = (bits ^ (bits >>> 15)) >>> 2;
    const one = cells[from + (places & 63)]!;
    const two = cells[from + ((places >>> 6) & 63)]!;
    const three = cells[from + ((places >>> 12) & 63)]!;
    const four = cells[from + ((places >>> 18) & 63)]!;
    return Math.min(one, two, three, four);
  }

  /** Raises the cells of the key that was found last, if they are below. */
  function raise(to: number): void {
    for (let shift = 0; shift < 24; shift += 6) {
      const at = from + ((places >>> shift) & 63);
      const before = cells[at]!;
      if (before === 0) inUse++;
      if (before < to) cells[at] = to;
    }
  }

  return {
    take(subject, object, quota, amount, atMs) {
      turnTo(atMs);
      if (!(amount > 0)) return 0;
      const used = find(subject, object, quota.number);
      const wanted = used + Math.ceil((full * amount) / quota.max - rounding);
      raise(Math.min(full, wanted));
      return wanted <= full ? amount : ((full - used) * quota.max) / full;
    },
    spend(subject, object, quota, atMs) {
      turnTo(atMs);
      const used = find(subject, object, quota.number) + Math.ceil(full / quota.max - rounding);
      if (used > full) return false;
      raise(used);
      return true;
    },
    setBack(byMs) {
      fromMs -= Math.round(byMs / dayMs) * dayMs;
    },
    save: () => ({
      day: fromMs / dayMs,
      cells: cells.length > 0 ? cells.slice() : new Uint8Array(blocksMin * blockSize),
    }),
    restore(piece) {
      fromMs = piece.day * dayMs;
      if (piece.from === 0) begin(new Uint8Array(piece.size));
      cells.set(piece.cells, piece.from);
      for (const cell of piece.cells) if (cell > 0) inUse++;
    },
  };
}
