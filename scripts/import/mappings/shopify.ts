import type { MappingInput } from '../mapping/mapping.js';

const option = (n: number) => ({
  name: { first: [`Option${n} Name`, `Option${n} name`] },
  value: { first: [`Option${n} Value`, `Option${n} value`] },
});

/** Shopify's product export, with the column names before and since 2024. A row without a title is a further variant or image. */
export const shopify: MappingInput = {
  id: { first: ['Handle', 'URL handle'] },
  handle: { first: ['Handle', 'URL handle'] },
  title: 'Title',
  description: { first: ['Body (HTML)', 'Body HTML', 'Description'] },
  brand: 'Vendor',
  tags: { path: 'Tags', split: ',' },
  categories: { source: { all: ['Product Category', 'Product category', 'Type'] }, separator: '>' },
  status: ['Status', { first: ['Published', 'Published on online store'] }],
  images: [
    {
      each: { all: ['Image Src', 'Product image URL'] },
      url: 'value',
      alt: { first: ['/Image Alt Text', '/Image alt text'] },
    },
  ],
  attributes: [
    { columns: '^(?<name>[^()]+?) \\((?:product\\.metafields\\.[^)]+)\\)$' },
    { name: 'Gender', source: { first: ['Google Shopping / Gender', 'Google Shopping / gender'] } },
    { name: 'Age group', source: { first: ['Google Shopping / Age Group', 'Google Shopping / age group'] } },
  ],
  variants: {
    when: ['Option1 Value', 'Option1 value', 'Variant Price', 'Price', 'Variant SKU', 'SKU'],
    sku: { first: ['Variant SKU', 'SKU'] },
    gtin: { first: ['Variant Barcode', 'Barcode'] },
    options: [option(1), option(2), option(3)],
    prices: [
      {
        amount: { first: ['Variant Price', 'Price'] },
        listAmount: { first: ['Variant Compare At Price', 'Compare-at price'] },
      },
    ],
    stock: [
      {
        quantity: { first: ['Variant Inventory Qty', 'Inventory quantity'] },
        tracked: {
          first: [
            { path: 'Variant Inventory Tracker', words: { '': 'false', '*': 'true' } },
            { path: 'Inventory tracker', words: { '': 'false', '*': 'true' } },
          ],
        },
        backorders: {
          first: [
            { path: 'Variant Inventory Policy', words: { continue: 'true' } },
            { path: 'Continue selling when out of stock', words: { continue: 'true', true: 'true' } },
          ],
        },
      },
    ],
    image: { first: ['Variant Image', 'Variant image URL'] },
  },
  rows: { same: { first: ['Handle', 'URL handle'] } },
};
