import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import type { SkuDocument } from './documents.js';

/** How long a claim counts whose product was never written: longer than any save takes. */
const claimMs = 60_000;

export interface SkuClaim {
  readonly sku: string;
  readonly productId: string;
}

/** Claims SKUs before their products are written. Answers, in the order of the claims, null or the product that has the SKU. */
export async function claimSkus(
  skus: Collection<SkuDocument>,
  products: Collection<Product>,
  claims: readonly SkuClaim[],
  nowMs: number,
): Promise<(string | null)[]> {
  const added = await skus.insert(
    claims.map(({ sku, productId }) => ({ id: sku, productId, claimedAtMs: nowMs })),
  );
  return Promise.all(claims.map((claim, i) => (added[i] ? null : takeOver(skus, products, claim, nowMs))));
}

/** A SKU whose owner no longer has it is free; so is one that was claimed for a product that never came to be. */
async function takeOver(
  skus: Collection<SkuDocument>,
  products: Collection<Product>,
  { sku, productId }: SkuClaim,
  nowMs: number,
): Promise<string | null> {
  const claim = await skus.get(sku);
  if (claim?.productId === productId) return null;
  const owner = claim && (await products.get(claim.productId));
  const free = !claim || (owner?.sku !== sku && claim.claimedAtMs + claimMs <= nowMs);
  const kept = await skus.update(sku, (current) => {
    if (current?.productId === productId) return undefined;
    const asSeen = current?.productId === claim?.productId && current?.claimedAtMs === claim?.claimedAtMs;
    return free && (asSeen || !current) ? { id: sku, productId, claimedAtMs: nowMs } : undefined;
  });
  return kept && kept.productId !== productId ? kept.productId : null;
}

/** Gives up SKUs that their products no longer have; one that came back to its product meanwhile stays. */
export async function releaseSkus(
  skus: Collection<SkuDocument>,
  products: Collection<Product>,
  claims: readonly SkuClaim[],
): Promise<void> {
  const owners = await products.getMany(
    claims.map(({ productId }) => productId),
    { skipDamaged: true },
  );
  await Promise.all(
    claims.map(({ sku, productId }, i) => {
      if (owners[i]?.sku === sku) return null;
      return skus.update(sku, (current) => (current?.productId === productId ? null : undefined));
    }),
  );
}
