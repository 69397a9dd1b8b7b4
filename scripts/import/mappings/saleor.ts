import type { MappingInput } from '../mapping/mapping.js';

/** Saleor's CSV export. Rows with one id are the variants of a product. */
export const saleorCsv: MappingInput = {
  id: 'id',
  title: 'name',
  description: { first: ['description as str', 'description'] },
  status: { columns: ' \\(channel published\\)$' },
  categories: { source: 'category', separator: '>' },
  tags: { path: 'collections', split: ',' },
  images: [{ path: 'product media', split: ',' }],
  attributes: [{ columns: '^(?<name>.+) \\(product attribute\\)$' }],
  variants: {
    when: ['variant sku', 'variant id'],
    id: 'variant id',
    sku: 'variant sku',
    options: [{ each: { columns: '^(?<name>.+) \\(variant attribute\\)$' }, name: 'name', value: 'value' }],
    prices: [
      {
        each: { columns: '^(?<channel>.+) \\(channel price amount\\)$' },
        amount: 'value',
        currency: '/{channel} (channel variant currency code)',
      },
    ],
    stock: [
      {
        each: { columns: '^(?<warehouse>.+) \\(warehouse quantity\\)$' },
        storeId: 'warehouse',
        quantity: 'value',
      },
    ],
    image: { path: 'variant media', match: '^([^,]+)' },
  },
  rows: { same: 'id' },
  decimal: '.',
};

const attribute = { first: ['attribute.name', 'attribute.slug', 'name'] };
const value = { first: ['values.0.name', 'values.0.plainText', 'value'] };

/** The products of Saleor's GraphQL API, and of a dump of its database, such as its sample data. */
export const saleorJson: MappingInput = {
  id: 'id',
  title: 'name',
  handle: 'slug',
  description: { first: ['description', 'seoDescription'] },
  status: { first: ['published', 'channelListings.0.isPublished'] },
  createdAt: { first: ['created', 'created_at'] },
  categories: { source: { first: ['categoryPath', 'category.name'] }, separator: '>' },
  tags: 'collections',
  images: ['media'],
  attributes: [
    {
      each: 'attributes',
      name: { source: attribute },
      source: value,
    },
  ],
  variants: {
    each: 'variants',
    id: 'id',
    sku: 'sku',
    title: 'name',
    options: [{ each: 'attributes', name: attribute, value }],
    prices: [
      {
        each: 'channelListings',
        amount: { first: ['price.amount', 'amount'] },
        currency: { first: ['price.currency', 'currency'] },
        saleAmount: 'discounted',
      },
    ],
    stock: [
      {
        each: 'stocks',
        storeId: { first: ['warehouse.slug', 'warehouse'] },
        quantity: 'quantity',
        tracked: 'trackInventory',
      },
    ],
  },
  join: 'saleor-models',
  decimal: '.',
};
