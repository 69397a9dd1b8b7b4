import type { Catalog } from '../../src/ports/catalog.js';

type Quantities = Readonly<Record<string, number>>;

export interface Levels {
  readonly sum: Quantities;
  readonly byVariant: ReadonlyMap<string, Quantities>;
}

/** The quantities of products, of all variants together and of each; null where they are damaged. */
export async function readLevels(
  catalog: Pick<Catalog, 'stock' | 'stockByVariant'>,
  ids: readonly string[],
): Promise<(Levels | null)[]> {
  const [sums, byVariants] = await Promise.all([catalog.stock(ids), catalog.stockByVariant(ids)]);
  return ids.map((_, at) => {
    const sum = sums[at] ?? null;
    const byVariant = byVariants[at] ?? null;
    return sum && byVariant && { sum, byVariant };
  });
}
