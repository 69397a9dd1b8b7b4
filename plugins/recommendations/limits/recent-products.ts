/** The number of places that a session or person can have, side by side in memory. */
const placesPerSet = 8;
/** The number of newest products that are remembered of each: as many as vote in one session. A power of two. */
export const recentMax = 32;

/**
 * The newest products of the latest sessions and people, in a table of fixed size.
 * `size`: the number of places, a power of two.
 */
export function createRecentProducts(size: number) {
  // Empty until the first session or person is entered.
  let namers = new Float64Array(0);
  /** By place: the order in which places were last looked for. */
  let used = new Float64Array(0);
  /** By place: how many products were added; the newest `recentMax` are there. */
  let added = new Int32Array(0);
  let items = new Int32Array(0);
  let prints = new Int32Array(0);
  const shift = 32 - Math.log2(size / placesPerSet);
  let turn = 0;
  /** Events of one session follow each other. */
  let last = 0;

  function find(namer: number): number {
    if (namers[last] === namer) return last;
    const from = setOf(namer);
    for (let place = from; place < from + placesPerSet; place++) {
      if (namers[place] === namer) {
        last = place;
        return place;
      }
    }
    return -1;
  }

  function setOf(namer: number): number {
    const mixed = Math.imul((namer | 0) ^ ((namer / 2 ** 32) | 0), 0x9e3779b1);
    return (mixed >>> shift) * placesPerSet;
  }

  function makeRoom(): void {
    namers = new Float64Array(size).fill(-1);
    used = new Float64Array(size);
    added = new Int32Array(size);
    items = new Int32Array(size * recentMax);
    prints = new Int32Array(size * recentMax);
  }

  function enter(namer: number): number {
    if (namers.length === 0) makeRoom();
    const from = setOf(namer);
    let place = from;
    for (let at = from + 1; at < from + placesPerSet; at++) if (used[at]! < used[place]!) place = at;
    namers[place] = namer;
    added[place] = 0;
    last = place;
    return place;
  }

  function count(place: number): number {
    return added[place]! < recentMax ? added[place]! : recentMax;
  }

  function has(place: number, item: number): boolean {
    const from = place * recentMax;
    const end = from + count(place);
    for (let at = from; at < end; at++) if (items[at] === item) return true;
    return false;
  }

  return {
    get items() {
      return items;
    },
    /** Fingerprints of the products. */
    get prints() {
      return prints;
    },
    /** The place of a session or person, by its fingerprint. A new one takes the place of its set that was used longest ago. */
    placeOf(namer: number): number {
      const found = find(namer);
      const place = found < 0 ? enter(namer) : found;
      used[place] = ++turn;
      return place;
    },
    has,
    /** True if a session or person has a place and the product is remembered there. */
    hasOf(namer: number, item: number): boolean {
      const place = find(namer);
      return place >= 0 && has(place, item);
    },
    /** Replaces the oldest of a full place. */
    add(place: number, item: number, print: number): void {
      const at = place * recentMax + (added[place]! & (recentMax - 1));
      items[at] = item;
      prints[at] = print;
      added[place]!++;
    },
    /** Where the products of a place lie in `items` and `prints`, the newest first, at most `max`. Returns how many. */
    newest(place: number, max: number, into: Int32Array): number {
      const from = place * recentMax;
      const last = added[place]! - 1;
      const length = Math.min(max, count(place));
      for (let at = 0; at < length; at++) into[at] = from + ((last - at) & (recentMax - 1));
      return length;
    },
  };
}
