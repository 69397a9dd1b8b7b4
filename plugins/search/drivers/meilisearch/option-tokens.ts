import { createHash } from 'node:crypto';
import { type Product, variantsOf } from '../../../../src/ports/catalog.js';
import type { SelectedOption } from '../../../../src/ports/product-details.js';
import type { SearchDocument } from '../../../../src/ports/search-driver.js';
import type { OptionFilter } from '../../../../src/ports/variants.js';

/** A filter has no more options. */
const optionsMax = 5;
/** Stand in the place of a store; no encoded store begins so. */
const everywhere = 'every';
const anywhere = 'any';

const tokenOf = (options: readonly SelectedOption[]): string =>
  createHash('sha256')
    .update(JSON.stringify(options.map(({ name, value }) => [name, value]).sort()))
    .digest('base64url')
    .slice(0, 16);

/**
 * The server matches each value of a list by itself, so it cannot ask for two options of one variant. Each combination of options that a
 * variant has is therefore one value, `variants`, and one for each store that has the variant, `inStock`.
 */
export function optionTokens(
  product: Product,
  variantStock: SearchDocument['variantStock'],
): { readonly variants: readonly string[]; readonly inStock: readonly string[] } {
  const variants = new Set<string>();
  const inStock = new Set<string>();
  for (const { id, selectedOptions, status = 'ACTIVE' } of variantsOf(product)) {
    if (status !== 'ACTIVE' || selectedOptions.length === 0) continue;
    const stock = variantStock?.get(id);
    const stores = stock
      ? Object.entries(stock).flatMap(([storeId, quantity]) => (quantity > 0 ? [encoded(storeId)] : []))
      : [everywhere];
    for (const options of combinations(selectedOptions)) {
      const token = tokenOf(options);
      variants.add(token);
      for (const store of stores) inStock.add(`${token}@${store}`);
      if (stores.length > 0) inStock.add(`${token}@${anywhere}`);
    }
  }
  return { variants: [...variants], inStock: [...inStock] };
}

/** The tokens of products that pass a filter by options, at most 1,000. */
export function wantedTokens(options: readonly OptionFilter[]): readonly string[] {
  let chosen: readonly (readonly SelectedOption[])[] = [[]];
  for (const { name, values } of options)
    chosen = chosen.flatMap((before) => values.map((value) => [...before, { name, value }]));
  return chosen.map(tokenOf);
}

/** The same, for variants in stock in a store, or anywhere if null. */
export function wantedInStock(tokens: readonly string[], storeId: string | null): readonly string[] {
  const stores = storeId === null ? [anywhere] : [encoded(storeId), everywhere];
  return tokens.flatMap((token) => stores.map((store) => `${token}@${store}`));
}

/** Hexadecimal, so that no store can be read as syntax. */
function encoded(storeId: string): string {
  return Buffer.from(storeId).toString('hex');
}

function* combinations(options: readonly SelectedOption[]): Generator<readonly SelectedOption[]> {
  function* from(start: number, before: readonly SelectedOption[]): Generator<readonly SelectedOption[]> {
    for (let i = start; i < options.length; i++) {
      const next = [...before, options[i]!];
      yield next;
      if (next.length < optionsMax) yield* from(i + 1, next);
    }
  }
  yield* from(0, []);
}
