import type { Host } from '../../src/plugin.js';
import type { Product } from '../../src/ports/catalog.js';
import type { Queue } from '../../src/ports/queue.js';
import type { Collection } from '../../src/ports/store.js';
import type { createCategoryTree } from './categories.js';
import type { Claims } from './claims.js';
import type { CategoryDocument } from './documents.js';
import type { PriceHistory } from './price-history.js';
import type { ProductIndexWriter } from './shelf.js';
import type { StockDocument } from './stock-document.js';

/** The collections of the catalog. */
export interface Kept {
  readonly products: Collection<Product>;
  readonly stock: Collection<StockDocument>;
  readonly claims: Claims;
  readonly priceHistory: PriceHistory;
  readonly categories: Collection<CategoryDocument>;
}

/** The parts of the catalog that writes use. */
export interface Writing {
  readonly kept: Kept;
  readonly tree: ReturnType<typeof createCategoryTree>;
  readonly queue: Queue;
  readonly known: Pick<ProductIndexWriter, 'codes' | 'variantIds'>;
  readonly clock: Host['clock'];
}
