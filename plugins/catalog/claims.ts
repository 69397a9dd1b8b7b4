import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import type { ReferenceKind } from '../../src/ports/variants.js';
import type { ClaimDocument } from './documents.js';

/** How long a claim counts whose product was never written: longer than any save takes. */
const claimMs = 60_000;

/** A code that names one product. */
export interface Code {
  readonly kind: Exclude<ReferenceKind, 'productId'>;
  /** A GTIN in its 14 digits. */
  readonly text: string;
}

export interface Claim extends Code {
  readonly productId: string;
}

/**
 * Makes each SKU, GTIN, variant id and handle name one product. A saver inserts a document for each new code before the product, so
 * one insert decides between two savers. Claims follow from the products, which are the truth: a lost or damaged one is written again
 * when somebody wants its code.
 */
export interface Claims {
  /** The product that claimed a code; it may have another by now. Null if none did, or if the claim is damaged. */
  claimantOf(code: Code): Promise<string | null>;
  /** Claims codes before their products are written. Returns for each, in order, the product that has the code already, or null. */
  claim(claims: readonly Claim[]): Promise<(string | null)[]>;
  /** Releases codes that their products no longer have. A code that was given back to its product meanwhile stays claimed. */
  release(claims: readonly Claim[]): Promise<void>;
}

/** All codes of a product but its id. */
export function codesOf(product: Product): Code[] {
  const { id, handle, sku, gtin, variants = [] } = product;
  const codes: Code[] = [];
  if (handle !== undefined) codes.push({ kind: 'handle', text: handle });
  if (sku !== null) codes.push({ kind: 'sku', text: sku });
  if (gtin !== undefined) codes.push({ kind: 'gtin', text: gtin });
  for (const variant of variants) {
    if (variant.id !== id) codes.push({ kind: 'variantId', text: variant.id });
    if (variant.sku !== undefined) codes.push({ kind: 'sku', text: variant.sku });
    if (variant.gtin !== undefined) codes.push({ kind: 'gtin', text: variant.gtin });
  }
  return codes;
}

/** The id of a claim. That of a SKU is the SKU, as it was when there were no other codes; no id may contain a line break. */
export function claimId({ kind, text }: Code): string {
  return kind === 'sku' ? text : `${kind}\n${text}`;
}

function has(product: Product | null, code: Code): boolean {
  return product !== null && codesOf(product).some((own) => own.kind === code.kind && own.text === code.text);
}

/** `ownerOf`: the product that has a code, as far as this process knows. */
export function createClaims(
  claims: Collection<ClaimDocument>,
  products: Collection<Product>,
  ownerOf: (code: Code) => string | null,
  nowMs: () => number,
): Claims {
  const documentOf = (claim: Claim): ClaimDocument => ({
    id: claimId(claim),
    productId: claim.productId,
    claimedAtMs: nowMs(),
  });

  /** A damaged product keeps its codes until it is saved again. */
  async function mayHave(productId: string, code: Code): Promise<boolean> {
    let isDamaged = false;
    const [owner = null] = await products.getMany([productId], {
      skipDamaged: () => {
        isDamaged = true;
      },
    });
    return isDamaged || has(owner, code);
  }

  /** The product that has the code, if another one does; its claim is written again if that was lost. */
  async function otherOwner(claim: Claim): Promise<string | null> {
    const owner = ownerOf(claim);
    if (owner === null || owner === claim.productId || !(await mayHave(owner, claim))) return null;
    const restored = documentOf({ ...claim, productId: owner });
    await claims.update(restored.id, (current) => (current ? undefined : restored), { skipDamaged: true });
    return owner;
  }

  /** A code whose owner no longer has it is free; so is one that was claimed for a product that never came to be. */
  async function takeOver(claim: Claim): Promise<string | null> {
    const id = claimId(claim);
    const [current = null] = await claims.getMany([id], { skipDamaged: true });
    if (current?.productId === claim.productId) return null;
    const free =
      !current || (current.claimedAtMs + claimMs <= nowMs() && !(await mayHave(current.productId, claim)));
    const kept = await claims.update(
      id,
      (now) => {
        if (now?.productId === claim.productId) return undefined;
        const asSeen = now?.productId === current?.productId && now?.claimedAtMs === current?.claimedAtMs;
        return free && (asSeen || !now) ? documentOf(claim) : undefined;
      },
      { skipDamaged: true },
    );
    return kept && kept.productId !== claim.productId ? kept.productId : null;
  }

  return {
    async claimantOf(code) {
      const [claim] = await claims.getMany([claimId(code)], { skipDamaged: true });
      return claim?.productId ?? null;
    },
    async claim(wanted) {
      const owners = await Promise.all(
        wanted.map((claim) => (ownerOf(claim) === null ? null : otherOwner(claim))),
      );
      const free = wanted.filter((_, i) => owners[i] === null);
      const added: boolean[] = [];
      for (let at = 0; at < free.length; at += 1_000)
        added.push(...(await claims.insert(free.slice(at, at + 1_000).map(documentOf))));
      const taken = await Promise.all(free.map((claim, i) => (added[i] ? null : takeOver(claim))));
      let next = 0;
      return owners.map((owner) => (owner === null ? taken[next++]! : owner));
    },
    async release(given) {
      const ids = [...new Set(given.map(({ productId }) => productId))];
      const owners = new Map<string, Product>();
      for (const owner of await products.getMany(ids, { skipDamaged: true }))
        if (owner) owners.set(owner.id, owner);
      await Promise.all(
        given.map((claim) => {
          if (has(owners.get(claim.productId) ?? null, claim)) return null;
          return claims.update(
            claimId(claim),
            (current) => (current?.productId === claim.productId ? null : undefined),
            { skipDamaged: true },
          );
        }),
      );
    },
  };
}
