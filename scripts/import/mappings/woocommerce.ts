import type { MappingInput } from '../mapping/mapping.js';

const attributes = { numbered: { name: 'Attribute {n} name', value: 'Attribute {n} value(s)' } };

/** WooCommerce's product export. Variations name their parent by its SKU or as `id:60`. */
export const woocommerce: MappingInput = {
  id: { first: ['ID', 'SKU'] },
  title: 'Name',
  description: { first: ['Description', 'Short description'] },
  brand: { first: ['Brands', 'Brand'] },
  tags: { path: 'Tags', split: ',' },
  categories: { source: { path: 'Categories', split: ',' }, separator: '>' },
  status: ['Published', 'Visibility in catalog'],
  images: [{ path: 'Images', split: ',' }],
  attributes: [{ each: attributes, name: { source: 'name' }, source: { path: 'value', split: ',' } }],
  variants: {
    id: 'ID',
    sku: 'SKU',
    gtin: 'GTIN, UPC, EAN, or ISBN',
    title: 'Name',
    status: 'Published',
    options: [{ each: attributes, name: 'name', value: 'value' }],
    prices: [
      {
        amount: 'Regular price',
        saleAmount: 'Sale price',
        saleFrom: 'Date sale price starts',
        saleUntil: 'Date sale price ends',
      },
    ],
    stock: [
      {
        quantity: { path: 'Stock', match: '^-?[\\d.,]+$' },
        availability: {
          path: 'In stock?',
          words: {
            '1': 'in stock',
            '0': 'out of stock',
            yes: 'in stock',
            no: 'out of stock',
            backorder: 'backorder',
          },
        },
        backorders: {
          path: 'Backorders allowed?',
          words: { '1': 'true', notify: 'true', yes: 'true', '0': 'false' },
        },
      },
    ],
    image: { path: 'Images', match: '^([^,]+)' },
  },
  rows: { parent: 'Parent', keys: ['SKU', { join: [{ constant: 'id:' }, 'ID'], with: '' }] },
};
