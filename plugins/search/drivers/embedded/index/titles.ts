import type { Sliced } from '../../../../../src/kit/slices.js';
import type { Product } from '../../../../../src/ports/catalog.js';
import { createTitleOrder } from './title-order.js';

/** Titles of documents by locale, and their alphabetical order. */
export interface Titles {
  set(document: number, product: Product): void;
  /** The title in the shop's own language if there is no translation. */
  of(document: number, locale: string): string;
  /** As in `TitleOrder`. A locale without translations has the order of the shop's own language. */
  sorting(locale: string): Sliced | null;
  places(locale: string): Uint32Array;
}

/** Stands for the shop's own language among the locales. */
const ownTitles = '';

export function createTitles(ownLanguage: string): Titles {
  const own: string[] = [];
  const translated = new Map<string, Map<number, string>>();
  const order = createTitleOrder(
    () => own.length,
    (document, written) => translated.get(written)?.get(document) ?? own[document] ?? '',
    (written) => (written === ownTitles ? ownLanguage : written),
  );

  /** The locale whose translations are read. Locales without any share one order. */
  function writtenIn(locale: string): string {
    if (translated.has(locale)) return locale;
    const [language] = locale.split('-', 1);
    return translated.has(language!) ? language! : ownTitles;
  }

  return {
    set(document, product) {
      let isChanged = own[document] !== product.title;
      own[document] = product.title;
      for (const [locale, titles] of translated) {
        if (product.translations[locale]?.title === undefined && titles.delete(document)) isChanged = true;
      }
      for (const [locale, { title }] of Object.entries(product.translations)) {
        if (title === undefined) continue;
        let titles = translated.get(locale);
        if (!titles) {
          titles = new Map();
          translated.set(locale, titles);
        }
        if (titles.get(document) === title) continue;
        titles.set(document, title);
        isChanged = true;
      }
      if (isChanged) order.changed(document);
    },
    of: (document, locale) => translated.get(writtenIn(locale))?.get(document) ?? own[document] ?? '',
    sorting: (locale) => order.sorting(writtenIn(locale)),
    places: (locale) => order.places(writtenIn(locale)),
  };
}
