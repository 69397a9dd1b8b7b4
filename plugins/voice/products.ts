import type { Context } from '../../src/context.js';
import { formatAmount } from '../../src/money.js';
import type { Price } from '../../src/ports/catalog.js';
import { type Catalog, canBuyVariant, type Product } from '../../src/ports/catalog.js';
import { type PriceContext, priceOf } from '../../src/ports/prices.js';
import { inLocale } from '../../src/ports/product-details.js';

/** The context that prices hold in. */
export function placeOf({ currency, storeId, atMs, customerGroup }: Context): PriceContext {
  return { currency, storeId, atMs, customerGroup };
}

/** The price of a product: of its variants that `option` names, if it is given and there are any. */
export function priceIn(
  catalog: Catalog,
  product: Product,
  context: Context,
  option: string | null = null,
): Price | null {
  return priceOf(product, placeOf(context), buyable(catalog, product, context, option));
}

/** Returns whether the variant at a place can be bought, among those that `option` names if there are any. */
export function buyable(
  catalog: Catalog,
  product: Product,
  { storeId, locale }: Context,
  option: string | null,
): (place: number) => boolean {
  const named = option === null ? [] : placesWith(product, option, locale);
  return (place) =>
    canBuyVariant(catalog, product.id, place, storeId) && (named.length === 0 || named.includes(place));
}

/** Products in the order of the ids, without those that are gone or may not be said aloud. */
export async function spokenProducts(catalog: Catalog, ids: readonly string[]): Promise<readonly Product[]> {
  const products = await catalog.products(ids);
  return products.flatMap((product) => (product?.status === 'ACTIVE' && product.speakable ? [product] : []));
}

export function imageOf({ media }: Product): string | null {
  const url = media.find(({ type = 'IMAGE' }) => type === 'IMAGE')?.url;
  // Assistants take pictures over https alone.
  return url?.startsWith('https://') ? url : null;
}

/** An amount as it is written: "19,99 €". */
export function writtenPrice(price: Price, locale: string): string {
  const amount = formatAmount(price.amountMinor, price.currency);
  try {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency: price.currency });
    return format.format(amount as Intl.StringNumericLiteral);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${amount} ${price.currency}`;
  }
}

/** An option of a product and one of its values, as they are shown. */
interface OptionLabel {
  readonly name: string;
  readonly value: string;
  readonly label: string;
}

export function optionLabels({ options }: Product, locale: string): OptionLabel[] {
  return options.flatMap(({ name, values, translations }) => {
    const labels = inLocale(translations, locale)?.values ?? [];
    return values.map((value) => ({
      name,
      value,
      label: labels.find((each) => each.value === value)?.label ?? value,
    }));
  });
}

/** The places of variants with a value that the shopper's words name. */
function placesWith(product: Product, words: string, locale: string): readonly number[] {
  const named = optionLabels(product, locale).filter(({ label }) => isNamed(label, words));
  return (product.variants ?? []).flatMap(({ selectedOptions }, place) =>
    selectedOptions.some((option) =>
      named.some(({ name, value }) => name === option.name && value === option.value),
    )
      ? [place]
      : [],
  );
}

/** The label and price of a product's variants that the shopper's words name: "blue", "blaue". null: it has none that can be bought. */
export function variantWith(
  catalog: Catalog,
  product: Product,
  words: string,
  context: Context,
): { readonly label: string; readonly price: Price | null } | null {
  const label = optionLabels(product, context.locale).find((each) => isNamed(each.label, words))?.label;
  const canBuy = buyable(catalog, product, context, words);
  if (label === undefined || !placesWith(product, words, context.locale).some(canBuy)) return null;
  return { label, price: priceOf(product, placeOf(context), canBuy) };
}

/** Endings of adjectives may differ: "blaue" names "blau", "rossa" names "rosso". */
function isNamed(label: string, words: string): boolean {
  const said = folded(words).split(' ');
  return folded(label)
    .split(' ')
    .some((part) => said.some((word) => isFormOf(part, word)));
}

const stemMin = 3;
const endingMax = 2;

function isFormOf(one: string, other: string): boolean {
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same++;
  return one === other || (same >= stemMin && Math.max(one.length, other.length) - same <= endingMax);
}

/** In lower case, without accents and punctuation. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
