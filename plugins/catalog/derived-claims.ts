import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import { type ClaimKeeper, type Code, claimId, claimMs, codeOf, codesOf } from './claims.js';
import type { ClaimDocument, ProductCodesDocument } from './documents.js';

const idsPerRead = 1_000;

/** The collections and the index that claims are derived from. */
export interface ClaimSources {
  /** One document a claim, as earlier releases wrote them. */
  readonly older: Collection<ClaimDocument>;
  readonly records: Collection<ProductCodesDocument>;
  readonly products: Collection<Product>;
  /** The product that has a code, from memory; it knows each product that was acknowledged. */
  ownerOf(code: Code): string | null;
  nowMs(): number;
}

export interface DerivedClaims extends ClaimKeeper {
  /** Reads the codes of products that are damaged. To be called once, before the first claim. */
  start(damagedIds: readonly string[]): Promise<void>;
  /** To be called when the index has a product, or no longer has it (null). */
  changed(id: string, product: Product | null): void;
}

/**
 * Claims of a store that one process uses alone. The products in memory say who has a code, so only claims of products that are being
 * written are kept, in memory. The codes of each product stand in one record beside it, which is read only when the product is damaged.
 */
export function createDerivedClaims({
  older,
  records,
  products,
  ownerOf,
  nowMs,
}: ClaimSources): DerivedClaims {
  /** Claims of products that are not written yet, the oldest first. */
  const pending = new Map<string, ClaimDocument>();
  /** The products of codes that are only in a record. */
  const ofDamaged = new Map<string, string>();
  let hasOlder = false;

  function holder(id: string): ClaimDocument | null {
    const claim = pending.get(id);
    if (claim) return claim;
    const productId = ownerOf(codeOf(id)) ?? ofDamaged.get(id) ?? null;
    return productId === null ? null : { id, productId, claimedAtMs: 0 };
  }

  async function readOlder(ids: readonly string[]): Promise<readonly (ClaimDocument | null)[]> {
    return hasOlder ? older.getMany(ids, { skipDamaged: true }) : [];
  }

  function forgetExpired(): void {
    for (const [id, { claimedAtMs }] of pending) {
      if (claimedAtMs + claimMs > nowMs()) return;
      pending.delete(id);
    }
  }

  async function codesOfStored(productId: string): Promise<readonly string[]> {
    const [product] = await products.getMany([productId], { skipDamaged: true });
    return product ? codesOf(product).map(claimId) : [];
  }

  /** A record that is lost or damaged is written again with all codes of its product. */
  async function addToRecord(productId: string, ids: readonly string[]): Promise<void> {
    const stored = await codesOfStored(productId);
    await records.update(
      productId,
      (current) => {
        const codes = new Set(current?.codes ?? stored);
        const before = codes.size;
        for (const id of ids) codes.add(id);
        return current && codes.size === before ? undefined : { id: productId, codes: [...codes] };
      },
      { skipDamaged: true },
    );
  }

  async function record(claims: readonly ClaimDocument[]): Promise<void> {
    const fresh = [...byProduct(claims)].map(([id, codes]) => ({ id, codes }));
    if (fresh.length === 0) return;
    const added = await records.insert(fresh);
    await Promise.all(fresh.map(({ id, codes }, i) => (added[i] ? null : addToRecord(id, codes))));
  }

  /** Claims that could not be recorded do not count. */
  async function keep(claims: readonly ClaimDocument[]): Promise<void> {
    for (const claim of claims) {
      pending.delete(claim.id);
      pending.set(claim.id, claim);
    }
    try {
      await record(claims);
    } catch (error) {
      for (const claim of claims) if (pending.get(claim.id) === claim) pending.delete(claim.id);
      throw error;
    }
  }

  return {
    async start(damagedIds) {
      hasOlder = (await older.count()) > 0;
      for (let at = 0; at < damagedIds.length; at += idsPerRead) {
        const ids = damagedIds.slice(at, at + idsPerRead);
        for (const found of await records.getMany(ids, { skipDamaged: true }))
          for (const code of found?.codes ?? []) ofDamaged.set(code, found!.id);
      }
    },
    changed(id, product) {
      for (const [code, productId] of ofDamaged) if (productId === id) ofDamaged.delete(code);
      if (!product || pending.size === 0) return;
      for (const code of codesOf(product)) {
        const claim = claimId(code);
        if (pending.get(claim)?.productId === id) pending.delete(claim);
      }
    },
    async read(id) {
      return holder(id) ?? (await readOlder([id]))[0] ?? null;
    },
    async insert(documents) {
      forgetExpired();
      const before = await readOlder(documents.map(({ id }) => id));
      const wanted = new Set<string>();
      const added = documents.map(({ id }, i) => {
        if (holder(id) || before[i] || wanted.has(id)) return false;
        wanted.add(id);
        return true;
      });
      await keep(documents.filter((_, i) => added[i]));
      return added;
    },
    async update(id, change) {
      const [before = null] = await readOlder([id]);
      const current = holder(id) ?? before;
      const next = change(current);
      if (next === undefined) return current;
      await keep([next]);
      return next;
    },
    async restore({ id, productId }) {
      await addToRecord(productId, [id]);
      if (hasOlder) await older.remove([id]);
    },
    async release(claims) {
      for (const { id, productId } of claims)
        if (pending.get(id)?.productId === productId) pending.delete(id);
      await Promise.all(
        [...byProduct(claims)].map(([productId, ids]) => {
          const gone = new Set(ids);
          return records.update(
            productId,
            (current) => {
              if (!current) return undefined;
              const codes = current.codes.filter((code) => !gone.has(code));
              return codes.length === 0 ? null : { id: productId, codes };
            },
            { skipDamaged: true },
          );
        }),
      );
      if (!hasOlder) return;
      const before = await readOlder(claims.map(({ id }) => id));
      await older.remove(
        claims.flatMap(({ id, productId }, i) => (before[i]?.productId === productId ? [id] : [])),
      );
    },
  };
}

function byProduct(
  claims: readonly { readonly id: string; readonly productId: string }[],
): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const { id, productId } of claims) {
    const ids = grouped.get(productId);
    if (ids) ids.push(id);
    else grouped.set(productId, [id]);
  }
  return grouped;
}
