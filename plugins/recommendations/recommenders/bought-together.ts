import { type Key, keyOf } from '../models/fingerprint.js';
import { type Part, renumbered, type Storable } from '../models/stored.js';
import { createRows } from '../snapshots/rows.js';
import { type Candidates, noCandidates, type TieOrder } from './candidates.js';

const partnersMax = 150;
const rowMax = 60;
const rowsKeptMax = 20_000;
const basketItemsMax = 40;
const cartsMax = 20_000;
const cartItemsMax = 20;
const pairsPerPart = 32_768;

/** An unpaid cart says less than an order. */
const cartWeight = 0.3;
/**
 * Baskets with neither product that every shop is assumed to have seen: without them the first orders of a
 * new shop, which hold everything that was ever bought, would prove nothing.
 */
const assumedBaskets = 20;
/** The signed root of a log-likelihood ratio is about normal: below two it may well be chance. */
const significantRoot = 2;

/**
 * What is bought together, across sellers: pairs whose presence in one basket is no chance by Dunning's log-likelihood
 * ratio (1993).
 */
export interface BoughtTogether extends Storable {
  order(sessionId: Key, items: readonly number[]): void;
  cartAdded(sessionId: Key, item: number): void;
  cartRemoved(sessionId: Key, item: number): void;
  /** Complements of an item, best first, at most 60. */
  row(item: number): Candidates;
}

interface BasketsPart extends Part {
  readonly name: 'baskets';
  readonly baskets: number;
  readonly support: Float64Array;
  readonly cartKeys: Float64Array;
  readonly cartLengths: Int32Array;
  readonly cartItems: Int32Array;
}

/** The partners of some items one behind the other, from the item `first` on. */
interface PairsPart extends Part {
  readonly name: 'pairs';
  readonly first: number;
  readonly lengths: Int32Array;
  readonly others: Int32Array;
  readonly counts: Float64Array;
}

export function createBoughtTogether(tie: TieOrder): BoughtTogether {
  const support: number[] = [];
  const partners: (Map<number, number> | undefined)[] = [];
  const carts = new Map<number, number[]>();
  const rows = new Map<number, { readonly of: number; readonly row: Candidates }>();
  let baskets = assumedBaskets;
  let learned = 0;
  const stored = createRows((item) => {
    const counts = partners[item];
    return counts && ([Int32Array.from(counts.keys()), Float64Array.from(counts.values())] as const);
  });

  function count(item: number, weight: number): void {
    while (support.length <= item) {
      support.push(0);
      partners.push(undefined);
    }
    support[item]! += weight;
    learned++;
  }

  function pair(a: number, b: number, weight: number): void {
    for (const [item, other] of [
      [a, b],
      [b, a],
    ] as const) {
      stored.changing(item);
      let counts = partners[item];
      if (!counts) {
        counts = new Map();
        partners[item] = counts;
      }
      counts.set(other, (counts.get(other) ?? 0) + weight);
      if (counts.size > 2 * partnersMax) partners[item] = strongest(counts, tie);
    }
  }

  return {
    order(sessionId, ordered) {
      carts.delete(keyOf(sessionId));
      const items = [...new Set(ordered)].slice(0, basketItemsMax);
      if (items.length === 0) return;
      baskets += 1;
      for (const item of items) count(item, 1);
      for (let i = 1; i < items.length; i++) {
        for (let j = 0; j < i; j++) pair(items[i]!, items[j]!, 1);
      }
    },
    cartAdded(sessionId, item) {
      const key = keyOf(sessionId);
      let cart = carts.get(key);
      if (!cart) {
        if (carts.size >= cartsMax) carts.delete(carts.keys().next().value!);
        cart = [];
        carts.set(key, cart);
        baskets += cartWeight;
      }
      if (cart.includes(item) || cart.length >= cartItemsMax) return;
      count(item, cartWeight);
      for (const other of cart) pair(item, other, cartWeight);
      cart.push(item);
    },
    cartRemoved(sessionId, item) {
      const cart = carts.get(keyOf(sessionId));
      const at = cart?.indexOf(item) ?? -1;
      if (at < 0) return;
      cart!.splice(at, 1);
      count(item, -cartWeight);
      for (const other of cart!) pair(item, other, -cartWeight);
    },
    row(item) {
      const counts = partners[item];
      if (!counts) return noCandidates;
      const kept = rows.get(item);
      if (kept?.of === learned) return kept.row;
      const row = rowOf(item, counts, support, baskets, tie);
      if (!kept && rows.size >= rowsKeptMax) rows.delete(rows.keys().next().value!);
      rows.set(item, { of: learned, row });
      return row;
    },

    save() {
      const held = [...carts.values()];
      const first: BasketsPart = {
        name: 'baskets',
        baskets,
        support: Float64Array.from(support),
        cartKeys: Float64Array.from(carts.keys()),
        cartLengths: Int32Array.from(held, ({ length }) => length),
        cartItems: Int32Array.from(held.flat()),
      };
      const pairs = toParts(stored.read(partners.length));
      return (function* (): Generator<Part> {
        yield first;
        yield* pairs;
      })();
    },
    restore(part, renumbering) {
      if (part.name === 'pairs') return restorePairs(part as PairsPart, renumbering);
      const stored = part as BasketsPart;
      baskets = stored.baskets;
      for (const [was, weight] of stored.support.entries()) {
        const item = renumbered(was, renumbering);
        if (item >= 0) count(item, weight);
      }
      for (let cart = 0, at = 0; cart < stored.cartKeys.length; at += stored.cartLengths[cart++]!) {
        const items = Array.from(stored.cartItems.subarray(at, at + stored.cartLengths[cart]!), (was) =>
          renumbered(was, renumbering),
        );
        carts.set(
          stored.cartKeys[cart]!,
          items.filter((item) => item >= 0),
        );
      }
    },
  };

  function restorePairs({ first, lengths, others, counts }: PairsPart, renumbering: Int32Array): void {
    for (let row = 0, at = 0; row < lengths.length; at += lengths[row++]!) {
      const item = renumbered(first + row, renumbering);
      if (item < 0 || lengths[row] === 0) continue;
      count(item, 0);
      const own = new Map<number, number>();
      for (let pair = at; pair < at + lengths[row]!; pair++) {
        const other = renumbered(others[pair]!, renumbering);
        if (other >= 0) own.set(other, counts[pair]!);
      }
      partners[item] = own;
    }
  }
}

function* toParts(
  rows: Iterable<readonly [others: Int32Array, counts: Float64Array] | undefined>,
): Generator<PairsPart> {
  let first = 0;
  let lengths: number[] = [];
  const others = new Int32Array(pairsPerPart + 2 * partnersMax);
  const counts = new Float64Array(others.length);
  let used = 0;
  const part = (): PairsPart => ({
    name: 'pairs',
    first,
    lengths: Int32Array.from(lengths),
    others: others.slice(0, used),
    counts: counts.slice(0, used),
  });
  for (const row of rows) {
    lengths.push(row?.[0].length ?? 0);
    if (row) {
      others.set(row[0], used);
      counts.set(row[1], used);
      used += row[0].length;
    }
    if (used < pairsPerPart && lengths.length < pairsPerPart) continue;
    yield part();
    first += lengths.length;
    lengths = [];
    used = 0;
  }
  if (lengths.length > 0) yield part();
}

function strongest(counts: ReadonlyMap<number, number>, tie: TieOrder): Map<number, number> {
  return new Map([...counts].sort((a, b) => b[1] - a[1] || tie(a[0], b[0])).slice(0, partnersMax));
}

function rowOf(
  item: number,
  counts: ReadonlyMap<number, number>,
  support: readonly number[],
  baskets: number,
  tie: TieOrder,
): Candidates {
  const row: { other: number; root: number }[] = [];
  for (const [other, both] of counts) {
    if (both < 1) continue;
    const root = significance(both, support[item]!, support[other]!, baskets);
    if (root >= significantRoot) row.push({ other, root });
  }
  row.sort((a, b) => b.root - a.root || tie(a.other, b.other));
  if (row.length > rowMax) row.length = rowMax;
  return {
    items: row.map(({ other }) => other),
    scores: row.map(({ root }) => root),
    causes: row.map(() => item),
    length: row.length,
  };
}

/**
 * The signed root of Dunning's G² for two products in `both`, `a` and `b` of `baskets`: positive when they meet
 * more often than chance would have it.
 */
export function significance(both: number, a: number, b: number, baskets: number): number {
  const cells = [
    [both, a, b],
    [a - both, a, baskets - b],
    [b - both, baskets - a, b],
    [baskets - a - b + both, baskets - a, baskets - b],
  ] as const;
  let sum = 0;
  for (const [observed, row, column] of cells) {
    if (observed > 0) sum += observed * Math.log((observed * baskets) / (row * column));
  }
  const root = Math.sqrt(Math.max(0, 2 * sum));
  return both * baskets >= a * b ? root : -root;
}
