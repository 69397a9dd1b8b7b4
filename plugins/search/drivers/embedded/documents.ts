import { textOf } from '../../../../src/ports/catalog.js';
import type { SearchDocument } from '../../driver.js';
import type { Texts } from './weigher.js';

/** Attributes that say what a product is rather than how it is. */
const kindNames = /(?:^|[ _.-])(?:product|item|article)?[ _.-]?(?:type|class|kind|category)$/i;

/** The texts of a product in a language; `locale` null: its own. */
export function textsOf(document: SearchDocument, locale: string | null): Texts {
  const { product, categories } = document;
  const text = locale === null ? product : textOf(product, locale);
  const own = new Set(product.categoryIds);
  const kinds: string[] = [];
  const ancestors: string[] = [];
  for (const category of categories) {
    const into = own.has(category.id) ? kinds : ancestors;
    const translated = locale === null ? undefined : category.translations[locale]?.name;
    into.push(translated ?? category.name);
  }
  const attributes: string[] = [];
  const qualifiers: string[] = [];
  for (const { name, value } of product.attributes) {
    if (typeof value === 'number' || value === false) continue;
    if (value === true) attributes.push(name.replaceAll('_', ' '));
    else if (kindNames.test(name)) kinds.push(value);
    else {
      attributes.push(value);
      qualifiers.push(value);
    }
  }
  for (const option of product.options) {
    attributes.push(...option.values);
    qualifiers.push(...option.values);
  }
  const codes = product.sku === null ? [] : [product.sku];
  if (locale !== null && text.title !== product.title) attributes.push(product.title);
  return {
    title: text.title,
    brand: product.brand ?? '',
    codes,
    kinds,
    ancestors,
    attributes,
    qualifiers,
    description: text.description,
  };
}
