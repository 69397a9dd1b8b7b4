import { onlineStoreId } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import type { ProductIndexWriter } from './shelf.js';
import { levelsIn, type StockDocument } from './stock-document.js';
import { isId } from './texts.js';

/** Quantities by store, by variant id. A variant that is not stock-kept is not in it. */
export type StockByVariant = ReadonlyMap<string, Readonly<Record<string, number>>>;

type Levels = Record<string, number>;

/** In the order of the ids; null where the stored stock is damaged. That product is then out of stock in memory, too. */
export async function stockByVariant(
  stock: Collection<StockDocument>,
  keeper: Pick<ProductIndexWriter, 'setStock' | 'variantIds'>,
  productIds: readonly string[],
): Promise<(StockByVariant | null)[]> {
  const damaged = new Set<string>();
  const documents = await stock.getMany(productIds.filter(isId), { skipDamaged: (id) => damaged.add(id) });
  for (const id of damaged) keeper.setStock(id, []);
  const byId = new Map(documents.map((document) => [document?.id, document]));
  return productIds.map((id) => {
    if (damaged.has(id)) return null;
    const variantIds = new Set(keeper.variantIds(id));
    const byVariant = new Map<string, Levels>();
    const document = byId.get(id);
    for (const { variantId = id, storeId, quantity } of document ? levelsIn(document) : []) {
      // Of a damaged product the variants are not known.
      if (variantIds.size > 0 && !variantIds.has(variantId)) continue;
      const levels = byVariant.get(variantId) ?? noLevels();
      levels[storeId] = quantity;
      byVariant.set(variantId, levels);
    }
    return byVariant;
  });
}

function noLevels(): Levels {
  return Object.create(null) as Levels;
}

/** The quantities of the ACTIVE variants together; empty if one of them is not stock-kept. */
export function summedStock(
  stock: StockByVariant,
  keeper: Pick<ProductIndexWriter, 'variantIds'>,
  productId: string,
): Readonly<Record<string, number>> {
  const known = keeper.variantIds(productId);
  const active = known.length === 0 ? [...stock.keys()] : keeper.variantIds(productId, 'active');
  const sum = noLevels();
  for (const id of active) {
    const levels = stock.get(id);
    if (levels === undefined) return noLevels();
    for (const [storeId, quantity] of Object.entries(levels)) sum[storeId] = (sum[storeId] ?? 0) + quantity;
  }
  if (active.length === 0 && known.length > 0) sum[onlineStoreId] = 0;
  return sum;
}
