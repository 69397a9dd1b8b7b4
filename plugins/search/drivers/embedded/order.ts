import type { Taste } from '../../../../src/ports/search.js';
import type { DriverQuery } from '../../driver.js';
import { refinedMax, tasteFactor, tasteFactorMax } from '../taste-factor.js';
import type { Columns } from './columns.js';
import type { Found } from './find.js';

/** Keeps the product of all factors on a key, a quarter at most, below 1. */
const refinedScale = 0.5;

/** The documents of the page that was asked for, best first. Ties keep the order of ids' first appearance. */
export function bestBySort(columns: Columns, found: Found, query: DriverQuery): number[] {
  const { documents } = found;
  const until = query.offset + query.limit;
  if (query.limit === 0 || query.offset >= documents.length) return [];
  if (query.sort === 'RELEVANCE') return byRelevance(columns, found, query).slice(query.offset, until);
  const compare = comparator(columns, query);
  const isBetter = (a: number, b: number): boolean => {
    const order = compare(documents[a]!, documents[b]!);
    return order < 0 || (order === 0 && documents[a]! < documents[b]!);
  };
  return bestPlaces(documents.length, until, isBetter)
    .slice(query.offset)
    .map((place) => documents[place]!);
}

/** How many are looked at before all that may be: mostly these tell. */
const firstLook = 40;

function byRelevance(columns: Columns, found: Found, query: DriverQuery): number[] {
  const needed = query.offset + query.limit;
  const most = Math.max(needed, refinedMax);
  const few = Math.min(most, Math.max(firstLook, needed));
  return (
    refinedOf(columns, found, query, bestByKey(found, few), few === most) ??
    refinedOf(columns, found, query, bestByKey(found, most), true)!
  );
}

/**
 * The same places' documents, read closely until those that are left cannot reach the page any more; null when that took all
 * of them and there are more.
 */
function refinedOf(
  columns: Columns,
  found: Found,
  { taste, offset, limit }: DriverQuery,
  places: readonly number[],
  isLast: boolean,
): number[] | null {
  const { documents, keys } = found;
  const near = Math.min(refinedMax, places.length);
  const most = found.refineMost * (taste ? tasteFactorMax : 1) * refinedScale;
  /** The best so far, best first, as many as are needed: what a document must beat to be seen. */
  const leaders = new Float64Array(Math.min(offset + limit, near)).fill(Number.NEGATIVE_INFINITY);
  const last = leaders.length - 1;
  const refined: number[] = [];
  for (let i = 0; i < near; i++) {
    const place = places[i]!;
    const document = documents[place]!;
    const tier = Math.floor(keys[place]!);
    const within = keys[place]! - tier;
    // Of equals the earlier place comes first.
    if (tier + within * most <= leaders[last]!) break;
    // Below 1 whatever the factors, so that tiers stay apart.
    const value =
      tier + within * found.refine(document) * (taste ? tasteOf(columns, taste, document) : 1) * refinedScale;
    refined.push(value);
    let at = leaders.length;
    for (; at > 0 && leaders[at - 1]! < value; at--) if (at < leaders.length) leaders[at] = leaders[at - 1]!;
    if (at < leaders.length) leaders[at] = value;
  }
  if (!isLast && refined.length === places.length && places.length < documents.length) return null;
  const order = refined.map((_, i) => i).sort((a, b) => refined[b]! - refined[a]! || a - b);
  return [
    ...order.map((i) => documents[places[i]!]!),
    ...places.slice(refined.length).map((place) => documents[place]!),
  ];
}

function comparator(columns: Columns, query: DriverQuery): (a: number, b: number) => number {
  switch (query.sort) {
    case 'PRICE_ASC':
    case 'PRICE_DESC': {
      const priceOf = columns.pricesIn(query.currency, query.storeId);
      const sign = query.sort === 'PRICE_ASC' ? 1 : -1;
      return (a, b) => {
        const first = priceOf(a);
        const second = priceOf(b);
        // Without a price last, whichever the direction.
        if (Number.isNaN(first) || Number.isNaN(second))
          return Number(Number.isNaN(first)) - Number(Number.isNaN(second));
        return sign * (first - second);
      };
    }
    case 'TITLE': {
      const collator = new Intl.Collator(query.locale, { sensitivity: 'base', numeric: true });
      return (a, b) => collator.compare(columns.title(a, query.locale), columns.title(b, query.locale));
    }
    default:
      return (a, b) => columns.createdAtMs(b) - columns.createdAtMs(a);
  }
}

function tasteOf(columns: Columns, taste: Taste, document: number): number {
  const pool = columns.categoriesOf.pool(document);
  const categories: string[] = [];
  for (let i = columns.categoriesOf.start(document), end = columns.categoriesOf.end(document); i < end; i++)
    categories.push(columns.categories.nameOf(pool[i]!));
  const brand = columns.brands.nameOf(columns.brand(document));
  return tasteFactor(taste, columns.idOf(document), brand, categories);
}

/** The places of the highest keys, best first, at most `most`; ties by document. */
function bestByKey({ keys, documents }: Found, most: number): number[] {
  const compare = (a: number, b: number): number => keys[b]! - keys[a]! || documents[a]! - documents[b]!;
  if (keys.length <= most) return Array.from({ length: keys.length }, (_, place) => place).sort(compare);
  const threshold = kthHighest(keys, most);
  const best: number[] = [];
  const tied: number[] = [];
  for (let place = 0; place < keys.length; place++) {
    const key = keys[place]!;
    if (key > threshold) best.push(place);
    else if (key === threshold) tied.push(place);
  }
  tied.sort(compare);
  return [...best.sort(compare), ...tied.slice(0, most - best.length)];
}

/** The k-th highest value: a heap of the k highest so far, the lowest of them on top. */
function kthHighest(values: Float64Array, k: number): number {
  const heap = values.slice(0, k).sort();
  for (let i = k; i < values.length; i++) {
    const value = values[i]!;
    if (value <= heap[0]!) continue;
    let at = 0;
    for (let child = 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= value) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = value;
  }
  return heap[0]!;
}

/** The best places of `count`, best first, at most `most`: a heap of the best so far with the worst of them on top. */
function bestPlaces(count: number, most: number, isBetter: (a: number, b: number) => boolean): number[] {
  const heap: number[] = [];
  const sift = (from: number): void => {
    for (let i = from; ; ) {
      const left = 2 * i + 1;
      if (left >= heap.length) return;
      const worse = left + 1 < heap.length && isBetter(heap[left]!, heap[left + 1]!) ? left + 1 : left;
      if (!isBetter(heap[i]!, heap[worse]!)) return;
      [heap[i], heap[worse]] = [heap[worse]!, heap[i]!];
      i = worse;
    }
  };
  for (let place = 0; place < count; place++) {
    if (heap.length < most) {
      heap.push(place);
      if (heap.length === most) for (let i = (most >> 1) - 1; i >= 0; i--) sift(i);
    } else if (isBetter(place, heap[0]!)) {
      heap[0] = place;
      sift(0);
    }
  }
  return heap.sort((a, b) => (isBetter(a, b) ? -1 : 1));
}
