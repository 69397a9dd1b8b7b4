import type { DriverQuery, LiveCatalog } from '../../../../../src/ports/search-driver.js';
import type { Columns } from '../index/columns.js';

/** Returns whether a document passes. */
export type Test = (document: number) => boolean;

const nothing: Test = () => false;

/** The tests of a filter, cheapest first. A value that no product has matches nothing. */
export function createFilter(columns: Columns, catalog: LiveCatalog, query: DriverQuery): Test {
  const { filter } = query;
  const tests: Test[] = [];
  if (filter.ids) {
    const allowed = new Set(filter.ids.map((id) => columns.numberOf(id)));
    tests.push((document) => allowed.has(document));
  }
  if (filter.brands) {
    const allowed = idsOf(filter.brands, columns.brands.find);
    if (allowed.size === 0) return nothing;
    tests.push((document) => allowed.has(columns.brand(document)));
  }
  if (query.categoryIds) {
    const allowed = idsOf(query.categoryIds, columns.categories.find);
    if (allowed.size === 0) return nothing;
    tests.push((document) => anyIn(columns.categoriesOf, document, allowed));
  }
  if (filter.sellerIds) {
    const allowed = idsOf(filter.sellerIds, columns.sellers.find);
    if (allowed.size === 0) return nothing;
    tests.push((document) => anyIn(columns.sellersOf, document, allowed));
  }
  if (filter.tags) {
    const allowed = idsOf(filter.tags, columns.tags.find);
    if (allowed.size === 0) return nothing;
    tests.push((document) => anyIn(columns.tagsOf, document, allowed));
  }
  const { ratingMin = null } = filter;
  if (ratingMin !== null) tests.push((document) => columns.rating(document) >= ratingMin);
  for (const { name, values, min, max } of filter.attributes ?? []) {
    const nameId = columns.attributeNames.find(name);
    if (nameId === 0) return nothing;
    if (values) {
      const allowed = idsOf(values, (value) => columns.values.find(nameId, value));
      if (allowed.size === 0) return nothing;
      tests.push((document) => anyIn(columns.valuesOf, document, allowed));
    }
    if ((min ?? null) !== null || (max ?? null) !== null) {
      const low = min ?? Number.NEGATIVE_INFINITY;
      const high = max ?? Number.POSITIVE_INFINITY;
      tests.push((document) => {
        const pool = columns.valuesOf.pool(document);
        const [start, end] = valuesNamed(columns, document, nameId);
        for (let i = start; i < end; i++) {
          const number = columns.values.numeric(pool[i]!);
          if (number >= low && number <= high) return true;
        }
        return false;
      });
    }
  }
  if ((filter.priceMinMinor ?? null) !== null || (filter.priceMaxMinor ?? null) !== null) {
    const low = filter.priceMinMinor ?? Number.NEGATIVE_INFINITY;
    const high = filter.priceMaxMinor ?? Number.POSITIVE_INFINITY;
    const priceOf = priceReader(columns, catalog, query);
    tests.push((document) => {
      const price = priceOf(document);
      return price >= low && price <= high;
    });
  }
  if ((filter.purchasable ?? null) !== null) {
    const isPriced = columns.prices.priced(query);
    tests.push((document) => isPriced(document) === filter.purchasable);
  }
  if (filter.options && filter.options.length > 0) tests.push(variantTest(columns, catalog, query));
  else if ((filter.inStock ?? null) !== null) {
    tests.push((document) => catalog.inStock(columns.idOf(document), query.storeId) === filter.inStock);
  }
  for (const { filter: target, categoryIds, effect } of query.changes) {
    if (typeof effect === 'object') continue;
    const matches = createFilter(columns, catalog, { ...query, filter: target, categoryIds, changes: [] });
    tests.push(effect === 'hide' ? (document) => !matches(document) : matches);
  }
  if (tests.length === 0) return columns.exists;
  return (document) => columns.exists(document) && tests.every((test) => test(document));
}

/** Reads the prices of documents that the shopper of a query would pay; NaN for none. */
export function priceReader(
  columns: Columns,
  catalog: Pick<LiveCatalog, 'available'>,
  query: DriverQuery,
): (document: number) => number {
  return columns.prices.reader(query, (document, place) =>
    catalog.available(columns.idOf(document), place, query.storeId),
  );
}

function variantTest(
  columns: Columns,
  catalog: LiveCatalog,
  { filter: { options, inStock }, storeId }: DriverQuery,
): Test {
  const matching = (inStock: boolean) => catalog.matching({ options: options ?? [], inStock, storeId });
  const fits = matching(inStock === true);
  if (inStock !== false) return (document) => fits(columns.idOf(document));
  const isInStock = matching(true);
  return (document) => {
    const id = columns.idOf(document);
    return fits(id) && !isInStock(id);
  };
}

function idsOf(names: readonly string[], find: (name: string) => number): Set<number> {
  const ids = new Set(names.map(find));
  ids.delete(0);
  return ids;
}

function anyIn(rows: Columns['categoriesOf'], document: number, allowed: ReadonlySet<number>): boolean {
  const pool = rows.pool(document);
  for (let i = rows.start(document), end = rows.end(document); i < end; i++)
    if (allowed.has(pool[i]!)) return true;
  return false;
}

/** The range in the pool of `valuesOf` with a document's values of one attribute, end exclusive. */
export function valuesNamed(columns: Columns, document: number, nameId: number): readonly [number, number] {
  const { valuesOf, values } = columns;
  const pool = valuesOf.pool(document);
  const last = valuesOf.end(document);
  let low = valuesOf.start(document);
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values.nameId(pool[middle]!) < nameId) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < last && values.nameId(pool[end]!) === nameId) end++;
  return [low, end];
}
