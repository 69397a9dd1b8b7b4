import type { MappingInput } from '../mapping/mapping.js';
import { translationsOf } from './translations.js';

/** A column with a locale and perhaps a channel (`name-en_US`, `name-en_US-ecommerce`), in English if there is one. */
const text = (name: string) => ({
  first: [name, { columns: `^${name}-en_[A-Z]{2}` }, { columns: `^${name}-[a-z]{2}_[A-Z]{2}` }],
});

/** Columns that are no attributes of a shopper's product. */
const other =
  'sku|identifier|uuid|code|parent|categories|enabled|family|family_variant|groups|name|label|title|description|short_description|brand|ean|gtin|price|image|picture|images|pictures|variation_image';

/** Akeneo's product export. Rows with one parent (a product model) are its variants. */
export const akeneo: MappingInput = {
  id: { first: ['sku', 'identifier', 'code', 'uuid'] },
  title: { first: [text('name'), text('label'), text('title'), text('erp_name')] },
  description: { first: [text('description'), text('short_description')] },
  brand: { first: [text('brand'), 'supplier', 'manufacturer'] },
  status: 'enabled',
  categories: { source: { path: 'categories', split: ',' }, separator: '>' },
  images: [{ columns: '^(?:image|picture|variation_image)(?:_\\d+|-[a-z]{2}_[A-Z]{2})?$' }],
  attributes: [{ columns: `^(?!(?:${other})$)[a-z][a-z0-9_]*$` }],
  translations: translationsOf('locale', (field) => ({
    columns: `^${field}-(?<locale>[a-z]{2}_[A-Z]{2})`,
  })),
  variants: {
    id: { first: ['sku', 'identifier', 'code', 'uuid'] },
    sku: { first: ['sku', 'identifier'] },
    gtin: { first: ['ean', 'gtin'] },
    title: text('name'),
    status: 'enabled',
    varying: true,
    prices: [
      {
        each: { columns: '^price(?:-[a-z]{2}_[A-Z]{2})?(?:-[a-z_]+)?-(?<currency>[A-Z]{3})$' },
        amount: 'value',
        currency: 'currency',
      },
    ],
    image: { first: ['variation_image', 'picture', 'image'] },
  },
  rows: { same: 'parent', title: 'common' },
};
