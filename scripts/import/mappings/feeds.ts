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

/** Fields that Google Merchant and Meta have in common: text with tabs or commas, RSS or Atom. */
const feed: MappingInput = {
  id: 'id',
  title: { first: ['title', 'name'] },
  description: { first: ['description', 'rich_text_description', 'summary', 'content'] },
  brand: 'brand',
  categories: { source: { first: ['product_type', 'google_product_category'] }, separator: '>' },
  images: ['image_link', { path: 'additional_image_link', split: ',' }],
  attributes: [
    { name: 'Color', source: { first: ['color', 'colour'] } },
    { name: 'Size', source: 'size' },
    { name: 'Material', source: 'material' },
    { name: 'Pattern', source: 'pattern' },
    { name: 'Gender', source: 'gender' },
    { name: 'Age group', source: 'age_group' },
    { name: 'Size type', source: 'size_type' },
    { name: 'Size system', source: 'size_system' },
    { name: 'Style', source: 'style' },
    { name: 'Condition', source: 'condition' },
    { name: 'Part number', source: 'mpn' },
    {
      each: 'product_detail',
      name: { source: 'attribute_name' },
      source: 'attribute_value',
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
    image: 'image_link',
  },
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
