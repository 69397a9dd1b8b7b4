import { LRUCache } from 'lru-cache';

/** Places of documents in the alphabetical order of their titles, by the locale they are written for. */
export interface TitleOrder {
  /** Titles of this document changed, in some locale. */
  changed(document: number): void;
  /** What has to run before `places` is quick, in slices; null: nothing. One at a time. */
  sorting(locale: string): Generator<void> | null;
  /** By document number. Of equal titles the earlier document comes first. */
  places(locale: string): Uint32Array;
}

interface Order {
  readonly compare: (a: string, b: string) => number;
  /** As they were when they were sorted, so that an order is consistent whatever changes meanwhile. */
  readonly titles: string[];
  /** Documents whose place is to be found. */
  readonly moved: Set<number>;
  sorted: Uint32Array<ArrayBuffer>;
  places: Uint32Array<ArrayBuffer>;
}

type Compare = (a: number, b: number) => number;

/** Locales whose order is kept: a shop that writes for more sorts again now and then. */
const localesMax = 8;
/** So many moved documents are put into their places at once, in a few milliseconds. */
const atOnceMax = 500;
/** Comparisons of a slice: about two milliseconds. */
const comparisonsPerSlice = 2_000;
const runLength = 200;
const titlesPerSlice = 10_000;

/** Titles are compared when they change, not when somebody asks: with a collation that takes a microsecond each time. */
export function createTitleOrder(
  size: () => number,
  titleOf: (document: number, locale: string) => string,
  languageOf: (locale: string) => string,
): TitleOrder {
  const orders = new LRUCache<string, Order>({ max: localesMax });

  function orderOf(locale: string): Order {
    let order = orders.get(locale);
    if (!order) {
      const { compare } = new Intl.Collator(languageOf(locale), { sensitivity: 'base', numeric: true });
      const sorted = new Uint32Array(0);
      const moved = new Set(Array.from({ length: size() }, (_, document) => document));
      order = { compare, titles: [], moved, sorted, places: sorted };
      orders.set(locale, order);
    }
    return order;
  }

  function* sort(order: Order, locale: string): Generator<void> {
    const moved = Uint32Array.from(order.moved);
    if (moved.length === 0) return;
    const kept = order.sorted.filter((document) => !order.moved.has(document));
    order.moved.clear();
    for (const [i, document] of moved.entries()) {
      order.titles[document] = titleOf(document, locale);
      if (i % titlesPerSlice === titlesPerSlice - 1) yield;
    }
    const { titles } = order;
    const compare: Compare = (a, b) => order.compare(titles[a]!, titles[b]!) || a - b;
    const sorted = yield* mergeSorted(moved, compare);
    const all = new Uint32Array(kept.length + sorted.length);
    if (sorted.length <= atOnceMax) insert(kept, sorted, all, compare);
    else yield* merge(kept, sorted, all, compare);
    order.sorted = all;
    order.places = new Uint32Array(titles.length);
    for (let place = 0; place < all.length; place++) order.places[all[place]!] = place;
  }

  return {
    changed(document) {
      for (const order of orders.values()) order.moved.add(document);
    },
    sorting(locale) {
      const order = orderOf(locale);
      return order.moved.size <= atOnceMax ? null : sort(order, locale);
    },
    places(locale) {
      const order = orderOf(locale);
      for (const sorting = sort(order, locale); !sorting.next().done; );
      return order.places;
    },
  };
}

function* mergeSorted(documents: Uint32Array<ArrayBuffer>, compare: Compare): Generator<void, Uint32Array> {
  for (let start = 0; start < documents.length; start += runLength) {
    documents.subarray(start, start + runLength).sort(compare);
    if (documents.length > atOnceMax) yield;
  }
  let from = documents;
  let to = new Uint32Array(documents.length);
  let sinceYield = 0;
  for (let width = runLength; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = start + width;
      const end = middle + width;
      yield* merge(
        from.subarray(start, middle),
        from.subarray(middle, end),
        to.subarray(start, end),
        compare,
      );
      sinceYield += 2 * width;
      if (sinceYield < comparisonsPerSlice) continue;
      sinceYield = 0;
      yield;
    }
    [from, to] = [to, from];
  }
  return from;
}

function* merge(a: Uint32Array, b: Uint32Array, into: Uint32Array, compare: Compare): Generator<void> {
  let inA = 0;
  let inB = 0;
  for (let at = 0; at < into.length; at++) {
    const takesA = inB >= b.length || (inA < a.length && compare(a[inA]!, b[inB]!) < 0);
    into[at] = takesA ? a[inA++]! : b[inB++]!;
    if (at % comparisonsPerSlice === comparisonsPerSlice - 1) yield;
  }
}

/** As `merge`, for few in `b`: it compares these only. */
function insert(a: Uint32Array, b: Uint32Array, into: Uint32Array, compare: Compare): void {
  let inA = 0;
  for (const [inB, document] of b.entries()) {
    let low = inA;
    let high = a.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(a[middle]!, document) < 0) low = middle + 1;
      else high = middle;
    }
    into.set(a.subarray(inA, low), inA + inB);
    into[low + inB] = document;
    inA = low;
  }
  into.set(a.subarray(inA), inA + b.length);
}
