import { type Catalog, type ProductNode, type VariantNode, variantsOf } from '../../src/ports/catalog.js';
import type { SearchAnswer, SearchQuery } from '../../src/ports/search.js';

/** Makes a function that finds the variant of a product that a query named or chose by options; null without one. */
export function variantsIn(
  catalog: Catalog,
  { named = null }: Pick<SearchAnswer, 'named'>,
  { filter: { options, inStock }, storeId }: Pick<SearchQuery, 'filter' | 'storeId'>,
): (node: ProductNode) => VariantNode | null {
  const chosen = options ?? [];
  const chosenPlace = catalog.variants.matching({ options: chosen, inStock: inStock === true, storeId });

  function placeIn({ product }: ProductNode): number {
    if (named?.productId === product.id && named.variantId !== null)
      return variantsOf(product).findIndex(({ id }) => id === named.variantId);
    return chosen.length === 0 ? -1 : chosenPlace(catalog.shelf.numberOf(product.id));
  }

  return (node) => {
    const place = placeIn(node);
    const variant = variantsOf(node.product)[place];
    return variant ? { node, variant, place } : null;
  };
}
