import type { Product } from '../../../../src/ports/catalog.js';
import type { Relation, RelationKind } from '../../../../src/ports/product-details.js';
import { type Candidates, noCandidates } from '../../../../src/ports/recommenders.js';

const relatedMax = 60;

/** The relations that the shop names between products, by product. */
export interface Relations {
  put(item: number, product: Pick<Product, 'relations'>): void;
  remove(item: number): void;
  /** The products that the shop relates to an item in one of these ways, in its order, at most 60. Scores fall with the place. */
  row(item: number, kinds: readonly RelationKind[]): Candidates;
  /** The first of these ways in which the shop relates `other` to `item`; null if it does not. */
  kindOf(item: number, other: number, kinds: readonly RelationKind[]): RelationKind | null;
}

/** `numberOf` finds a product by its id when a row is read, so a relation may name one that is saved later. */
export function createRelations(numberOf: (id: string) => number): Relations {
  const known = new Map<number, readonly Relation[]>();

  return {
    put(item, { relations = [] }) {
      if (relations.length === 0) known.delete(item);
      else known.set(item, relations);
    },
    remove: (item) => void known.delete(item),
    row(item, kinds) {
      const relations = known.get(item);
      if (relations === undefined) return noCandidates;
      const found = new Set<number>();
      for (const { kind, productId } of relations) {
        const other = kinds.includes(kind) ? numberOf(productId) : -1;
        if (other >= 0 && found.size < relatedMax) found.add(other);
      }
      found.delete(item);
      const items = [...found];
      return {
        items,
        scores: items.map((_, place) => 1 / (place + 1)),
        causes: items.map(() => item),
        length: items.length,
      };
    },
    kindOf(item, other, kinds) {
      const relation = known
        .get(item)
        ?.find(({ kind, productId }) => kinds.includes(kind) && numberOf(productId) === other);
      return relation?.kind ?? null;
    },
  };
}
