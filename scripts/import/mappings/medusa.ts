import type { MappingInput } from '../mapping/mapping.js';

/** Medusa's product CSV, of its versions 1 and 2. Rows with one product id or handle are its variants. */
export const medusa: MappingInput = {
  id: { first: ['Product Id', 'Product id', 'Product Handle', 'Product handle'] },
  title: { first: ['Product Title', 'Product title'] },
  handle: { first: ['Product Handle', 'Product handle'] },
  description: { first: ['Product Description', 'Product Subtitle'] },
  status: 'Product Status',
  createdAt: 'Product Created At',
  tags: { all: [{ columns: '^Product Tag \\d+$' }, { path: 'Product Tags', split: ',' }] },
  categories: {
    source: {
      all: [{ columns: '^Product Category \\d+$' }, { first: ['Product Type', 'Product Collection Title'] }],
    },
    separator: '>',
  },
  images: ['Product Thumbnail', { columns: '^Product Image \\d+$' }, { columns: '^Image \\d+ Url$' }],
  attributes: [
    { name: 'Material', source: 'Product Material' },
    { name: 'Origin country', source: 'Product Origin Country' },
  ],
  variants: {
    id: { first: ['Variant Id', 'Variant id'] },
    sku: { first: ['Variant Sku', 'Variant SKU'] },
    gtin: { first: ['Variant Ean', 'Variant EAN', 'Variant Upc', 'Variant UPC', 'Variant Barcode'] },
    title: 'Variant Title',
    options: [
      {
        each: { numbered: { name: 'Variant Option {n} Name', value: 'Variant Option {n} Value' } },
        name: 'name',
        value: 'value',
      },
      {
        each: { numbered: { name: 'Option {n} Name', value: 'Option {n} Value' } },
        name: 'name',
        value: 'value',
      },
    ],
    prices: [
      {
        each: { columns: '^(?:Variant )?Price (?<currency>[A-Z]{3})$' },
        amount: 'value',
        currency: 'currency',
      },
      {
        each: { columns: '^(?:Variant )?Price (?<region>.+) \\[(?<currency>[A-Z]{3})\\]$' },
        amount: 'value',
        currency: 'currency',
        storeId: 'region',
      },
    ],
    stock: [
      {
        quantity: 'Variant Inventory Quantity',
        tracked: { first: ['Variant Manage Inventory', 'Variant Manage inventory'] },
        backorders: { first: ['Variant Allow Backorder', 'Variant Allow backorder'] },
      },
    ],
  },
  rows: { same: { first: ['Product Id', 'Product id', 'Product Handle', 'Product handle'] } },
  decimal: '.',
};
