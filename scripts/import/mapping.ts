import { z } from 'zod';
import { checkInput } from '../../src/kit/check-input.js';
import { formatAmount, isCurrency, parseAmount } from '../../src/money.js';
import type { Row } from './read/rows.js';
import { readable } from './readable-names.js';
import {
  listIn,
  listSource,
  named,
  numberIn,
  type Source,
  source,
  textIn,
  textsIn,
  type,
  typed,
  valueIn,
} from './row-values.js';

/** `ProductInput` of the schema. */
export interface ProductInput {
  readonly id: string;
  readonly title: string;
  readonly sku?: string;
  readonly version?: number;
  readonly status?: string;
  readonly description?: string;
  readonly brand?: string;
  readonly categoryIds?: readonly string[];
  readonly prices?: readonly {
    readonly amount: string;
    readonly currency: string;
    readonly listAmount?: string;
    readonly storeId?: string;
  }[];
  readonly options?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly attributes?: readonly { readonly name: string; readonly value: string | number | boolean }[];
  readonly media?: readonly { readonly url: string }[];
  readonly sellers?: readonly { readonly id: string; readonly name: string }[];
  readonly translations?: readonly {
    readonly locale: string;
    readonly title?: string;
    readonly description?: string;
  }[];
  readonly speakable?: boolean;
  readonly createdAt?: string;
  readonly stock?: readonly { readonly storeId?: string; readonly quantity: number }[];
}

/** `CategoryInput` of the schema. */
export interface CategoryInput {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
}

const price = z.strictObject({
  amount: source,
  listAmount: source.optional(),
  currency: source,
  storeId: source.optional(),
  unit: z
    .enum(['decimal', 'minor'])
    .default('decimal')
    .describe('`decimal`: 12.50, `minor`: 1250 for 12.50 of a currency with two digits.'),
});

const attribute = z.union(
  [
    z.strictObject({
      name: z.string().min(1),
      source: listSource,
      type: type.default('text'),
    }),
    z
      .strictObject({ prefix: z.string().min(1), type })
      .describe(
        'Every field whose name begins so; the rest of the name, made readable, names the attribute.',
      ),
  ],
  {
    error:
      'must be { "name": …, "source": … } or { "prefix": …, "type": … }, where type is text, number or boolean',
  },
);

/** How the rows of a file become products: for each field of `ProductInput`, where its value is. */
export const mappingSchema = z.strictObject({
  id: source,
  title: source,
  sku: source.optional(),
  version: source.optional(),
  status: source.optional(),
  description: source.optional(),
  brand: source.optional(),
  speakable: source.optional(),
  createdAt: source.optional(),
  categories: z
    .strictObject({
      source: listSource,
      separator: z.string().min(1).default('>').describe('Between the levels of one path, root first.'),
    })
    .optional(),
  prices: z.array(price).max(20).default([]),
  options: z
    .array(z.strictObject({ name: z.string().min(1), source: listSource }))
    .max(20)
    .default([]),
  attributes: z.array(attribute).max(200).default([]),
  images: z.array(listSource).max(20).default([]),
  sellers: z
    .array(z.strictObject({ id: source, name: source.optional() }))
    .max(20)
    .default([]),
  translations: z
    .array(
      z.strictObject({
        locale: z.string().min(2),
        title: source.optional(),
        description: source.optional(),
      }),
    )
    .max(50)
    .default([]),
  stock: z
    .array(z.strictObject({ storeId: source.optional(), quantity: source }))
    .max(100)
    .default([]),
  repeated: z
    .enum(['reject', 'first', 'last'])
    .default('reject')
    .describe(
      'What holds when one id comes in several rows. `last` looks at one batch, the others at the file.',
    ),
});

export type Mapping = z.output<typeof mappingSchema>;

/** Checks a mapping file; throws one Error that lists all its faults. */
export function parseMapping(json: unknown): Mapping {
  const checked = checkInput(mappingSchema, json);
  if (checked.faults === null) return checked.data;
  const faults = checked.faults.map(({ path, message }) => `${path.join('.') || 'mapping'}: ${message}`);
  throw new Error(`The mapping needs correcting:\n  ${faults.join('\n  ')}`);
}

/**
 * The product in a row. Throws an Error that names the field for what cannot be read (no id, no title, a price
 * that is no number); what the catalog refuses is left to the catalog. Absent and blank values are left out.
 */
export function mapRow(row: Row, mapping: Mapping): ProductInput {
  const id = textIn(row, mapping.id);
  if (id === undefined) throw new Error(`no id in ${named(mapping.id)}`);
  const title = textIn(row, mapping.title);
  if (title === undefined) throw new Error(`no title in ${named(mapping.title)}`);
  const version = numberIn(row, mapping.version, 'version');
  const speakable = mapping.speakable && typed(valueIn(row, mapping.speakable), 'boolean', mapping.speakable);
  return {
    id,
    title,
    ...optional('sku', textIn(row, mapping.sku)),
    ...optional('version', version),
    ...optional('status', textIn(row, mapping.status)?.toUpperCase()),
    ...optional('description', textIn(row, mapping.description)),
    ...optional('brand', textIn(row, mapping.brand)),
    ...optional('speakable', speakable as boolean | undefined),
    ...optional('createdAt', momentIn(row, mapping.createdAt)),
    categoryIds: categoriesOf(row, mapping)
      .map((path) => path.at(-1)?.id)
      .filter((leaf) => leaf !== undefined),
    prices: mapping.prices.flatMap((spec) => priceIn(row, spec)),
    options: mapping.options
      .map((option) => ({ name: option.name, values: [...new Set(textsIn(row, option.source))] }))
      .filter((option) => option.values.length > 0),
    attributes: mapping.attributes.flatMap((spec) => attributesIn(row, spec)),
    media: [...new Set(mapping.images.flatMap((image) => textsIn(row, image)))].map((url) => ({ url })),
    sellers: mapping.sellers.flatMap((seller) => {
      const sellerId = textIn(row, seller.id);
      return sellerId === undefined ? [] : [{ id: sellerId, name: textIn(row, seller.name) ?? sellerId }];
    }),
    translations: mapping.translations
      .map(({ locale, title, description }) => ({
        locale,
        ...optional('title', textIn(row, title)),
        ...optional('description', textIn(row, description)),
      }))
      .filter((translation) => Object.keys(translation).length > 1),
    ...optional('stock', stockIn(row, mapping)),
  };
}

/** The categories a row names, each as its path from the root; ids are made of the names, so that they are the same in every run. */
export function categoriesOf(row: Row, mapping: Mapping): CategoryInput[][] {
  if (!mapping.categories) return [];
  const { source, separator } = mapping.categories;
  return textsIn(row, source).map((path) => {
    const categories: CategoryInput[] = [];
    for (const part of path.split(separator)) {
      const name = part.trim();
      const slug = slugOf(name);
      if (slug === '') continue;
      const parentId = categories.at(-1)?.id ?? null;
      categories.push({ id: parentId === null ? slug : `${parentId}/${slug}`, name, parentId });
    }
    return categories;
  });
}

/** A date without a time is its first moment in UTC. */
function momentIn(row: Row, from: Source | undefined): string | undefined {
  const read = textIn(row, from);
  if (read === undefined) return undefined;
  const ms = /^\d{4}-\d\d-\d\d/.test(read) ? Date.parse(read) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new Error(
    `"${read.slice(0, 40)}" in ${named(from!)} is no moment such as "2026-03-01" or "2026-03-01T12:00:00Z"`,
  );
}

function slugOf(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function priceIn(row: Row, spec: Mapping['prices'][number]): NonNullable<ProductInput['prices']> {
  const amount = textIn(row, spec.amount);
  if (amount === undefined) return [];
  const currency = textIn(row, spec.currency)?.toUpperCase() ?? '';
  if (!isCurrency(currency))
    throw new Error(`"${currency}" in ${named(spec.currency)} is no ISO 4217 currency`);
  const listAmount = textIn(row, spec.listAmount);
  const amountOf = (value: string, from: Source) => {
    const minor = spec.unit === 'minor';
    const plain = minor ? value.replace(/\.0+$/, '') : value;
    const parsed = minor ? (/^\d{1,15}$/.test(plain) ? Number(plain) : null) : parseAmount(plain, currency);
    if (parsed !== null) return formatAmount(parsed, currency);
    const form = minor ? 'a whole number of minor units' : `a plain decimal number of ${currency}`;
    const allowed = Number(value) < 0 ? 'at least 0' : form;
    throw new Error(`"${value.slice(0, 40)}" in ${named(from)} is no price; it must be ${allowed}`);
  };
  return [
    {
      amount: amountOf(amount, spec.amount),
      currency,
      ...optional(
        'listAmount',
        listAmount === undefined ? undefined : amountOf(listAmount, spec.listAmount!),
      ),
      ...optional('storeId', textIn(row, spec.storeId)),
    },
  ];
}

function attributesIn(
  row: Row,
  spec: Mapping['attributes'][number],
): NonNullable<ProductInput['attributes']> {
  if ('prefix' in spec) {
    const found: { name: string; value: string | number | boolean }[] = [];
    for (const field of Object.keys(row)) {
      if (!field.startsWith(spec.prefix)) continue;
      const value = typed(row[field], spec.type, field);
      const name = readable(field.slice(spec.prefix.length));
      if (value !== undefined && name !== '') found.push({ name, value });
    }
    return found;
  }
  return listIn(row, spec.source).flatMap((raw) => {
    const value = typed(raw, spec.type, spec.source);
    return value === undefined ? [] : [{ name: spec.name, value }];
  });
}

function stockIn(row: Row, mapping: Mapping): ProductInput['stock'] {
  const entries = mapping.stock.flatMap((spec) => {
    const quantity = numberIn(row, spec.quantity, 'quantity');
    return quantity === undefined ? [] : [{ quantity, ...optional('storeId', textIn(row, spec.storeId)) }];
  });
  return entries.length > 0 ? entries : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V });
}
