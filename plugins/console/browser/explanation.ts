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
