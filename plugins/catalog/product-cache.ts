import { LRUCache } from 'lru-cache';
import { isRapportError } from '../../src/errors.js';
import { deepFreeze } from '../../src/kit/deep-freeze.js';
import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import { isId } from './texts.js';

const productsMax = 50_000;
/** By an estimate of what a product takes in memory. */
const bytesMax = 128 * 1024 * 1024;
const bytesMin = Math.ceil(bytesMax / productsMax);

/** Products that were read lately, each one object for all readers and therefore frozen. What changes is replaced or forgotten before the change is acknowledged. */
export interface ProductCache {
  /**
   * In the order of the ids; null for unknown ones. While the store cannot be read: those in memory, null for the others,
   * and `unavailable` when none is. null, too, for damaged ones, which `onDamaged` is told.
   */
  products(ids: readonly string[], onDamaged?: (id: string) => void): Promise<(Product | null)[]>;
  /** Without unknown and damaged ones. What is read from the store is not kept, so that reading everything forgets nothing. */
  readAll(ids: readonly string[]): Promise<readonly Product[]>;
  /** Keeps a product before it is requested, if there is room. */
  keep(product: Product): void;
  changed(id: string, product: Product | null): void;
}

/** `keepsAll`: what is new is kept too, so that a shop goes on from memory while its store is away. */
export function createProductCache(collection: () => Collection<Product>, keepsAll: boolean): ProductCache {
  const cache = new LRUCache<string, Product>({
    maxSize: bytesMax,
    // `max` would take the memory for all entries at once.
    sizeCalculation: sizeOf,
  });
  /** Moves the product to the most recent ones only once the cache is half full, since moving takes longer than reading. */
  const lookUp = (id: string) => (cache.calculatedSize < bytesMax / 2 ? cache.peek(id) : cache.get(id));
  // What changes while a read is on its way must not be overwritten by what that read brings.
  const reading = new Set<Set<string>>();

  async function readOrGoWithout(
    ids: readonly string[],
    canGoWithout: boolean,
    onDamaged: (id: string) => void,
  ): Promise<(Product | null)[]> {
    try {
      return await collection().getMany(ids, { skipDamaged: onDamaged });
    } catch (error) {
      if (canGoWithout && isRapportError(error, 'unavailable')) return [];
      throw error;
    }
  }

  async function fill(
    ids: readonly string[],
    found: (Product | null)[],
    missing: readonly number[],
    onDamaged: (id: string) => void,
  ) {
    const changedMeanwhile = new Set<string>();
    reading.add(changedMeanwhile);
    try {
      const read = await readOrGoWithout(
        missing.map((at) => ids[at]!),
        missing.length < ids.length,
        onDamaged,
      );
      missing.forEach((at, i) => {
        const product = deepFreeze(read[i] ?? null);
        found[at] = product;
        if (product && !changedMeanwhile.has(product.id)) cache.set(product.id, product);
      });
    } finally {
      reading.delete(changedMeanwhile);
    }
    return found;
  }

  return {
    async products(ids, onDamaged = () => undefined) {
      const missing: number[] = [];
      const found: (Product | null)[] = ids.map((id, at) => {
        const product = lookUp(id);
        if (!product && isId(id)) missing.push(at);
        return product ?? null;
      });
      return missing.length === 0 ? found : fill(ids, found, missing, onDamaged);
    },
    async readAll(ids) {
      const found = ids.map((id) => cache.peek(id) ?? null);
      const missing = ids.filter((_, at) => found[at] === null);
      const read = missing.length === 0 ? [] : await collection().getMany(missing, { skipDamaged: true });
      let next = 0;
      return found.map((product) => product ?? read[next++] ?? null).filter((product) => product !== null);
    },
    keep(product) {
      if (cache.calculatedSize + sizeOf(product) <= bytesMax) cache.set(product.id, deepFreeze(product));
    },
    changed(id, product) {
      for (const changed of reading) changed.add(id);
      if (!keepsAll && !cache.has(id)) return;
      if (product) cache.set(id, deepFreeze(product));
      else cache.delete(id);
    },
  };
}

const sizeOf = (product: Product): number => Math.max(bytesMin, estimatedBytes(product));

function estimatedBytes(product: Product): number {
  let bytes = 1_000 + 2 * (product.title.length + product.description.length);
  bytes += product.attributes.length * 160 + product.prices.length * 120 + product.media.length * 250;
  for (const { prices, selectedOptions } of product.variants ?? [])
    bytes += 250 + selectedOptions.length * 80 + (prices?.length ?? 0) * 120;
  for (const text of Object.values(product.translations)) {
    bytes += 200 + 2 * ((text.title?.length ?? 0) + (text.description?.length ?? 0));
  }
  return bytes;
}
