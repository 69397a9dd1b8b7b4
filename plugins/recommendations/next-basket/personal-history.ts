/** Distinct items bought at one time. */
export interface Basket {
  readonly items: readonly number[];
  readonly atMs: number;
}

export const personalNames = [
  'own',
  'share',
  'faded',
  'since',
  'inLast',
  'inLastButOne',
  'count',
  'ripeness',
  'twice',
  'reordered',
  'bought',
] as const;
export const personalCount = personalNames.length;

/** What one person did with one item. */
export interface ItemHistory {
  /** When it was bought, newest first. */
  readonly timesMs: number[];
  /** Baskets with it, each fading with the baskets since. */
  faded: number;
  /** Place of the newest basket with it, from 0. */
  last: number;
}

/** Baskets that are looked at, the newest. */
export const basketsMax = 200;

/** A person's items, in the order of first purchase. */
export function readHistory(history: readonly Basket[]): Map<number, ItemHistory> {
  const items = new Map<number, ItemHistory>();
  for (const [at, { items: basket, atMs }] of history.entries()) {
    const faded = Math.exp(-(history.length - 1 - at) / 2);
    for (const item of basket) {
      const entry = items.get(item);
      if (entry === undefined) items.set(item, { timesMs: [atMs], faded, last: at });
      else if (entry.last < at) {
        entry.timesMs.unshift(atMs);
        entry.faded += faded;
        entry.last = at;
      }
    }
  }
  return items;
}

interface ItemFigures {
  /** How much of the expected interval has passed; null where it is not known, or the person never bought it. */
  readonly dueRatio: number | null;
  /** The share of its buyers who bought it again. */
  readonly again: number;
  /** The share of all baskets that hold it. */
  readonly bought: number;
}

/** Writes the personal features of one item to `into[at …]`. `own` is undefined for what the person never bought. */
export function fillPersonal(
  into: Float32Array,
  at: number,
  own: ItemHistory | undefined,
  baskets: number,
  { dueRatio, again, bought }: ItemFigures,
): void {
  const times = own?.timesMs.length ?? 0;
  const since = own === undefined ? baskets : baskets - 1 - own.last;
  into[at] = own === undefined ? 0 : 1;
  into[at + 1] = Math.log((times + 0.1) / (baskets + 0.5));
  into[at + 2] = Math.log((own?.faded ?? 0) + 0.05);
  into[at + 3] = Math.log(1 + since);
  into[at + 4] = since === 0 ? 1 : 0;
  into[at + 5] = since === 1 ? 1 : 0;
  into[at + 6] = Math.log(1 + times);
  into[at + 7] = dueRatio === null ? 0 : Math.max(-3, Math.min(3, Math.log(dueRatio + 0.01)));
  into[at + 8] = times > 1 ? 1 : 0;
  into[at + 9] = Math.log(again);
  into[at + 10] = Math.log(bought);
}
