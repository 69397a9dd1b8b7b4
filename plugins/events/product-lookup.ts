import type { Contributed } from '../../src/contributed.js';
import type { ProductReferences } from '../../src/ports/events.js';

/** Finds products by the codes in events. */
export interface ProductLookup {
  knows(code: string): boolean;
  /** Returns the same text for all codes of a product. */
  productOf(code: string): string;
}

export function createProductLookup(sources: () => readonly Contributed<ProductReferences>[]): ProductLookup {
  return {
    // A product of a shop without a catalog is not unknown, and neither is one that cannot be looked up.
    knows: (code) =>
      sources().length === 0 ||
      sources().some((source) => source.attempt((each) => each.idOf(code) !== null) ?? true),
    productOf(code) {
      for (const source of sources()) {
        const id = source.attempt((each) => each.idOf(code));
        if (id !== null) return id;
      }
      return code;
    },
  };
}
