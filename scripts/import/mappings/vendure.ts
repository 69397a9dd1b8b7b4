import type { MappingInput } from '../mapping/mapping.js';
import { translationsOf } from './translations.js';

/** A column and its form with a language, such as `name:en`. */
const text = (name: string) => ({ first: [name, { columns: `^${name}:[a-z]{2}` }] });

/** Vendure's product CSV. A row without a name is a further variant of the product above it. */
export const vendure: MappingInput = {
  id: { first: ['id', 'slug', { columns: '^slug:[a-z]{2}' }, 'name', { columns: '^name:[a-z]{2}' }] },
  title: text('name'),
  handle: text('slug'),
  description: text('description'),
  status: 'enabled',
  brand: { path: 'facets', match: '(?:^|\\|)[Bb]rand:([^|]+)' },
  categories: { source: { path: 'facets', split: '|', match: '^[Cc]ategory:(?<value>.+)$' }, separator: '>' },
  images: [{ path: 'assets', split: '|' }],
  attributes: [
    {
      each: { path: 'facets', split: '|', match: '^(?<name>[^:]+):(?<text>.+)$' },
      name: { source: 'name' },
      source: 'text',
      except: ['category', 'Category', 'brand', 'Brand'],
    },
    {
      each: { path: 'variantFacets', split: '|', match: '^(?<name>[^:]+):(?<text>.+)$' },
      name: { source: 'name' },
      source: 'text',
    },
  ],
  translations: translationsOf('locale', (field) => ({
    columns: `^${field}:(?<locale>[a-z]{2}(?:_[A-Z]{2})?)$`,
  })),
  variants: {
    sku: 'sku',
    options: [
      {
        names: {
          all: [
            { path: 'optionGroups', split: '|' },
            { path: 'optionGroups:en', split: '|' },
          ],
        },
        values: {
          all: [
            { path: 'optionValues', split: '|' },
            { path: 'optionValues:en', split: '|' },
          ],
        },
      },
    ],
    prices: [{ amount: 'price' }],
    stock: [{ quantity: 'stockOnHand', tracked: 'trackInventory' }],
    image: { path: 'variantAssets', match: '^([^|]+)' },
  },
  rows: { continues: text('name') },
  decimal: '.',
};
