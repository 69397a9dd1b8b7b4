import { textOf } from '../../../../../src/ports/catalog.js';
import type { SearchDocument } from '../../../../../src/ports/search-driver.js';

/** The texts of one product in one language, by field. */
export interface ProductTexts {
  readonly title: string;
  readonly brand: string;
  /** SKU and the like. */
  readonly codes: readonly string[];
  /** Names of its categories and of its product type. */
  readonly kinds: readonly string[];
  /** Names of the categories above. */
  readonly ancestors: readonly string[];
  readonly attributes: readonly string[];
  /** Attribute values that describe the product rather than name it. */
  readonly qualifiers: readonly string[];
  readonly description: string;
}

/** Attributes whose value names the product: "type", "product type". */
const typeAttribute = /^(?:(?:product|item|article|goods)[ _.-]?)?(?:type|class|kind|category)$/i;

/** `locale` null: the product's own texts. */
export function textsOf(document: SearchDocument, locale: string | null): ProductTexts {
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
    else if (typeAttribute.test(name)) kinds.push(value);
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
