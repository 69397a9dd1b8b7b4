import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import type { SkuDocument } from './documents.js';

/** How long a claim counts whose product was never written: longer than any save takes. */
const claimMs = 60_000;

export interface SkuClaim {
  readonly sku: string;
  readonly productId: string;
}

/** The product of each SKU. Claims are derived from the products; they make a SKU unique and quick to find. */
export interface Skus {
  /** The id of the product that claimed a SKU; the product may have another SKU by now. Null if nobody claimed it. */
  claimantOf(sku: string): Promise<string | null>;
  /** Claims SKUs before their products are written. Returns for each claim, in order, the product that has the SKU already, or null. */
  claim(claims: readonly SkuClaim[]): Promise<(string | null)[]>;
  /** Releases SKUs that their products no longer have. A SKU that was given back to its product meanwhile stays claimed. */
  release(claims: readonly SkuClaim[]): Promise<void>;
  /** Reads all claims. Resolves to what writes those of stored products that are damaged or missing. */
  restorer(): Promise<(products: readonly Product[]) => Promise<void>>;
}

export function createSkus(
  claims: Collection<SkuDocument>,
  products: Collection<Product>,
  nowMs: () => number,
): Skus {
  /** Scans in progress, by SKU, so that several callers share one scan of the products. */
  const restoring = new Map<string, Promise<SkuDocument | null>>();

  async function read(sku: string): Promise<SkuDocument | null> {
    let isDamaged = false;
    const [claim] = await claims.getMany([sku], {
      skipDamaged: () => {
        isDamaged = true;
      },
    });
    return isDamaged ? restoreOne(sku) : (claim ?? null);
  }

  function restoreOne(sku: string): Promise<SkuDocument | null> {
    const running = restoring.get(sku);
    if (running) return running;
    const begun = findOwner(sku).finally(() => restoring.delete(sku));
    restoring.set(sku, begun);
    return begun;
  }

  async function findOwner(sku: string): Promise<SkuDocument | null> {
    for await (const page of products.scan()) {
      const owner = page.find((product) => product.sku === sku);
      if (owner) return writeIfNone({ sku, productId: owner.id });
    }
    return claims.update(sku, (current) => (current ? undefined : null), { skipDamaged: true });
  }

  function writeIfNone({ sku, productId }: SkuClaim): Promise<SkuDocument | null> {
    const claim = { id: sku, productId, claimedAtMs: nowMs() };
    return claims.update(sku, (current) => (current ? undefined : claim), { skipDamaged: true });
  }

  /** A SKU whose owner no longer has it is free; so is one that was claimed for a product that never came to be. */
  async function takeOver({ sku, productId }: SkuClaim): Promise<string | null> {
    const claim = await read(sku);
    if (claim?.productId === productId) return null;
    const free = !claim || (claim.claimedAtMs + claimMs <= nowMs() && !(await mayHave(claim.productId, sku)));
    const kept = await claims.update(sku, (current) => {
      if (current?.productId === productId) return undefined;
      const asSeen = current?.productId === claim?.productId && current?.claimedAtMs === claim?.claimedAtMs;
      return free && (asSeen || !current) ? { id: sku, productId, claimedAtMs: nowMs() } : undefined;
    });
    return kept && kept.productId !== productId ? kept.productId : null;
  }

  /** A damaged product keeps its SKU until it is saved again. */
  async function mayHave(productId: string, sku: string): Promise<boolean> {
    let isDamaged = false;
    const [owner] = await products.getMany([productId], {
      skipDamaged: () => {
        isDamaged = true;
      },
    });
    return isDamaged || owner?.sku === sku;
  }

  return {
    claimantOf: async (sku) => (await read(sku))?.productId ?? null,
    async claim(wanted) {
      const added = await claims.insert(
        wanted.map(({ sku, productId }) => ({ id: sku, productId, claimedAtMs: nowMs() })),
      );
      return Promise.all(wanted.map((claim, i) => (added[i] ? null : takeOver(claim))));
    },
    async release(given) {
      const owners = await products.getMany(
        given.map(({ productId }) => productId),
        { skipDamaged: true },
      );
      await Promise.all(
        given.map(({ sku, productId }, i) => {
          if (owners[i]?.sku === sku) return null;
          return claims.update(sku, (current) => (current?.productId === productId ? null : undefined), {
            skipDamaged: true,
          });
        }),
      );
    },
    async restorer() {
      const claimed = new Set<string>();
      // Reading them one by one takes three times as long, which a start of a large shop would notice.
      for await (const page of claims.scan()) for (const { id } of page) claimed.add(id);
      return async (stored) => {
        const missing: SkuClaim[] = [];
        for (const { sku, id } of stored)
          if (sku !== null && !claimed.has(sku)) missing.push({ sku, productId: id });
        await Promise.all(missing.map(writeIfNone));
      };
    },
  };
}
