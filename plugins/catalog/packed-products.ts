import type { Product, ProductVariant } from '../../src/ports/catalog.js';
import type { SelectedOption } from '../../src/ports/product-details.js';
import type { Collection } from '../../src/ports/store.js';

/** The variants of a product in columns. */
interface PackedVariants {
  readonly ids: readonly string[];
  /** If omitted, none has one; null for a variant without. */
  readonly skus?: readonly (string | null)[];
  readonly gtins?: readonly (string | null)[];
  /** For each variant and each option of the product the number of the selected value; -1: none. */
  readonly selected: readonly number[];
  /** Fields that only some variants have, by the place of the variant. */
  readonly more?: readonly (readonly [place: number, fields: MoreFields])[];
}

type MoreFields = Pick<ProductVariant, 'prices' | 'media' | 'contents' | 'status'>;

/** A product as it is stored. Those of earlier releases have their variants as a list. */
type StoredProduct = Omit<Product, 'variants'> & {
  readonly variants?: readonly ProductVariant[] | PackedVariants;
};

/** Sets of options that products share in memory; a shop with more of them has each in its own copy. */
const sharedMax = 20_000;

type OptionSet = readonly SelectedOption[];

interface SharedSets {
  /** By the names and values in them. */
  readonly byText: Map<string, OptionSet>;
  /** By the names and values of all options of a product, then by the numbers of the selected ones. */
  readonly byOptions: Map<string, Map<number, OptionSet>>;
}

/**
 * The products of a collection that stores their variants in columns: variants differ in little, and reading all products is most of a
 * start. For 8 variants that takes half the bytes and the time. Variants with the same options share them in memory.
 */
export function packedProducts(stored: Collection<StoredProduct>): Collection<Product> {
  const shared: SharedSets = { byText: new Map(), byOptions: new Map() };
  const read = (product: StoredProduct): Product => unpacked(product, shared);
  const readAny = (product: StoredProduct | null): Product | null => product && read(product);
  return {
    get: async (id) => readAny(await stored.get(id)),
    getMany: async (ids, options) => (await stored.getMany(ids, options)).map(readAny),
    put: (products) => stored.put(products.map(packed)),
    insert: (products) => stored.insert(products.map(packed)),
    update: async (id, change, options) =>
      readAny(
        await stored.update(
          id,
          (current) => {
            const next = change(readAny(current));
            return next && packed(next);
          },
          options,
        ),
      ),
    remove: (ids) => stored.remove(ids),
    async find(query) {
      const { items, next } = await stored.find(query);
      return { items: items.map(read), next };
    },
    async *scan(options) {
      for await (const page of stored.scan(options)) yield page.map(read);
    },
    count: () => stored.count(),
    watch: (listener) =>
      stored.watch((changes) =>
        listener(changes.map(({ id, document }) => ({ id, document: readAny(document) }))),
      ),
  };
}

function packed(product: Product): StoredProduct {
  const { variants, options } = product;
  if (variants === undefined) return product as StoredProduct;
  const selected: number[] = [];
  const more: [number, MoreFields][] = [];
  for (const [place, { id: _, sku: __, gtin: ___, selectedOptions, ...fields }] of variants.entries()) {
    let found = 0;
    for (const { name, values } of options) {
      const value = selectedOptions.find((option) => option.name === name)?.value;
      const number = value === undefined ? -1 : values.indexOf(value);
      if (number >= 0) found++;
      selected.push(number);
    }
    // Each selected value is one of the product's, unless an earlier release stored it otherwise.
    if (found !== selectedOptions.length) return product;
    if (Object.keys(fields).length > 0) more.push([place, fields]);
  }
  return {
    ...product,
    variants: {
      ids: variants.map(({ id }) => id),
      ...(variants.some(({ sku }) => sku !== undefined)
        ? { skus: variants.map(({ sku = null }) => sku) }
        : {}),
      ...(variants.some(({ gtin }) => gtin !== undefined)
        ? { gtins: variants.map(({ gtin = null }) => gtin) }
        : {}),
      selected,
      ...(more.length > 0 ? { more } : {}),
    },
  };
}

function unpacked(product: StoredProduct, shared: SharedSets): Product {
  const { variants } = product;
  if (variants === undefined || Array.isArray(variants)) return product as Product;
  const { ids, skus, gtins, selected, more = [] } = variants as PackedVariants;
  const { options } = product;
  const ofProduct = setsOf(options, shared);
  let nextMore = 0;
  const list = ids.map((id, place): ProductVariant => {
    const selectedOptions = optionsOf(options, selected, place * options.length, shared, ofProduct);
    const sku = skus?.[place] ?? null;
    const gtin = gtins?.[place] ?? null;
    const variant =
      sku !== null && gtin !== null
        ? { id, sku, gtin, selectedOptions }
        : { id, ...(sku === null ? {} : { sku }), ...(gtin === null ? {} : { gtin }), selectedOptions };
    return Object.freeze(more[nextMore]?.[0] === place ? { ...variant, ...more[nextMore++]![1] } : variant);
  });
  return Object.freeze({ ...product, variants: Object.freeze(list) });
}

/** The known sets of products that have these options; null if there are too many to number them. */
function setsOf(options: Product['options'], { byOptions }: SharedSets): Map<number, OptionSet> | null {
  let key = '';
  let count = 1;
  for (const { name, values } of options) {
    count *= values.length + 1;
    key += `${name}\n${values.join('\n')}\n\n`;
  }
  const known = byOptions.get(key);
  if (known !== undefined || count > Number.MAX_SAFE_INTEGER) return known ?? null;
  const made = new Map<number, OptionSet>();
  if (byOptions.size < sharedMax) byOptions.set(key, made);
  return made;
}

/** The selected options of a variant, whose numbers begin at `from`. */
function optionsOf(
  options: Product['options'],
  selected: readonly number[],
  from: number,
  { byText }: SharedSets,
  ofProduct: Map<number, OptionSet> | null,
): OptionSet {
  let code = 0;
  for (let at = 0; at < options.length; at++)
    code = code * (options[at]!.values.length + 1) + selected[from + at]! + 1;
  const found = ofProduct?.get(code);
  if (found !== undefined) return found;
  const made = sharedSet(options, selected, from, byText);
  ofProduct?.set(code, made);
  return made;
}

function sharedSet(
  options: Product['options'],
  selected: readonly number[],
  from: number,
  byText: Map<string, OptionSet>,
): OptionSet {
  let key = '';
  for (let at = 0; at < options.length; at++) {
    const number = selected[from + at]!;
    if (number >= 0) key += `${options[at]!.name}\n${options[at]!.values[number]!}\n`;
  }
  const known = byText.get(key);
  if (known !== undefined) return known;
  const made = options.flatMap(({ name, values }, at) => {
    const number = selected[from + at]!;
    return number < 0 ? [] : [Object.freeze({ name, value: values[number]! })];
  });
  Object.freeze(made);
  if (byText.size < sharedMax) byText.set(key, made);
  return made;
}
