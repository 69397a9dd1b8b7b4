import type { Facet } from '../../../../src/ports/search.js';
import type { DriverQuery, LiveCatalog } from '../../../../src/ports/search-driver.js';
import type { Columns } from './index/columns.js';
import { priceReader, valuesNamed } from './matching/filter.js';

const valuesMax = 100;

/** Counts a facet over documents. A product counts for its categories and all above them. */
export function countFacet(
  columns: Columns,
  catalog: LiveCatalog,
  query: DriverQuery,
  name: string,
  documents: ArrayLike<number>,
): Facet {
  if (name === 'price') return rangeOf(name, documents, priceReader(columns, catalog, query));
  if (name === 'brand') return brandFacet(columns, documents);
  if (name === 'category') return categoryFacet(columns, catalog, query.locale, documents);
  return attributeFacet(columns, name, documents);
}

function rangeOf(name: string, documents: ArrayLike<number>, amountOf: (document: number) => number): Facet {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < documents.length; i++) {
    const value = amountOf(documents[i]!);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { name, values: [], min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}

function brandFacet(columns: Columns, documents: ArrayLike<number>): Facet {
  const counts = new Uint32Array(columns.brands.count());
  for (let i = 0; i < documents.length; i++) counts[columns.brand(documents[i]!)]!++;
  return listed(
    'brand',
    idsCounted(counts).map(([id, count]) => [columns.brands.textOf(id), columns.brands.textOf(id), count]),
  );
}

function categoryFacet(
  columns: Columns,
  catalog: LiveCatalog,
  locale: string,
  documents: ArrayLike<number>,
): Facet {
  const { categoriesOf, categories } = columns;
  const lineages: (readonly number[] | undefined)[] = [];
  const counts = new Map<number, number>();
  const lastCounted = new Map<number, number>();
  for (let i = 0; i < documents.length; i++) {
    const document = documents[i]!;
    const pool = categoriesOf.pool(document);
    for (let j = categoriesOf.start(document), end = categoriesOf.end(document); j < end; j++) {
      const own = pool[j]!;
      lineages[own] ??= catalog.lineage(categories.textOf(own)).map((id) => categories.idOf(id));
      for (const id of lineages[own]) {
        if (lastCounted.get(id) === document) continue;
        lastCounted.set(id, document);
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    }
  }
  return listed(
    'category',
    [...counts].map(([id, count]) => {
      const categoryId = categories.textOf(id);
      return [categoryId, catalog.categoryName(categoryId, locale), count];
    }),
  );
}

function attributeFacet(columns: Columns, name: string, documents: ArrayLike<number>): Facet {
  const nameId = columns.attributeNames.find(name);
  if (nameId === 0) return { name, values: [], min: null, max: null };
  const { values, valuesOf } = columns;
  const counts = new Map<number, number>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let texts = false;
  for (let i = 0; i < documents.length; i++) {
    const [start, end] = valuesNamed(columns, documents[i]!, nameId);
    const pool = valuesOf.pool(documents[i]!);
    for (let j = start; j < end; j++) {
      const id = pool[j]!;
      const number = values.numeric(id);
      if (Number.isNaN(number)) texts = true;
      else {
        if (number < min) min = number;
        if (number > max) max = number;
      }
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const range = { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
  if (!texts) return { name, values: [], ...range };
  return {
    ...listed(
      name,
      [...counts].map(([id, count]) => [values.text(id), values.text(id), count]),
    ),
    ...range,
  };
}

function idsCounted(counts: Uint32Array): [number, number][] {
  const found: [number, number][] = [];
  for (let id = 1; id < counts.length; id++) if (counts[id]! > 0) found.push([id, counts[id]!]);
  return found;
}

function listed(name: string, counted: readonly (readonly [string, string, number])[]): Facet {
  const values = counted
    .map(([value, label, count]) => ({ value, label, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, valuesMax);
  return { name, values, min: null, max: null };
}
