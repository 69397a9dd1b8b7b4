import type { Measure } from '../../../src/ports/product-details.js';
import type { ProductStatus } from '../../../src/ports/product-status.js';
import type {
  CategoryPath,
  ImportedFields,
  ImportedOption,
  ImportedPart,
  ImportedVariant,
} from '../imported-product.js';
import type { Row } from '../read/rows.js';
import { lineOfHtml, textOfDescription } from '../values/html.js';
import { readMeasure } from '../values/measures.js';
import { readNumber } from '../values/numbers.js';
import { readBoolean, readStatus } from '../values/words.js';
import { attributesIn } from './map-attributes.js';
import { imageIn, imagesIn } from './map-media.js';
import { momentIn, pricesIn } from './map-prices.js';
import { stockIn } from './map-stock.js';
import type { Mapping } from './mapping.js';
import { displayName } from './readable-names.js';
import type { RowContext } from './row-context.js';
import type { Source } from './sources.js';
import { columnIn, elementsIn, plain, type Scope, scopeOf, textIn, textsIn, valueAt } from './values-in.js';

type VariantsSpec = NonNullable<Mapping['variants']>;

/** The part of a product that a row states. A value that cannot be read is reported to the context and left out; nothing is thrown. */
export function mapRow(row: Row, line: number, mapping: Mapping, context: RowContext): ImportedPart {
  const scope = scopeOf(row);
  const base = context.imageBase ?? textIn(scope, mapping.imageBase);
  const fields: ImportedFields = compact({
    id: textIn(scope, mapping.id),
    title: lineIn(scope, mapping.title),
    handle: textIn(scope, mapping.handle),
    sku: textIn(scope, mapping.sku),
    gtin: textIn(scope, mapping.gtin),
    version: versionIn(scope, mapping.version, context),
    status: statusIn(scope, mapping.status, context),
    description: descriptionIn(scope, mapping.description),
    brand: lineIn(scope, mapping.brand),
    contents: measureIn(scope, mapping.contents, context),
    unitPriceBase: measureIn(scope, mapping.unitPriceBase, context),
    speakable: booleanIn(scope, mapping.speakable, context),
    createdAt: momentIn(scope, mapping.createdAt, context, mapping.dates),
    tags: mapping.tags === undefined ? undefined : textsIn(scope, mapping.tags).map(lineOfHtml),
    categories: mapping.categories && categoriesIn(scope, mapping.categories),
    prices: pricesIn(scope, mapping.prices, context, mapping.dates),
    stock: stockIn(scope, mapping.stock, context),
    options: mapping.options
      .map(({ name, source }) => ({ name, values: [...new Set(textsIn(scope, source).map(lineOfHtml))] }))
      .filter(({ values }) => values.length > 0),
    attributes: attributesIn(scope, mapping.attributes, context),
    media: imagesIn(scope, mapping.images, base, context),
    sellers: mapping.sellers.flatMap((seller) => {
      const id = textIn(scope, seller.id);
      return id === undefined ? [] : [{ id, name: lineIn(scope, seller.name) ?? id }];
    }),
    translations: translationsIn(scope, mapping),
  });
  const variants = mapping.variants ? variantsIn(scope, line, mapping.variants, base, mapping, context) : [];
  return { line, fields, variants };
}

function variantsIn(
  scope: Scope,
  line: number,
  spec: VariantsSpec,
  base: string | undefined,
  { dates }: Mapping,
  context: RowContext,
): ImportedVariant[] {
  const has = (fields: readonly string[]) =>
    fields.some((field) => plain(valueAt(scope, field)) !== undefined);
  if (spec.when && !has(spec.when)) return [];
  if (spec.unless && has(spec.unless)) return [];
  const scopes = spec.each === undefined ? [scope] : elementsIn(scope, spec.each);
  return scopes.map((each) => ({
    line,
    options: spec.options.flatMap((option) => optionsIn(each, option)),
    prices: pricesIn(each, spec.prices, context, dates),
    ...compact({
      id: textIn(each, spec.id),
      sku: textIn(each, spec.sku),
      gtin: textIn(each, spec.gtin),
      title: lineIn(each, spec.title),
      status: statusIn(each, spec.status, context),
      stock: stockIn(each, spec.stock, context),
      image: imageIn(each, spec.image, base, context),
      contents: measureIn(each, spec.contents, context),
    }),
  }));
}

function optionsIn(scope: Scope, spec: VariantsSpec['options'][number]): (ImportedOption | null)[] {
  if ('names' in spec) {
    const names = textsIn(scope, spec.names);
    return textsIn(scope, spec.values).map((value, at) => optionOf(names[at], value));
  }
  const scopes = spec.each === undefined ? [scope] : elementsIn(scope, spec.each);
  return scopes.map((each) => optionOf(textIn(each, spec.name), textIn(each, spec.value)));
}

function optionOf(name: string | undefined, value: string | undefined): ImportedOption | null {
  // The name without a value is stated by the first row of a product for the rows after it.
  if (value === undefined) return null;
  return { value: lineOfHtml(value), ...(name === undefined ? {} : { name: displayName(lineOfHtml(name)) }) };
}

/** The categories of a row, each as its names from the root. */
function categoriesIn(
  scope: Scope,
  { source, separator, without }: NonNullable<Mapping['categories']>,
): CategoryPath[] {
  return textsIn(scope, source)
    .map((path) =>
      namesIn(lineOfHtml(path), separator)
        .map((name) => name.trim())
        .filter((name, at) => name !== '' && !(at === 0 && without.includes(name))),
    )
    .filter((path) => path.length > 0);
}

/** The parts of a path. A backslash before a separator makes it a part of the name. */
function namesIn(path: string, separator: string): string[] {
  const escaped = `\\${separator}`;
  if (!path.includes(escaped)) return path.split(separator);
  const names = [''];
  for (const [at, piece] of path.split(escaped).entries()) {
    const [first = '', ...rest] = piece.split(separator);
    names[names.length - 1] += at === 0 ? first : separator + first;
    names.push(...rest);
  }
  return names;
}

function measureIn(scope: Scope, from: Source | undefined, context: RowContext): Measure | undefined {
  const text = textIn(scope, from);
  if (text === undefined) return undefined;
  const measure = readMeasure(text);
  if (measure !== null) return measure;
  context.warn(columnIn(scope, from!), text, 'is no measure such as "500 ml" or "1.5 kg"; it was left out');
  return undefined;
}

function lineIn(scope: Scope, from: Source | undefined): string | undefined {
  const text = textIn(scope, from);
  return text === undefined ? undefined : lineOfHtml(text) || undefined;
}

function descriptionIn(scope: Scope, from: Source | undefined): string | undefined {
  const text = textIn(scope, from);
  return text === undefined ? undefined : textOfDescription(text) || undefined;
}

const restriction: Readonly<Record<ProductStatus, number>> = { ACTIVE: 0, DRAFT: 1, ARCHIVED: 2 };

/** The most restrictive of several. A word that is not known is a draft: a product that nobody may see yet is not published by mistake. */
function statusIn(
  scope: Scope,
  from: Source | readonly Source[] | undefined,
  context: RowContext,
): ProductStatus | undefined {
  if (from === undefined) return undefined;
  const sources: readonly Source[] = isList(from) ? from : [from];
  let strictest: ProductStatus | undefined;
  for (const source of sources) {
    const text = textIn(scope, source);
    if (text === undefined) continue;
    const known = readStatus(text);
    if (known === null)
      context.warn(columnIn(scope, source), text, 'is no status that is known; DRAFT was taken');
    const status = known ?? 'DRAFT';
    if (strictest === undefined || restriction[status] > restriction[strictest]) strictest = status;
  }
  return strictest;
}

function isList(from: Source | readonly Source[]): from is readonly Source[] {
  return Array.isArray(from);
}

function versionIn(scope: Scope, from: Source | undefined, context: RowContext): number | undefined {
  const text = textIn(scope, from);
  if (text === undefined) return undefined;
  const version = Number(readNumber(text)?.text ?? Number.NaN);
  if (Number.isSafeInteger(version) && version >= 0) return version;
  context.warn(columnIn(scope, from!), text, 'is no version, a whole number from 0; it was left out');
  return undefined;
}

function booleanIn(scope: Scope, from: Source | undefined, context: RowContext): boolean | undefined {
  const text = textIn(scope, from);
  if (text === undefined) return undefined;
  const value = readBoolean(text);
  if (value !== null) return value;
  context.warn(columnIn(scope, from!), text, 'is neither true nor false; it was left out');
  return undefined;
}

function translationsIn(
  scope: Scope,
  { translations }: Mapping,
): NonNullable<ImportedFields['translations']> {
  const merged = new Map<string, { locale: string; title?: string; description?: string }>();
  for (const spec of translations) {
    for (const each of spec.each === undefined ? [scope] : elementsIn(scope, spec.each)) {
      const locale = typeof spec.locale === 'string' ? spec.locale : textIn(each, spec.locale.source);
      if (locale === undefined) continue;
      const tag = locale.replaceAll('_', '-');
      const texts = compact({
        title: lineIn(each, spec.title),
        description: descriptionIn(each, spec.description),
      });
      if (Object.keys(texts).length > 0) merged.set(tag, { ...merged.get(tag), locale: tag, ...texts });
    }
  }
  return [...merged.values()];
}

type Compact<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without the fields that are absent: undefined, and empty lists, which a row does not state. */
function compact<T extends object>(fields: T): Compact<T> {
  const kept: Compact<T> = {};
  const stated: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields))
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) stated[field] = value;
  return Object.assign(kept, stated);
}
