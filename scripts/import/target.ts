import type { UserError } from '../../src/errors.js';
import type { CategoryInput } from './categories.js';
import type { ProductInput } from './product-input.js';
import type { ProductPatch, StoredProduct } from './product-patch.js';

/** The place that products are saved to: the catalog of this process, or a running gateway. */
export interface Target {
  /** The number of products of one `save`. */
  readonly batchMax: number;
  /** In the order of the ids; null for a product that is not in the catalog. */
  stored(ids: readonly string[]): Promise<(StoredProduct | null)[]>;
  /** Adds or replaces products. */
  save(inputs: readonly ProductInput[]): Promise<SaveOutcome>;
  /** Changes the given fields of products; an unknown one is an error. */
  update(patches: readonly ProductPatch[]): Promise<SaveOutcome>;
  /** Resolves the number of products that existed. */
  remove(ids: readonly string[]): Promise<number>;
  saveCategories(inputs: readonly CategoryInput[]): Promise<{ readonly userErrors: readonly UserError[] }>;
}

export interface SaveOutcome {
  readonly saved: number;
  readonly unchanged: number;
  readonly userErrors: readonly UserError[];
}
