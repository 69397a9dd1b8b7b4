import { categoryIdsOf, type Product } from './product.js';
import type { Action, Filter, Rule } from './rule.js';

function isAbout({ ids, brands, categoryId }: Filter, product: Product): boolean {
  const codes = [product.id, product.sku];
  if (ids && !ids.some((id) => codes.includes(id))) return false;
  const brand = product.brand?.toLowerCase();
  if (brands && !brands.some((each) => each.toLowerCase() === brand)) return false;
  return !categoryId || categoryIdsOf(product).has(categoryId);
}

function effectOf({ pin, boost, bury, hide }: Action, product: Product): string | null {
  if (pin && [product.id, product.sku].includes(pin.productId)) return `pinned to ${pin.position}`;
  if (boost && isAbout(boost.filter, product)) return `boosted by ${boost.factor}`;
  if (bury && isAbout(bury.filter, product)) return `buried by ${bury.factor}`;
  return hide && isAbout(hide.filter, product) ? 'hidden' : null;
}

/** Effects of the rules that hold for a search on one of its products, such as `pinned to 1 by “Summer”`. */
export function ruleEffects(product: Product, rules: readonly Rule[]): readonly string[] {
  return rules.flatMap((rule) =>
    rule.then.flatMap((action) => {
      const effect = effectOf(action, product);
      return effect ? [`${effect} by “${rule.name}”`] : [];
    }),
  );
}

/** Place of a product in another list, compared with its place in this one. Positions begin at 0; −1 is absence. */
export function movement(here: number, there: number): string {
  if (there < 0) return 'new in this list';
  if (there === here) return 'same position';
  return there > here ? `up ${there - here} from ${there + 1}` : `down ${here - there} from ${there + 1}`;
}

const absences: Readonly<Record<string, string>> = {
  NOT_PROPOSED: 'No recommender of the placement proposed it.',
  RANKED_BELOW: 'It scored lower than the last product of the list.',
  DISPLACED_BY_EXPLORATION: 'An exploration slot gave its place to another product.',
  NOT_ELIGIBLE: 'It is not published, or out of stock everywhere.',
  OUT_OF_STOCK_IN_STORE: 'It is not in stock in this store.',
  HIDDEN_BY_RULE: 'A rule hides it.',
  ON_PAGE: 'It is the product of the page.',
  IN_CART: 'It is in the cart.',
  DISMISSED: 'The visitor dismissed it.',
  BOUGHT_AND_NOT_DUE: 'The visitor bought it and does not need it yet.',
  NOT_SPEAKABLE: 'It may not be spoken aloud.',
  NO_PRICE: 'It has no price in this currency that holds now.',
  CHANNEL_LIMIT: 'The channel shows fewer products.',
};

/** The reason why a product is not in a list, as a sentence. A reason of a later gateway is shown as it is. */
export const absenceText = (absence: string | null): string =>
  absence ? (absences[absence] ?? absence) : '';
