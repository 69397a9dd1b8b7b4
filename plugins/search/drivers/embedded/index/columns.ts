import { ensureCapacity } from '../../../../../src/kit/ensure-capacity.js';
import { createJaggedRows, type JaggedRows } from '../../../../../src/kit/jagged-rows.js';
import { createStringIds, type StringIds } from '../../../../../src/kit/string-ids.js';
import { type Product, ratingOf } from '../../../../../src/ports/catalog.js';
import { createPriceColumns, type PriceColumns } from './prices.js';
import { createTitles, type Titles } from './titles.js';

/** The fields of documents for filters, sorts and facets, by document number. */
export interface Columns {
  readonly brands: StringIds;
  readonly categories: StringIds;
  readonly sellers: StringIds;
  readonly tags: StringIds;
  readonly attributeNames: StringIds;
  /** Attribute values. `numeric` is NaN for a text. */
  readonly values: {
    nameId(valueId: number): number;
    text(valueId: number): string;
    numeric(valueId: number): number;
    /** The value with this text, whether text, number or boolean; 0 for none. */
    find(nameId: number, text: string): number;
    count(): number;
  };
  /** Document numbers run from 0 to this. */
  size(): number;
  /** -1 for an unknown id. */
  numberOf(id: string): number;
  idOf(document: number): string;
  /** Gives a new id the next number. Numbers keep their meaning, also those of removed documents. */
  numberFor(id: string): number;
  exists(document: number): boolean;
  count(): number;
  set(document: number, product: Product): void;
  remove(document: number): void;
  brand(document: number): number;
  /** The number of documents with this brand, or directly in this category. 0 if only products had it that are no longer published. */
  brandFrequency(brand: number): number;
  categoryFrequency(category: number): number;
  createdAtMs(document: number): number;
  readonly titles: Titles;
  readonly categoriesOf: JaggedRows;
  readonly sellersOf: JaggedRows;
  readonly tagsOf: JaggedRows;
  /** Value ids in the order of their names' ids. */
  readonly valuesOf: JaggedRows;
  /** Its brand and the texts of its attributes. */
  textsOf(document: number): string[];
  readonly prices: PriceColumns;
  /** The average of the ratings; NaN without any. */
  rating(document: number): number;
}

/** `language`: the language of products' own texts. */
export function createColumns(language: string): Columns {
  const brands = createStringIds();
  const categories = createStringIds();
  const sellers = createStringIds();
  const tags = createStringIds();
  const attributeNames = createStringIds();
  /** By name id, then text. */
  const valueIds: (Map<string, number> | undefined)[] = [];
  let valueNames = new Uint32Array(64);
  let valueNumbers = new Float64Array(64);
  const valueTexts: string[] = [''];
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const titles = createTitles(language);
  let exists = new Uint8Array(64);
  let brandOf = new Uint32Array(64);
  let brandCounts = new Uint32Array(64);
  let categoryCounts = new Uint32Array(64);
  let created = new Float64Array(64);
  let ratings = new Float64Array(64);
  const categoriesOf = createJaggedRows();
  const sellersOf = createJaggedRows();
  const tagsOf = createJaggedRows();
  const valuesOf = createJaggedRows();
  const prices = createPriceColumns();
  let count = 0;

  function valueId(name: string, value: string | number | boolean): number {
    const nameId = attributeNames.idOf(name);
    let ids = valueIds[nameId];
    if (!ids) {
      ids = new Map();
      valueIds[nameId] = ids;
    }
    const text = String(value);
    let id = ids.get(text);
    if (id === undefined) {
      id = valueTexts.length;
      ids.set(text, id);
      valueNames = ensureCapacity(Uint32Array, valueNames, id + 1);
      valueNumbers = ensureCapacity(Float64Array, valueNumbers, id + 1);
      valueNames[id] = nameId;
      valueNumbers[id] = Number.NaN;
      valueTexts.push(text);
    }
    if (typeof value === 'number') valueNumbers[id] = value;
    return id;
  }

  function countCategories(document: number, by: 1 | -1): void {
    const pool = categoriesOf.pool(document);
    for (let at = categoriesOf.start(document), end = categoriesOf.end(document); at < end; at++) {
      categoryCounts = ensureCapacity(Uint32Array, categoryCounts, pool[at]! + 1);
      categoryCounts[pool[at]!]! += by;
    }
  }

  return {
    brands,
    categories,
    sellers,
    tags,
    attributeNames,
    values: {
      nameId: (id) => valueNames[id]!,
      text: (id) => valueTexts[id]!,
      numeric: (id) => valueNumbers[id]!,
      find: (nameId, text) => valueIds[nameId]?.get(text) ?? 0,
      count: () => valueTexts.length,
    },
    size: () => ids.length,
    numberOf: (id) => numbers.get(id) ?? -1,
    idOf: (document) => ids[document]!,
    numberFor(id) {
      let number = numbers.get(id);
      if (number === undefined) {
        number = ids.length;
        numbers.set(id, number);
        ids.push(id);
        exists = ensureCapacity(Uint8Array, exists, number + 1);
        brandOf = ensureCapacity(Uint32Array, brandOf, number + 1);
        created = ensureCapacity(Float64Array, created, number + 1);
        ratings = ensureCapacity(Float64Array, ratings, number + 1);
      }
      return number;
    },
    exists: (document) => exists[document] === 1,
    count: () => count,
    set(document, product) {
      if (exists[document] === 0) count++;
      else {
        brandCounts[brandOf[document]!]!--;
        countCategories(document, -1);
      }
      exists[document] = 1;
      const brand = product.brand === null ? 0 : brands.idOf(product.brand);
      brandOf[document] = brand;
      brandCounts = ensureCapacity(Uint32Array, brandCounts, brand + 1);
      brandCounts[brand]!++;
      created[document] = product.createdAtMs;
      titles.set(document, product);
      categoriesOf.set(
        document,
        product.categoryIds.map((id) => categories.idOf(id)),
      );
      countCategories(document, 1);
      sellersOf.set(
        document,
        product.sellers.map((seller) => sellers.idOf(seller.id)),
      );
      valuesOf.set(
        document,
        // An option may repeat an attribute.
        [...new Set(attributesOf(product).map(([name, value]) => valueId(name, value)))].sort(
          (a, b) => valueNames[a]! - valueNames[b]! || a - b,
        ),
      );
      tagsOf.set(
        document,
        (product.tags ?? []).map((tag) => tags.idOf(tag)),
      );
      ratings[document] = ratingOf(product)?.average ?? Number.NaN;
      prices.set(document, product);
    },
    remove(document) {
      if (exists[document] === 1) {
        count--;
        brandCounts[brandOf[document]!]!--;
        countCategories(document, -1);
      }
      exists[document] = 0;
    },
    brand: (document) => brandOf[document]!,
    brandFrequency: (brand) => brandCounts[brand] ?? 0,
    categoryFrequency: (category) => categoryCounts[category] ?? 0,
    createdAtMs: (document) => created[document]!,
    titles,
    categoriesOf,
    sellersOf,
    tagsOf,
    valuesOf,
    textsOf(document) {
      const values = valuesOf.pool(document).subarray(valuesOf.start(document), valuesOf.end(document));
      return [brands.textOf(brandOf[document]!), ...Array.from(values, (id) => valueTexts[id]!)];
    },
    prices,
    rating: (document) => ratings[document]!,
  };
}

/** Options are found and counted like attributes: a shoe has sizes. */
function attributesOf(product: Product): [string, string | number | boolean][] {
  const pairs: [string, string | number | boolean][] = product.attributes.map(({ name, value }) => [
    name,
    value,
  ]);
  for (const option of product.options) for (const value of option.values) pairs.push([option.name, value]);
  return pairs;
}
