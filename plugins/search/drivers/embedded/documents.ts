import { textOf } from '../../../../src/ports/catalog.js';
import type { SearchDocument } from '../../../../src/ports/search-driver.js';
import { fold } from './analyse.js';
import type { Texts } from './weigher.js';

/** Attributes that say what a product is rather than how it is. */
const kindNames = /^(?:(?:product|item|article|goods)[ _.-]?)?(?:type|class|kind|category)$/i;
const kindsOfThing = /^(.+?)[ _.-](?:type|class|kind|category)$/i;

/** "Camera type: compact camera" says what it is; "device type: laptop" of a bag, "memory type: DDR4" do not. */
function namesKind(name: string, value: string): boolean {
  if (kindNames.test(name)) return true;
  const thing = kindsOfThing.exec(name)?.[1];
  return thing !== undefined && lastWordOf(value).startsWith(lastWordOf(thing));
}

function lastWordOf(text: string): string {
  return fold(text)
    .trim()
    .split(/[\s_-]+/)
    .at(-1)!;
}

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
    else if (namesKind(name, value)) kinds.push(value);
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
