import type { Request } from '../../src/context.js';
import type { Catalog } from '../../src/ports/catalog.js';
import { batchMax } from './faults.js';

type Quantities = Readonly<Record<string, number>>;

export interface Levels {
  readonly sum: Quantities;
  readonly byVariant: ReadonlyMap<string, Quantities>;
}

type Read = (request: Request, productId: string) => Promise<Levels | null>;

/** Collects the products whose quantities one request wants before the next turn, and reads them at once. */
export function createStockReader(catalog: Pick<Catalog, 'stock' | 'stockByVariant'>): Read {
  const batches = new WeakMap<
    Request,
    { readonly ids: string[]; readonly read: Promise<readonly (Levels | null)[]> }
  >();

  async function read(ids: readonly string[]): Promise<(Levels | null)[]> {
    const [sums, byVariants] = await Promise.all([catalog.stock(ids), catalog.stockByVariant(ids)]);
    return ids.map((_, at) => {
      const sum = sums[at] ?? null;
      const byVariant = byVariants[at] ?? null;
      return sum && byVariant && { sum, byVariant };
    });
  }

  return async (request, productId) => {
    let batch = batches.get(request);
    if (!batch || batch.ids.length === batchMax) {
      const ids: string[] = [];
      const begun = Promise.resolve().then(() => {
        if (batches.get(request)?.ids === ids) batches.delete(request);
        return read(ids);
      });
      batch = { ids, read: begun };
      batches.set(request, batch);
    }
    const at = batch.ids.push(productId) - 1;
    return (await batch.read)[at]!;
  };
}
