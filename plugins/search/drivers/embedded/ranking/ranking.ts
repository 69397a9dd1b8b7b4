import { kthHighest } from '../../../../../src/kit/kth-highest.js';
import type { Preferences } from '../../../../../src/ports/search.js';
import type { DriverQuery, LiveCatalog } from '../../../../../src/ports/search-driver.js';
import { boostMax, preferenceBoost, refinedMax } from '../../shared/factors.js';
import type { Columns } from '../index/columns.js';
import { priceReader } from '../matching/filter.js';
import { type Found, isFullMatch } from '../matching/find.js';

/** Keeps a score within its tier, a quarter at most, below 1 after all factors. */
const refinedScale = 0.5;

/** Moves what is sold out behind everything else of its tier. */
const soldOutFactor = 0.001;

/**
 * The requested page of documents, best first; if the shopper chose a sort, those that match in part last. Ties are in the order of document
 * numbers.
 */
export function bestBySort(
  columns: Columns,
  catalog: Pick<LiveCatalog, 'inStock' | 'available'>,
  found: Found,
  query: DriverQuery,
): number[] {
  const { documents } = found;
  const until = query.offset + query.limit;
  if (query.limit === 0 || query.offset >= documents.length) return [];
  if (query.sort === 'RELEVANCE')
    return byRelevance(columns, catalog, found, query).slice(query.offset, until);
  const isFull = (_: number, place: number): boolean => isFullMatch(found.keys[place]!);
  const sorted = (some: Uint32Array): number[] => {
    const keys = keysBySort(columns, catalog, some, query);
    return bestByKey({ documents: some, keys }, until).map((place) => some[place]!);
  };
  const full = documents.filter(isFull);
  const isEnough = full.length >= Math.min(until, documents.length);
  const partial = isEnough ? [] : sorted(documents.filter((document, place) => !isFull(document, place)));
  return [...sorted(full), ...partial].slice(query.offset, until);
}

/** Documents that are refined first. For most queries they are enough. */
const firstRefined = 40;

function byRelevance(
  columns: Columns,
  catalog: Pick<LiveCatalog, 'inStock'>,
  found: Found,
  query: DriverQuery,
): number[] {
  const needed = query.offset + query.limit;
  const most = Math.max(needed, refinedMax);
  const few = Math.min(most, Math.max(firstRefined, needed));
  return (
    refinedOf(columns, catalog, found, query, bestByKey(found, few), few === most) ??
    refinedOf(columns, catalog, found, query, bestByKey(found, most), true)!
  );
}

/**
 * The documents at these places, refined until the others cannot reach the page any more. null if all of them were refined and there are
 * more.
 */
function refinedOf(
  columns: Columns,
  catalog: Pick<LiveCatalog, 'inStock'>,
  found: Found,
  { preferences, offset, limit, storeId }: DriverQuery,
  places: readonly number[],
  isLast: boolean,
): number[] | null {
  const { documents, keys } = found;
  const near = Math.min(refinedMax, places.length);
  const most = found.refineMax * (preferences ? boostMax : 1) * refinedScale;
  /** The highest values so far, highest first. A document must exceed the last one to be on the page. */
  const leaders = new Float64Array(Math.min(offset + limit, near)).fill(Number.NEGATIVE_INFINITY);
  const last = leaders.length - 1;
  const refined: number[] = [];
  for (let i = 0; i < near; i++) {
    const place = places[i]!;
    const document = documents[place]!;
    const tier = Math.floor(keys[place]!);
    const within = keys[place]! - tier;
    // At equal values the earlier place comes first.
    if (tier + within * most <= leaders[last]!) break;
    // The value stays below 1, so that no factor crosses tiers.
    const value =
      tier +
      within *
        found.refine(document) *
        (preferences ? preferencesOf(columns, preferences, document) : 1) *
        (catalog.inStock(columns.idOf(document), storeId) ? 1 : soldOutFactor) *
        refinedScale;
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

/** The sort keys of documents, highest first. */
function keysBySort(
  columns: Columns,
  catalog: Pick<LiveCatalog, 'available'>,
  documents: Uint32Array,
  query: DriverQuery,
): Float64Array {
  const keys = new Float64Array(documents.length);
  const fill = (keyOf: (document: number) => number): void => {
    for (let place = 0; place < keys.length; place++) keys[place] = keyOf(documents[place]!);
  };
  switch (query.sort) {
    case 'PRICE_ASC':
    case 'PRICE_DESC': {
      const priceOf = priceReader(columns, catalog, query);
      const sign = query.sort === 'PRICE_ASC' ? -1 : 1;
      fill((document) => {
        const price = priceOf(document);
        // Products without a price come last in both directions.
        return Number.isNaN(price) ? Number.NEGATIVE_INFINITY : sign * price;
      });
      return keys;
    }
    case 'TITLE': {
      const places = columns.titles.places(query.locale);
      fill((document) => -places[document]!);
      return keys;
    }
    default:
      fill((document) => columns.createdAtMs(document));
      return keys;
  }
}

function preferencesOf(columns: Columns, preferences: Preferences, document: number): number {
  const pool = columns.categoriesOf.pool(document);
  const categories: string[] = [];
  for (let i = columns.categoriesOf.start(document), end = columns.categoriesOf.end(document); i < end; i++)
    categories.push(columns.categories.textOf(pool[i]!));
  const brand = columns.brands.textOf(columns.brand(document));
  return preferenceBoost(preferences, columns.idOf(document), brand, categories);
}

/** The places of the highest keys, best first, at most `most`; ties by document. */
function bestByKey({ keys, documents }: Pick<Found, 'keys' | 'documents'>, most: number): number[] {
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
