import type { MappingInput } from '../mapping/mapping.js';

/** Magento 2's (Adobe Commerce) product export. A configurable product names its variants, which have rows of their own. */
export const magento: MappingInput = {
  id: 'sku',
  title: 'name',
  handle: 'url_key',
  description: { first: ['description', 'short_description'] },
  status: ['product_online', 'visibility'],
  categories: {
    source: { path: 'categories', split: ',' },
    separator: '/',
    without: ['Default Category', 'Root Catalog'],
  },
  createdAt: 'created_at',
  dates: 'mdy',
  images: ['base_image', { path: 'additional_images', split: ',' }],
  attributes: [
    {
      each: { path: 'additional_attributes', pairs: { between: ',', equals: '=' } },
      name: { source: 'name' },
      source: { path: 'value', split: '|' },
      except: [
        'has_options',
        'required_options',
        'gift_message_available',
        'msrp_display_actual_price_type',
        'ts_dimensions_length',
        'ts_dimensions_width',
        'ts_dimensions_height',
      ],
    },
  ],
  variants: {
    id: 'sku',
    sku: 'sku',
    title: 'name',
    status: 'product_online',
    prices: [
      {
        amount: 'price',
        saleAmount: 'special_price',
        saleFrom: 'special_price_from_date',
        saleUntil: 'special_price_to_date',
      },
    ],
    stock: [
      {
        quantity: 'qty',
        availability: { path: 'is_in_stock', words: { '1': 'in stock', '0': 'out of stock' } },
        tracked: { first: [{ path: 'use_config_manage_stock', words: { '1': '1' } }, 'manage_stock'] },
        backorders: {
          first: [
            { path: 'use_config_backorders', words: { '1': '0' } },
            { path: 'allow_backorders', words: { '0': '0', '1': '1', '2': '1' } },
          ],
        },
      },
    ],
    image: 'base_image',
  },
  rows: {
    children: { path: 'configurable_variations', records: { between: '|', pairs: ',', equals: '=' } },
    key: 'sku',
    self: 'sku',
    except: ['display', 'name', 'price', 'additional_images'],
  },
  // Rows of a store view have only the texts that differ in it, without a locale.
  skip: [{ filled: 'store_view_code' }],
};
