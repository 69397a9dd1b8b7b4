import { z } from 'zod';
import { checkInput } from '../../../src/kit/check-input.js';
import { listSource, pattern, source } from './sources.js';

const type = z.enum(['text', 'number', 'boolean']);

const price = z.strictObject({
  each: listSource
    .optional()
    .describe('A list with one element for each price; the other fields look in it.'),
  amount: source,
  listAmount: source.optional().describe('The price before a reduction.'),
  saleAmount: source
    .optional()
    .describe('The reduced price; `amount` is then the price before the reduction.'),
  saleFrom: source.optional(),
  saleUntil: source.optional(),
  saleWindow: source.optional().describe('Both moments in one value, separated by a slash.'),
  currency: source.optional().describe('If omitted, that of the cell itself ("4.00 USD") or of --currency.'),
  storeId: source.optional(),
  customerGroup: source.optional(),
  minQuantity: source.optional(),
  validFrom: source.optional(),
  validUntil: source.optional(),
  taxIncluded: source.optional(),
  unit: z
    .enum(['decimal', 'minor'])
    .default('decimal')
    .describe('`decimal`: 12.50, `minor`: 1250 for 12.50 of a currency with two digits.'),
});

const stock = z.strictObject({
  each: listSource.optional(),
  storeId: source.optional(),
  quantity: source.optional(),
  availability: source
    .optional()
    .describe('Words such as "in stock"; without a quantity, 1 stands for in stock.'),
  tracked: source.optional().describe('If false, the product is sold whatever the quantity.'),
  backorders: source.optional().describe('If true, the product is sold without stock.'),
});

const attribute = z.union(
  [
    z.strictObject({
      each: listSource.optional(),
      name: z.union([z.string().min(1), z.strictObject({ source })]),
      source: listSource,
      type: type.default('text'),
      except: z.array(z.string()).default([]).describe('Names that are no attributes.'),
    }),
    z
      .strictObject({ prefix: z.string().min(1), type })
      .describe(
        'Every field whose name begins so; the rest of the name, made readable, names the attribute.',
      ),
    z.strictObject({ columns: pattern, type: type.default('text') }),
  ],
  {
    error:
      'must be { "name": …, "source": … }, { "prefix": …, "type": … } or { "columns": … }, where type is text, number or boolean',
  },
);

const image = z.union([
  listSource,
  z.strictObject({ each: listSource, url: source, alt: source.optional() }),
]);

const selectedOption = z.union([
  z.strictObject({ each: listSource.optional(), name: source.optional(), value: source }),
  z.strictObject({ names: listSource, values: listSource }),
]);

const variants = z.strictObject({
  each: listSource.optional().describe('A list of variants in the row. If omitted, a row has one variant.'),
  when: z
    .array(z.string().min(1))
    .optional()
    .describe('A row has a variant only if one of these fields has a value.'),
  unless: z
    .array(z.string().min(1))
    .optional()
    .describe('A row has no variant if one of these fields has a value.'),
  id: source.optional(),
  sku: source.optional(),
  gtin: source.optional(),
  title: source.optional(),
  status: z.union([source, z.array(source)]).optional(),
  options: z.array(selectedOption).max(20).default([]),
  varying: z
    .union([z.boolean(), z.array(z.string())])
    .default(false)
    .describe(
      'Attributes that differ between the rows of a product are options: all, or those of these names.',
    ),
  prices: z.array(price).max(20).default([]),
  stock: z.array(stock).max(100).default([]),
  image: source.optional(),
  contents: source.optional(),
});

/** The rule by which rows belong together as one product. */
const rows = z.union(
  [
    z.strictObject({
      same: source.describe(
        'Rows with an equal value are one product; a row without a value is one of its own.',
      ),
      title: z
        .literal('common')
        .optional()
        .describe('The title is the words that the titles of all rows begin with.'),
    }),
    z.strictObject({
      continues: source.describe('A row without this value continues the product of the row before it.'),
      parentRow: z.boolean().default(false).describe('The first row is no variant if others are.'),
    }),
    z.strictObject({
      parent: source.describe(
        'A row with this value is a variant of the row that has it as one of its `keys`.',
      ),
      keys: z.array(source).min(1),
    }),
    z.strictObject({
      children: listSource.describe('The variants that a row names; their other fields are options.'),
      key: z
        .string()
        .min(1)
        .describe('The field of such an element that is the `self` of the variant’s own row.'),
      self: source,
      except: z.array(z.string()).default([]).describe('Fields of such an element that are no options.'),
    }),
  ],
  {
    error:
      'must be { "same": … }, { "continues": … }, { "parent": …, "keys": […] } or { "children": …, "key": …, "self": … }',
  },
);

/** The source of each field of a product in the rows of a file. */
const mappingSchema = z.strictObject({
  id: source,
  title: source.optional().describe('Needed unless only existing products are updated.'),
  sku: source.optional(),
  gtin: source.optional(),
  handle: source.optional(),
  version: source.optional(),
  status: z
    .union([source, z.array(source)])
    .optional()
    .describe('Of several, the most restrictive holds.'),
  description: source.optional().describe('HTML becomes text.'),
  brand: source.optional(),
  tags: listSource.optional(),
  contents: source.optional().describe('A measure such as "500 ml", for the unit price.'),
  unitPriceBase: source
    .optional()
    .describe('The measure that the unit price is shown for, such as "1 l"; if omitted, the usual one.'),
  speakable: source.optional(),
  createdAt: source.optional(),
  categories: z
    .strictObject({
      source: listSource,
      separator: z.string().min(1).default('>').describe('Between the levels of one path, root first.'),
      without: z
        .array(z.string())
        .default([])
        .describe('Names at the root that are no categories of the shop.'),
    })
    .optional(),
  prices: z.array(price).max(20).default([]),
  options: z
    .array(z.strictObject({ name: z.string().min(1), source: listSource }))
    .max(20)
    .default([]),
  attributes: z.array(attribute).max(200).default([]),
  images: z.array(image).max(20).default([]),
  imageBase: source.optional().describe('Put before addresses of images that are not absolute.'),
  sellers: z
    .array(z.strictObject({ id: source, name: source.optional() }))
    .max(20)
    .default([]),
  translations: z
    .array(
      z.strictObject({
        each: listSource.optional(),
        locale: z.union([z.string().min(2), z.strictObject({ source })]),
        title: source.optional(),
        description: source.optional(),
      }),
    )
    .max(50)
    .default([]),
  stock: z.array(stock).max(100).default([]),
  variants: variants.optional(),
  rows: rows.optional(),
  skip: z
    .array(
      z.union([
        z.strictObject({ field: z.string().min(1), values: z.array(z.string()) }),
        z.strictObject({ filled: z.string().min(1) }),
      ]),
    )
    .default([])
    .describe('Rows that are no products: a field has one of the values, in lower case, or has any.'),
  fieldNames: z
    .literal('snake')
    .optional()
    .describe('The mapping has names such as `item_group_id`; fields named "Item Group ID" are found too.'),
  join: z.literal('saleor-models').optional().describe('The file can be a dump of the database of Saleor.'),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('The decimal mark of numbers; if omitted, that which the columns prove.'),
  dates: z.enum(['dmy', 'mdy']).optional().describe('The order of dates such as 3/4/2026.'),
  list: z.string().min(1).optional().describe('The path of the list of products in a JSON document.'),
  element: z.string().min(1).optional().describe('The XML element that is one product.'),
  repeated: z
    .enum(['reject', 'first', 'last'])
    .default('reject')
    .describe(
      'What holds when one id comes in several rows. `last` looks at one batch, the others at the file.',
    ),
});

export type Mapping = z.output<typeof mappingSchema>;
export type MappingInput = z.input<typeof mappingSchema>;
export type PriceSpec = Mapping['prices'][number];
export type StockSpec = Mapping['stock'][number];

/** Checks a mapping file; throws one Error that lists all its faults. */
export function parseMapping(json: unknown): Mapping {
  const checked = checkInput(mappingSchema, json);
  if (checked.faults === null) return checked.data;
  const faults = checked.faults.map(({ path, message }) => `${path.join('.') || 'mapping'}: ${message}`);
  throw new Error(`The mapping needs correcting:\n  ${faults.join('\n  ')}`);
}
