import type { Role } from '../context.js';

export type ProductStatus = 'ACTIVE' | 'DRAFT' | 'ARCHIVED';

/**
 * Returns whether a caller may see a product of this status: a STOREFRONT only what is published (ACTIVE), every other role all of
 * them. Ask it wherever a product, or a text made from one, leaves a plugin.
 */
export function maySee(role: Role, status: ProductStatus | null): boolean {
  return status === 'ACTIVE' || (role !== 'STOREFRONT' && status !== null);
}

/**
 * True if a product in a shopper's history says something about them to this caller. One that was never published does not: its brand
 * and categories would show in what is recommended and found. An archived one does, since the shopper saw it when it was published.
 */
export function countsInHistory(role: Role, status: ProductStatus | null): boolean {
  return maySee(role, status) || status === 'ARCHIVED';
}
