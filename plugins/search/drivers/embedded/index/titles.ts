import { LRUCache } from 'lru-cache';
import { languageOf } from '../../../../../src/kit/language-of.js';
import { type Compare, insertSorted, mergeSorted, slicedSort } from '../../../../../src/kit/sliced-sort.js';
import { runNow, type Sliced } from '../../../../../src/kit/slices.js';
import type { Product } from '../../../../../src/ports/catalog.js';

/** Titles of documents by locale, and their alphabetical order. A locale without translations has those of the shop's own language. */
export interface Titles {
  set(document: number, product: Product): void;
  /** The title in the shop's own language if there is no translation. */
  of(document: number, locale: string): string;
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

/** Stands for the shop's own language among the locales. */
const ownTitles = '';

/** Sorts when titles change, not when a query needs the order: one comparison by collation takes a microsecond. */
export function createTitles(ownLanguage: string): Titles {
  const own: string[] = [];
  const translated = new Map<string, Map<number, string>>();
  const titleIn = (document: number, written: string): string =>
    translated.get(written)?.get(document) ?? own[document] ?? '';
  const orders = new LRUCache<string, Order>({ max: localesMax });

  function orderOf(locale: string): Order {
    let order = orders.get(locale);
    if (!order) {
      const { compare } = new Intl.Collator(locale === ownTitles ? ownLanguage : locale, {
        sensitivity: 'base',
        numeric: true,
      });
      const sorted = new Uint32Array(0);
      const moved = new Set(own.keys());
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
      order.titles[document] = titleIn(document, locale);
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

  /** The locale whose translations are read. Locales without any share one order. */
  function writtenIn(locale: string): string {
    if (translated.has(locale)) return locale;
    const language = languageOf(locale);
    return translated.has(language) ? language : ownTitles;
  }

  return {
    set(document, product) {
      let isChanged = own[document] !== product.title;
      own[document] = product.title;
      for (const [locale, titles] of translated) {
        if (product.translations[locale]?.title === undefined && titles.delete(document)) isChanged = true;
      }
      for (const [locale, { title }] of Object.entries(product.translations)) {
        if (title === undefined) continue;
        let titles = translated.get(locale);
        if (!titles) {
          titles = new Map();
          translated.set(locale, titles);
        }
        if (titles.get(document) === title) continue;
        titles.set(document, title);
        isChanged = true;
      }
      if (isChanged) for (const order of orders.values()) order.moved.add(document);
    },
    of: (document, locale) => titleIn(document, writtenIn(locale)),
    sorting(locale) {
      const written = writtenIn(locale);
      const order = orderOf(written);
      return order.moved.size <= atOnceMax ? null : sort(order, written);
    },
    places(locale) {
      const written = writtenIn(locale);
      const order = orderOf(written);
      runNow(sort(order, written));
      return order.places;
    },
  };
}
