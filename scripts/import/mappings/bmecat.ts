import type { MappingInput } from '../mapping/mapping.js';

/** A field of a BMEcat 2005 product, or the one of a BMEcat 1.2 article that it replaced. */
const both = (path2005: string, path12: string) => ({ first: [path2005, path12] });

/** BMEcat 2005 and 1.2. */
export const bmecat: MappingInput = {
  id: both('SUPPLIER_PID', 'SUPPLIER_AID'),
  title: both('PRODUCT_DETAILS.DESCRIPTION_SHORT', 'ARTICLE_DETAILS.DESCRIPTION_SHORT'),
  sku: both('SUPPLIER_PID', 'SUPPLIER_AID'),
  gtin: { first: ['PRODUCT_DETAILS.INTERNATIONAL_PID', 'PRODUCT_DETAILS.EAN', 'ARTICLE_DETAILS.EAN'] },
  description: both('PRODUCT_DETAILS.DESCRIPTION_LONG', 'ARTICLE_DETAILS.DESCRIPTION_LONG'),
  brand: both('PRODUCT_DETAILS.MANUFACTURER_NAME', 'ARTICLE_DETAILS.MANUFACTURER_NAME'),
  tags: { all: ['PRODUCT_DETAILS.KEYWORD', 'ARTICLE_DETAILS.KEYWORD'] },
  images: [{ each: 'MIME_INFO.MIME', url: 'MIME_SOURCE', alt: both('MIME_DESCR', 'MIME_ALT') }],
  imageBase: '@document.MIME_ROOT',
  attributes: [
    {
      name: 'Part number',
      source: both('PRODUCT_DETAILS.MANUFACTURER_PID', 'ARTICLE_DETAILS.MANUFACTURER_AID'),
    },
    { each: 'PRODUCT_FEATURES.FEATURE', name: { source: 'FNAME' }, source: 'FVALUE' },
    { each: 'ARTICLE_FEATURES.FEATURE', name: { source: 'FNAME' }, source: 'FVALUE' },
  ],
  prices: [
    {
      each: { all: ['PRODUCT_PRICE_DETAILS.PRODUCT_PRICE', 'ARTICLE_PRICE_DETAILS.ARTICLE_PRICE'] },
      amount: 'PRICE_AMOUNT',
      currency: { first: ['PRICE_CURRENCY', '/@document.CURRENCY'] },
      minQuantity: 'LOWER_BOUND',
      taxIncluded: {
        path: '@price_type',
        words: { net_list: 'false', net_customer: 'false', gros_list: 'true', '*': 'false' },
      },
    },
  ],
  stock: [{ quantity: 'PRODUCT_ORDER_DETAILS.STOCK' }],
  decimal: '.',
};
