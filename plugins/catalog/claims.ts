import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import type { ReferenceKind } from '../../src/ports/variants.js';
import type { ClaimDocument } from './documents.js';

/** How long a claim counts whose product was never written: longer than any save takes. */
export const claimMs = 60_000;

/** A code that names one product. */
export interface Code {
  readonly kind: Exclude<ReferenceKind, 'productId'>;
  /** A GTIN in its 14 digits. */
  readonly text: string;
}

export interface Claim extends Code {
  readonly productId: string;
}

/** Where claims are kept: in documents (`claim-documents.ts`), or in memory if no other process writes (`derived-claims.ts`). */
export interface ClaimKeeper {
  /** Null if nobody claimed the code, or if the claim is damaged. */
  read(id: string): Promise<ClaimDocument | null>;
  /** Adds those whose code nobody has claimed, and returns true for them. At most 1,000. */
  insert(documents: readonly ClaimDocument[]): Promise<boolean[]>;
  /** Lets `change` replace a claim, or leave it with undefined; nobody else writes in between. Returns the claim afterwards. */
  update(
    id: string,
    change: (current: ClaimDocument | null) => ClaimDocument | undefined,
  ): Promise<ClaimDocument | null>;
  /** Writes what is lost or damaged of the claim of a product that has the code. */
  restore(document: ClaimDocument): Promise<void>;
  /** Removes those claims that are still of their products. */
  release(claims: readonly Pick<ClaimDocument, 'id' | 'productId'>[]): Promise<void>;
}

/**
 * Makes each SKU, GTIN, variant id and handle name one product. A saver claims each new code before it writes the product, so
 * that one of two savers wins. Claims follow from the products, which are the truth: a lost or damaged one is written again
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

/** All codes of a product. Its id counts as a variant id, so that no other product has a variant with that id. */
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
  codes.push({ kind: 'variantId', text: id });
  return codes;
}

/** The id of a claim. That of a SKU is the SKU, as it was when there were no other codes; no id may contain a line break. */
export function claimId({ kind, text }: Code): string {
  return kind === 'sku' ? text : `${kind}\n${text}`;
}

/** The code of a claim. */
export function codeOf(id: string): Code {
  const [kind, text] = id.split('\n');
  if (text === undefined) return { kind: 'sku', text: id };
  return { kind: kind === 'gtin' || kind === 'handle' ? kind : 'variantId', text };
}

function has(product: Product | null, code: Code): boolean {
  return product !== null && codesOf(product).some((own) => own.kind === code.kind && own.text === code.text);
}

/** `ownerOf`: the product that has a code, as far as this process knows. */
export function createClaims(
  claims: ClaimKeeper,
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
    await claims.restore(restored);
    return owner;
  }

  /** A code whose owner no longer has it is free; so is one that was claimed for a product that never came to be. */
  async function takeOver(claim: Claim): Promise<string | null> {
    const id = claimId(claim);
    const current = await claims.read(id);
    if (current?.productId === claim.productId) return null;
    const free =
      !current || (current.claimedAtMs + claimMs <= nowMs() && !(await mayHave(current.productId, claim)));
    const kept = await claims.update(id, (now) => {
      if (now?.productId === claim.productId) return undefined;
      const asSeen = now?.productId === current?.productId && now?.claimedAtMs === current?.claimedAtMs;
      return free && (asSeen || !now) ? documentOf(claim) : undefined;
    });
    return kept && kept.productId !== claim.productId ? kept.productId : null;
  }

  return {
    async claimantOf(code) {
      return (await claims.read(claimId(code)))?.productId ?? null;
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
      await claims.release(
        given
          .filter((claim) => !has(owners.get(claim.productId) ?? null, claim))
          .map((claim) => ({ id: claimId(claim), productId: claim.productId })),
      );
    },
  };
}
