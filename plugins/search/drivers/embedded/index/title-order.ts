import { LRUCache } from 'lru-cache';
import { type Compare, insertSorted, mergeSorted, slicedSort } from '../../../../../src/kit/sliced-sort.js';
import { runNow, type Sliced } from '../../../../../src/kit/slices.js';

/** The alphabetical order of documents by their titles, for each locale. */
export interface TitleOrder {
  /** Call it when titles of a document changed, in any locale. */
  changed(document: number): void;
  /** The work that makes `places` quick; null if it is quick already. One at a time. */
  sorting(locale: string): Sliced | null;
  /** The place of each document. Of equal titles the lower document number comes first. */
  places(locale: string): Uint32Array;
}

interface Order {
  readonly compare: (a: string, b: string) => number;
  /** As they were when they were sorted, so that an order is consistent whatever changes meanwhile. */
  readonly titles: string[];
  /** Documents that are not in their places. */
  readonly moved: Set<number>;
  sorted: Uint32Array<ArrayBuffer>;
  places: Uint32Array<ArrayBuffer>;
}

/** Locales in use at a time; a shop with more sorts again now and then. */
const localesMax = 8;
/** Largest number of moved documents that are sorted in at once, which takes a few milliseconds. */
const atOnceMax = 500;
const titlesPerSlice = 10_000;

/** Sorts when titles change, not when a query needs the order: one comparison by collation takes a microsecond. */
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

  function* sort(order: Order, locale: string): Sliced {
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
    const sorted = yield* slicedSort(moved, compare);
    const all = new Uint32Array(kept.length + sorted.length);
    if (sorted.length <= atOnceMax) insertSorted(kept, sorted, all, compare);
    else yield* mergeSorted(kept, sorted, all, compare);
    order.sorted = all;
    order.places = new Uint32Array(titles.length);
    for (let place = 0; place < all.length; place++) order.places[all[place]!] = place;
  }

  return {
    changed(document) {
      if (orders.size > 0) for (const order of orders.values()) order.moved.add(document);
    },
    sorting(locale) {
      const order = orderOf(locale);
      return order.moved.size <= atOnceMax ? null : sort(order, locale);
    },
    places(locale) {
      const order = orderOf(locale);
      runNow(sort(order, locale));
      return order.places;
    },
  };
}
