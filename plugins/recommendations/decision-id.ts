import { createHash } from 'node:crypto';

/**
 * `<placement>.<digest>`: the same for the same list asked for in the same place, in every channel. Named by what
 * is in it, it needs not be stored to be joined on and can be recomputed when a decision is replayed.
 */
export function decisionIdOf(decision: {
  readonly placement: string;
  readonly storeId: string | null;
  readonly productId: string | null;
  readonly cart: readonly string[];
  /** In the order of the ranking, before any channel's policy. */
  readonly items: readonly string[];
  /** Only of a personalized list. */
  readonly sessionId: string | null;
}): string {
  const { placement, storeId, productId, cart, items, sessionId } = decision;
  const digest = createHash('sha256')
    .update(JSON.stringify([placement, storeId, productId, cart, items, sessionId]))
    .digest('base64url')
    .slice(0, 22);
  return `${placement}.${digest}`;
}

/** The placement named in a decision's id; null for what is none. */
export function placementOf(decisionId: string): string | null {
  const dot = decisionId.indexOf('.');
  return dot > 0 ? decisionId.slice(0, dot) : null;
}
