import type { MappingInput } from '../mapping/mapping.js';

const varying = [
  'Color',
  'Size',
  'Material',
  'Pattern',
  'Age group',
  'Gender',
  'Size type',
  'Size system',
  'Style',
];

/** A category of a taxonomy that has a name; a number alone, such as 212, is no name that a shopper can read. */
const named = (path: string) => ({ path, match: '^(\\d*\\D.*)$' });

/** Fields that Google Merchant and Meta have in common: text with tabs or commas, RSS or Atom. */
const feed: MappingInput = {
  id: 'id',
  title: { first: ['title', 'name'] },
  description: { first: ['description', 'rich_text_description', 'summary', 'content'] },
  brand: 'brand',
  categories: {
    source: { first: ['product_type', named('google_product_category'), named('fb_product_category')] },
    separator: '>',
  },
  images: [
    'image_link',
    { path: 'additional_image_link', split: ',' },
    { columns: '^image\\[\\d+\\]\\.url$' },
    { path: 'image', split: '{', match: '"url"\\s*:\\s*"(?<value>[^"]+)"' },
  ],
  attributes: [
    { name: 'Color', source: { first: ['color', 'colour'] } },
    { name: 'Size', source: 'size' },
    { name: 'Material', source: 'material' },
    { name: 'Pattern', source: 'pattern' },
    { name: 'Gender', source: 'gender' },
    { name: 'Age group', source: 'age_group' },
    { name: 'Size type', source: 'size_type' },
    { name: 'Size system', source: 'size_system' },
    { name: 'Style', source: { all: ['style', { columns: '^style\\[\\d+\\]$' }] } },
    { name: 'Condition', source: 'condition' },
    { name: 'Part number', source: 'mpn' },
    {
      each: 'product_detail',
      name: { source: 'attribute_name' },
      source: 'attribute_value',
    },
    {
      // In a text: "section:name:value,section:name:value"; the section may be empty.
      each: { path: 'product_detail', split: ',', match: '^[^:]*:(?<name>[^:]+):(?<text>.+)$' },
      name: { source: 'name' },
      source: 'text',
    },
  ],
  variants: {
    id: 'id',
    gtin: { first: ['gtin', 'ean', 'upc', 'isbn'] },
    title: { first: ['title', 'name'] },
    varying,
    prices: [{ amount: 'price', saleAmount: 'sale_price', saleWindow: 'sale_price_effective_date' }],
    stock: [
      {
        quantity: {
          first: ['quantity', 'quantity_to_sell_on_facebook', 'inventory', 'sell_on_google_quantity'],
        },
        availability: 'availability',
      },
    ],
    image: { first: ['image_link', { columns: '^image\\[0\\]\\.url$' }] },
    contents: 'unit_pricing_measure',
  },
  unitPriceBase: 'unit_pricing_base_measure',
  rows: { same: 'item_group_id', title: 'common' },
  fieldNames: 'snake',
};

/** Google Merchant's product feed. */
export const google: MappingInput = feed;

/** Meta's (Facebook, Instagram) catalog feed. */
export const meta: MappingInput = {
  ...feed,
  status: ['status', 'visibility'],
  tags: { all: [{ columns: '^product_tags\\[?\\d*\\]?$' }, { columns: '^internal_label$' }] },
};
