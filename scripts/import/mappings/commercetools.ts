import type { MappingInput } from '../mapping/mapping.js';
import { translationsOf } from './translations.js';

/** A column with a locale (`name.en`), in English if there is one. */
const text = (name: string) => ({
  first: [name, `${name}.en`, `${name}.en-US`, `${name}.en-GB`, { columns: `^${name}\\.[a-z]{2}` }],
});

/** `EUR 3000`, `US-USD 3000`, `EUR 1967 b2b`, `EUR 3240#store`: country, currency, minor units, customer group, channel. */
const prices = {
  path: 'prices',
  split: ';',
  match:
    '^(?:(?<country>[A-Z]{2})-)?(?<currency>[A-Z]{3}) (?<amount>\\d+)(?:\\|\\d+)?(?: (?<group>[^#$]+))?(?:#(?<channel>[^$]+))?',
};

/** commercetools' product CSV. A row without a product type, key or id is a further variant of the product above it. */
export const commercetoolsCsv: MappingInput = {
  id: { first: ['key', 'id', { columns: '^slug(?:\\.|$)' }, 'sku'] },
  title: text('name'),
  handle: text('slug'),
  description: text('description'),
  status: { first: ['_published', 'publish'] },
  createdAt: { first: ['createdAt', 'creationDate'] },
  categories: { source: { path: 'categories', split: ';' }, separator: '>' },
  images: [{ path: 'images', split: ';' }],
  brand: { first: ['brand', 'designer'] },
  attributes: [
    { name: 'Style', source: 'style' },
    { name: 'Gender', source: 'gender' },
    { name: 'Season', source: 'season' },
    { name: 'Color', source: 'color' },
    { name: 'Size', source: { first: ['size', 'commonSize'] } },
  ],
  translations: translationsOf('locale', (field) => ({
    columns: `^${field}\\.(?<locale>[a-z]{2}(?:-[A-Z]{2})?)$`,
  })),
  variants: {
    sku: 'sku',
    varying: ['Color', 'Size'],
    prices: [
      {
        each: prices,
        amount: 'amount',
        currency: 'currency',
        customerGroup: 'group',
        storeId: { first: ['channel', 'country'] },
        unit: 'minor',
      },
    ],
    stock: [{ quantity: { first: ['quantityOnStock', 'availableQuantity'] } }],
    image: { path: 'images', match: '^([^;]+)' },
  },
  rows: { continues: { first: ['productType', 'key', 'id'] } },
};

const localized = (path: string) => ({
  first: [`${path}.en`, `${path}.en-US`, `${path}.en-GB`, { entries: path }],
});
const current = (path: string) => ({
  first: [localized(path), localized(`masterData.current.${path}`)],
});

/** The products or product projections of commercetools' HTTP API. */
export const commercetoolsJson: MappingInput = {
  id: { first: ['key', 'id'] },
  title: current('name'),
  handle: current('slug'),
  description: current('description'),
  status: { first: ['published', 'masterData.published'] },
  createdAt: 'createdAt',
  version: 'version',
  categories: { source: 'categories.0.obj.name.en', separator: '>' },
  translations: translationsOf('name', (field) => ({
    all: [{ entries: field }, { entries: `masterData.current.${field}` }],
  })),
  images: [
    {
      each: { all: ['masterVariant.images', 'masterData.current.masterVariant.images'] },
      url: 'url',
      alt: 'label',
    },
  ],
  variants: {
    each: {
      all: ['masterVariant', 'variants', 'masterData.current.masterVariant', 'masterData.current.variants'],
    },
    sku: 'sku',
    options: [
      {
        each: 'attributes',
        name: 'name',
        value: {
          first: ['value.label.en', 'value.label', 'value.name', 'value.key', { entries: 'value' }, 'value'],
        },
      },
    ],
    prices: [
      {
        each: 'prices',
        amount: 'value.centAmount',
        currency: 'value.currencyCode',
        customerGroup: { first: ['customerGroup.obj.key', 'customerGroup.id'] },
        storeId: { first: ['channel.obj.key', 'channel.id', 'country'] },
        validFrom: 'validFrom',
        validUntil: 'validUntil',
        unit: 'minor',
      },
    ],
    stock: [{ quantity: 'availability.availableQuantity', availability: 'availability.isOnStock' }],
    image: 'images.0.url',
  },
};
