import { type UserError, userError } from '../../src/errors.js';
import { onlineStoreId } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import { type StockDocument, withLevels } from './documents.js';
import { checkBatch, checkEach } from './faults.js';
import { stockInput } from './stock-input.js';
import type { Writing } from './writing.js';

/** Sets quantities in the order of the entries: of two for one product and store the later one holds. */
export async function setStock(
  { kept, queue }: Writing,
  inputs: readonly unknown[],
): Promise<{ readonly set: number; readonly userErrors: readonly UserError[] }> {
  checkBatch(inputs, 'entries');
  const { passed, userErrors } = checkEach(stockInput, inputs, 'entries', () => 'CATALOG_STOCK_INVALID');
  const ids = [...new Set(passed.map(({ input }) => input.productId))];
  const known = new Set<string>();
  const products = await kept.products.getMany(ids, { skipDamaged: (id) => known.add(id) });
  for (const product of products) if (product) known.add(product.id);
  const changes = new Map<string, Map<string, number>>();
  let set = 0;
  for (const { index, input } of passed) {
    const { productId, storeId, quantity } = input;
    if (!known.has(productId)) {
      const message = `there is no product "${productId}"; save it before its stock`;
      userErrors.push(userError('CATALOG_PRODUCT_UNKNOWN', message, ['entries', index, 'productId']));
      continue;
    }
    const levels = changes.get(productId) ?? new Map<string, number>();
    changes.set(productId, levels.set(storeId ?? onlineStoreId, quantity));
    set++;
  }
  if (changes.size > 0) {
    await queue.publishing([{ type: 'stock.changed', ids: [...changes.keys()] }], () =>
      writeLevels(kept.stock, changes),
    );
  }
  return { set, userErrors };
}

/** Merges quantities into what is stored of each product, by compare-and-set; into nothing where that is damaged. */
export async function writeLevels(
  stock: Collection<StockDocument>,
  changes: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Promise<void> {
  const entries = [...changes];
  const added = await stock.insert(entries.map(([id, levels]) => ({ id, levels: withLevels([], levels) })));
  await Promise.all(
    entries.map(([id, levels], i) => {
      if (added[i]) return null;
      return stock.update(
        id,
        (current) => {
          const before = current?.levels ?? [];
          const after = withLevels(before, levels);
          return after === before && current ? undefined : { id, levels: after };
        },
        { skipDamaged: true },
      );
    }),
  );
}
