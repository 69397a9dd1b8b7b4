import type { LiveCatalog } from '../../src/ports/search-driver.js';

/** A catalog in which everything is in stock, and no product has variants. */
export const allInStock: LiveCatalog = {
  inStock: () => true,
  available: () => true,
  matching: () => () => true,
  lineage: (id) => [id],
  categoryName: (id) => id,
};
