import { formatAmount } from '../../src/money.js';
import type { Price, Product, ProductVariant } from '../../src/ports/catalog.js';
import type { Media } from '../../src/ports/product-details.js';

/** True for a price of no store and no customer group. */
export function isGeneral({ storeId, customerGroup }: Price): boolean {
  return storeId === null && customerGroup === undefined;
}

/** `Money` of the schema. */
export function money(
  minor: number,
  currency: string,
): { readonly amount: string; readonly currency: string } {
  return { amount: formatAmount(minor, currency), currency };
}

/** `price` of the schema. */
export function amountOf(price: Price | null) {
  return price && money(price.amountMinor, price.currency);
}

/** `listPrice` of the schema. */
export function listAmountOf(price: Price | null) {
  return price && price.listAmountMinor !== null ? money(price.listAmountMinor, price.currency) : null;
}

/** `Price` of the schema. */
export function priceFields(price: Price) {
  const { storeId, customerGroup = null, minQuantity = 1, taxIncluded = null } = price;
  return {
    price: amountOf(price),
    listPrice: listAmountOf(price),
    storeId,
    customerGroup,
    minQuantity,
    validFrom: price.validFromMs === undefined ? null : new Date(price.validFromMs),
    validUntil: price.validUntilMs === undefined ? null : new Date(price.validUntilMs),
    taxIncluded,
  };
}

/** `Media` of the schema. */
export function mediaFields({ url, alt, type = 'IMAGE', width, height, option }: Media) {
  return { url, alt, type, width: width ?? null, height: height ?? null, option: option ?? null };
}

function isImage({ type = 'IMAGE' }: Media): boolean {
  return type === 'IMAGE';
}

/** The first image of a product; null without one. */
export function imageOf(product: Product) {
  const image = product.media.find(isImage);
  return image ? mediaFields(image) : null;
}

/** Its own image, one of the product that shows one of its options, or the first one of the product. */
export function variantImage(product: Product, { media, selectedOptions }: ProductVariant) {
  if (media && isImage(media)) return mediaFields(media);
  const shows = product.media.find(
    ({ option, ...rest }) =>
      isImage(rest) &&
      option !== undefined &&
      selectedOptions.some(({ name, value }) => name === option.name && value === option.value),
  );
  return shows ? mediaFields(shows) : imageOf(product);
}
