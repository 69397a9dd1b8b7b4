import type {
  ImportedAttribute,
  ImportedFields,
  ImportedOption,
  ImportedPart,
  ImportedProduct,
  ImportedVariant,
} from './imported-product.js';

export interface AssembleOptions {
  /** A product that is only updated needs no title; it is empty then. */
  readonly withoutTitle?: boolean | undefined;
  /** The title is the words that the titles of all parts begin with. */
  readonly commonTitle?: boolean | undefined;
  /** Attributes that differ between the parts are options of their variants: all, or those of these names. */
  readonly varying?: boolean | readonly string[] | undefined;
  /** The identity of the product if no part states one. */
  readonly id?: string | undefined;
  warn(line: number, column: string, value: string, reason: string): void;
}

/** Shopify's name and value for a product that has no options. */
const noOption = { name: 'Title', value: 'Default Title' };

/**
 * The product of the parts that belong together, the first of them the parent's if one row is. A field is that of the first part
 * that states it; tags, categories, images, attributes and translations are those of all parts. Returns a reason if the product has
 * no id or no title.
 */
export function assemble(
  parts: readonly ImportedPart[],
  options: AssembleOptions,
): ImportedProduct | { readonly reason: string; readonly id?: string } {
  const fields = merged(parts.map((part) => part.fields));
  const id = options.id ?? fields.id;
  if (id === undefined) return { reason: 'the product has no id' };
  const titles = parts.map((part) => part.fields.title).filter((title) => title !== undefined);
  const title = options.commonTitle ? commonTitle(titles) : titles[0];
  if (title === undefined && !options.withoutTitle) return { reason: `the product "${id}" has no title`, id };
  const line = parts[0]!.line;
  const variants = parts.flatMap((part) => part.variants);
  const varying = options.varying && parts.length > 1 ? withVaryingOptions(parts, options.varying) : null;
  const named = withNames(varying ?? variants);
  const kept = distinct(withoutRepeated(named, options), options);
  const [only] = kept;
  if (only !== undefined && kept.length === 1 && only.options.length === 0) {
    return { ...fields, ...soleVariant(fields, only), id, title: title ?? '', line, variants: [] };
  }
  const optionNames = new Set(
    kept.flatMap((variant) => variant.options.map((option) => option?.name?.toLowerCase())),
  );
  const attributes = fields.attributes?.filter(({ name }) => !optionNames.has(name.toLowerCase()));
  return { ...fields, ...(attributes ? { attributes } : {}), id, title: title ?? '', line, variants: kept };
}

function merged(all: readonly ImportedFields[]): ImportedFields {
  if (all.length === 1) return all[0]!;
  const first: ImportedFields = Object.assign({}, ...[...all].reverse());
  const lists = {
    tags: distinctBy(
      all.flatMap(({ tags }) => tags ?? []),
      (tag) => tag,
    ),
    categories: distinctBy(
      all.flatMap(({ categories }) => categories ?? []),
      (path) => path.join('\n'),
    ),
    media: distinctBy(
      all.flatMap(({ media }) => media ?? []),
      ({ url }) => url,
    ),
    attributes: distinctBy(
      all.flatMap(({ attributes }) => attributes ?? []),
      ({ name, value }) => `${name}\n${value}`,
    ),
    translations: distinctBy(
      all.flatMap(({ translations }) => translations ?? []),
      ({ locale }) => locale,
    ),
  };
  const stated = Object.entries(lists).filter(([, list]) => list.length > 0);
  return { ...first, ...Object.fromEntries(stated) };
}

function distinctBy<T>(list: readonly T[], keyOf: (value: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const each of list) if (!seen.has(keyOf(each))) seen.set(keyOf(each), each);
  return [...seen.values()];
}

/** The words that all titles begin with, without a separator at their end; the first title if they have none in common. */
function commonTitle(titles: readonly string[]): string | undefined {
  const [first] = titles;
  if (first === undefined || titles.every((title) => title === first)) return first;
  const words = titles.map((title) => title.split(/\s+/));
  let shared = 0;
  while (words.every((each) => each[shared] !== undefined && each[shared] === words[0]![shared])) shared++;
  const kept = words[0]!.slice(0, shared);
  // A separator such as the dash of "Shirt - Red" belongs to the words behind it.
  while (kept.length > 0 && !/[\p{L}\p{N}]/u.test(kept.at(-1)!)) kept.pop();
  const common = kept.join(' ').replace(/[,;:|/-]$/, '');
  return common === '' ? first : common;
}

/** The fields that the one article of a product without options adds to the product. */
function soleVariant(fields: ImportedFields, variant: ImportedVariant): ImportedFields {
  const { sku, gtin, prices, stock, image, contents, status } = variant;
  const media =
    image && !fields.media?.some(({ url }) => url === image.url) ? [...(fields.media ?? []), image] : null;
  return {
    ...(sku === undefined ? {} : { sku }),
    ...(gtin === undefined ? {} : { gtin }),
    ...(prices.length > 0 ? { prices } : {}),
    ...(stock === undefined ? {} : { stock }),
    ...(media ? { media } : {}),
    ...(contents === undefined ? {} : { contents }),
    ...(fields.status === undefined && status !== undefined ? { status } : {}),
  };
}

/** Each variant with the names of its options: a row without names has those of the rows before it, by position. */
function withNames(variants: readonly ImportedVariant[]): ImportedVariant[] {
  const names: string[] = [];
  return variants.map((variant) => {
    const options = variant.options.map((option, at) => {
      if (option?.name !== undefined) names[at] = option.name;
      return option && { name: option.name ?? names[at] ?? `Option ${at + 1}`, value: option.value };
    });
    const stated = options.filter((option) => option !== null);
    const isDefault =
      stated.length === 1 && stated[0]!.name === noOption.name && stated[0]!.value === noOption.value;
    return { ...variant, options: isDefault ? [] : stated };
  });
}

/** Attributes of which the parts have different values, as options of the parts' variants; each part has at most one. */
function withVaryingOptions(
  parts: readonly ImportedPart[],
  among: true | readonly string[],
): ImportedVariant[] {
  const sold = parts.filter(({ variants }) => variants.length > 0);
  const valuesOf = (part: ImportedPart) =>
    new Map<string, ImportedAttribute['value']>(
      part.fields.attributes?.map(({ name, value }) => [name, value]),
    );
  const all = sold.map(valuesOf);
  const names = [...new Set(all.flatMap((values) => [...values.keys()]))].filter(
    (name) =>
      (among === true || among.includes(name)) &&
      all.every((values) => values.has(name)) &&
      new Set(all.map((values) => values.get(name))).size > 1,
  );
  return sold.flatMap(({ variants }, at) =>
    variants.map((variant) => {
      const own = new Set(variant.options.map((option) => option?.name));
      const varying = names
        .filter((name) => !own.has(name))
        .map((name): ImportedOption => ({ name, value: String(all[at]!.get(name)) }));
      return { ...variant, options: [...variant.options, ...varying] };
    }),
  );
}

/**
 * Without variants that repeat an earlier one: the same id, or the same SKU and options. A variant with the SKU of another, but other
 * options, is kept without it.
 */
function withoutRepeated(variants: readonly ImportedVariant[], { warn }: AssembleOptions): ImportedVariant[] {
  const lines = new Map<string, number>();
  const kept: ImportedVariant[] = [];
  for (const variant of variants) {
    const { id, sku, line } = variant;
    const same = id === undefined ? `options ${sku} ${keyOf(variant)}` : `id ${id}`;
    const earlier = lines.get(same);
    if (earlier !== undefined && (id ?? sku) !== undefined) {
      warn(line, 'variant', id ?? sku ?? '', `is the variant of line ${earlier} already; it was left out`);
      continue;
    }
    lines.set(same, line);
    const owner = sku === undefined ? undefined : lines.get(`sku ${sku}`);
    if (sku !== undefined && owner === undefined) lines.set(`sku ${sku}`, line);
    if (owner === undefined) {
      kept.push(variant);
      continue;
    }
    warn(
      line,
      'sku',
      sku ?? '',
      `is the SKU of the variant of line ${owner} already; the variant was kept without it`,
    );
    const { sku: _, ...rest } = variant;
    kept.push(rest);
  }
  return kept;
}

/**
 * Variants that have all options in common get a further option: their title, SKU or id. So do those without options beside others
 * that have some.
 */
function distinct(variants: readonly ImportedVariant[], { warn }: AssembleOptions): ImportedVariant[] {
  const counts = new Map<string, number>();
  for (const variant of variants) counts.set(keyOf(variant), (counts.get(keyOf(variant)) ?? 0) + 1);
  const isAlone = variants.length > 1 && counts.get('') === 1;
  if (!isAlone && [...counts.values()].every((count) => count === 1)) return [...variants];
  const repeats = [...counts.values()].some((count) => count > 1);
  const titles = new Set(variants.map(({ title }) => title));
  const byTitle = titles.size === variants.length && !titles.has(undefined);
  return variants.map((variant, at) => {
    if (!repeats && variant.options.length > 0) return variant;
    const value = (byTitle ? variant.title : (variant.sku ?? variant.id)) ?? String(at + 1);
    warn(
      variant.line,
      'variant',
      textOf(variant),
      `has ${repeats ? 'the options of another variant' : 'no options as other variants have'}; the option "Variant: ${value}" was added`,
    );
    return { ...variant, options: [...variant.options, { name: 'Variant', value }] };
  });
}

function keyOf({ options }: ImportedVariant): string {
  return options
    .map((option) => `${option?.name}\n${option?.value}`)
    .sort()
    .join('\n');
}

function textOf({ options }: ImportedVariant): string {
  return options.map((option) => `${option?.name}: ${option?.value}`).join(', ');
}
