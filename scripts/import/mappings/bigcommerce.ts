import type { MappingInput } from '../mapping/mapping.js';

/** BigCommerce's product export, in the layouts of its version 2 (`Item Type`) and version 3 (`Item`). Variants follow their product. */
export const bigcommerce: MappingInput = {
  id: { first: ['Product ID', 'ID', 'Product Code/SKU', 'SKU'] },
  title: { first: ['Product Name', 'Name'] },
  description: { first: ['Product Description', 'Description'] },
  brand: { first: ['Brand Name', 'Brand'] },
  status: { first: ['Product Visible?', 'Product Visible', 'Is Visible'] },
  categories: {
    source: {
      all: [
        { path: 'Category', split: ';' },
        { path: 'Categories', split: ';' },
      ],
    },
    separator: '/',
  },
  createdAt: { first: ['Date Added', 'Product Date Added'] },
  images: [
    { columns: '^Product Image URL - \\d+$' },
    { columns: '^Product Image File - \\d+$' },
    'Internal Image URL (Export)',
    'Image URL (Import)',
  ],
  attributes: [
    {
      each: {
        all: [
          { path: 'Product Custom Fields', split: ';', match: '^(?<name>[^=]+)=(?<text>.*)$' },
          {
            path: 'Custom Fields',
            split: ';',
            match: '^"?(?<name>[^="]+)"?="?(?<text>[^"]*(?:"[^"]+)*)"?$',
          },
        ],
      },
      name: { source: 'name' },
      source: 'text',
    },
  ],
  variants: {
    unless: ['Internal Image URL (Export)', 'Image URL (Import)'],
    sku: { first: ['Product Code/SKU', 'SKU'] },
    image: 'Variant Image URL',
    gtin: { first: ['Product UPC/EAN', 'UPC/EAN', 'Global Trade Number', 'Global Trade Item Number'] },
    options: [
      {
        each: { path: 'Product Name', split: ',', match: '^\\[[A-Z]+\\](?<name>[^=]+)=(?<text>.+)$' },
        name: 'name',
        value: 'text',
      },
      {
        // Nothing stands between the options of a variant. A swatch has its colours or its picture in brackets.
        each: {
          path: 'Options',
          split: 'Type=',
          match: '^[^|]*\\|Name=(?<name>[^|]+)\\|Value=(?<text>[^\\[]+(?:\\[(?!#|http)[^\\[]*)*)',
        },
        name: 'name',
        value: 'text',
      },
    ],
    prices: [
      {
        amount: { first: ['Price', 'Price/Cost'] },
        listAmount: { first: ['Retail Price', 'RRP'] },
        saleAmount: 'Sale Price',
      },
    ],
    stock: [
      {
        quantity: { first: ['Current Stock Level', 'Current Stock', 'Stock Level'] },
        tracked: {
          first: [
            { path: 'Track Inventory', words: { none: 'false', '*': 'true' } },
            { path: 'Inventory Tracking', words: { none: 'false', '*': 'true' } },
          ],
        },
      },
    ],
  },
  rows: {
    continues: {
      first: [
        { path: 'Item Type', words: { product: '1' } },
        { path: 'Item', words: { product: '1' } },
      ],
    },
    parentRow: true,
  },
  skip: [
    { field: 'Item Type', values: ['rule'] },
    { field: 'Item', values: ['rule', 'video'] },
  ],
};
