import type { MappingInput } from '../mapping/mapping.js';

/** The products of Shopify's Admin and storefront APIs: REST (`body_html`) and GraphQL (`descriptionHtml`). */
export const shopifyJson: MappingInput = {
  id: 'id',
  title: 'title',
  handle: 'handle',
  description: { first: ['body_html', 'descriptionHtml', 'description'] },
  brand: 'vendor',
  tags: { all: [{ path: 'tags', split: ',' }, 'tags'] },
  categories: { source: { first: ['category.fullName', 'productType', 'product_type'] }, separator: '>' },
  status: 'status',
  createdAt: { first: ['created_at', 'createdAt', 'published_at'] },
  images: [
    'images',
    'images.nodes',
    { each: 'images.edges', url: { first: ['node.url', 'node.src'] }, alt: 'node.altText' },
  ],
  variants: {
    each: { all: ['variants', 'variants.nodes', 'variants.edges'] },
    id: { first: ['id', 'node.id'] },
    sku: { first: ['sku', 'node.sku'] },
    gtin: { first: ['barcode', 'node.barcode'] },
    title: { first: ['title', 'node.title'] },
    options: [
      { name: '/options.0.name', value: 'option1' },
      { name: '/options.1.name', value: 'option2' },
      { name: '/options.2.name', value: 'option3' },
      { each: { all: ['selectedOptions', 'node.selectedOptions'] }, name: 'name', value: 'value' },
    ],
    prices: [
      {
        amount: { first: ['price.amount', 'price', 'node.price.amount', 'node.price'] },
        currency: { first: ['price.currencyCode', 'node.price.currencyCode'] },
        listAmount: {
          first: [
            'compareAtPrice.amount',
            'compareAtPrice',
            'compare_at_price',
            'node.compareAtPrice.amount',
            'node.compareAtPrice',
          ],
        },
      },
    ],
    stock: [
      {
        quantity: {
          first: ['inventory_quantity', 'inventoryQuantity', 'node.inventoryQuantity', 'quantityAvailable'],
        },
        availability: { first: ['available', 'availableForSale', 'node.availableForSale'] },
        backorders: {
          first: [
            { path: 'inventory_policy', words: { continue: 'true' } },
            { path: 'inventoryPolicy', words: { continue: 'true' } },
          ],
        },
      },
    ],
    image: { first: ['image.url', 'featured_image.src', 'node.image.url'] },
  },
};

/** The products of WooCommerce's REST API. Their variations have a list of their own there. */
export const woocommerceJson: MappingInput = {
  id: 'id',
  title: 'name',
  handle: 'slug',
  sku: 'sku',
  gtin: 'global_unique_id',
  description: { first: ['description', 'short_description'] },
  status: 'status',
  createdAt: { first: ['date_created_gmt', 'date_created'] },
  tags: { path: 'tags', split: '\n' },
  categories: { source: { path: 'categories.0.name', split: '\n' }, separator: '>' },
  images: ['images'],
  attributes: [{ each: 'attributes', name: { source: 'name' }, source: 'options' }],
  prices: [
    {
      amount: { first: ['regular_price', 'price'] },
      saleAmount: 'sale_price',
      saleFrom: { first: ['date_on_sale_from_gmt', 'date_on_sale_from'] },
      saleUntil: { first: ['date_on_sale_to_gmt', 'date_on_sale_to'] },
    },
  ],
  stock: [{ quantity: 'stock_quantity', availability: 'stock_status', backorders: 'backorders_allowed' }],
};
