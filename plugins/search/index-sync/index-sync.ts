import type { Catalog, Price, Product } from '../../../src/ports/catalog.js';

/** Keeps the index of a driver equal to the catalog. */
export interface IndexSync {
  /** The currency of most prices. */
  currency(): string;
  /** Call it before each search. Updates products of changed categories in the background. */
  checkCategories(): void;
  /** True if the index has the catalog, or most of it. */
  isFilled(): Promise<boolean>;
  /** Resolves when the index has the current state of these products, or when the change is recorded to be made later. */
  changed(ids: readonly string[]): Promise<void>;
  /** Begins to fill a new index beside the one that serves; false while that is going on. */
  rebuild(): Promise<boolean>;
  /** `pages`: all products, if somebody reads them already. */
  start(pages?: AsyncIterable<readonly Product[]>): Promise<void>;
  stop(): void;
}

interface CurrencyCounter {
  add(product: Product): void;
  mostFrequent(): string;
}

export function createCurrencyCounter(): CurrencyCounter {
  const counts = new Map<string, number>();
  return {
    add({ prices, variants = [] }) {
      const count = ({ currency }: Price): unknown => counts.set(currency, (counts.get(currency) ?? 0) + 1);
      prices.forEach(count);
      for (const variant of variants) variant.prices?.forEach(count);
    },
    mostFrequent: () => [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'EUR',
  };
}

/** The number of products that can be bought. */
export function eligibleProducts({ shelf: index }: Pick<Catalog, 'shelf'>): number {
  let count = 0;
  for (let item = 0; item < index.size; item++) if (index.eligible(item)) count++;
  return count;
}
