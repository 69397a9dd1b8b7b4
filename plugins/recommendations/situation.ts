import type { Shelf } from '../../src/ports/catalog.js';
import type { Evidence } from './evidence.js';
import type { Placement, SeedKind } from './placements.js';
import type { Seed } from './recommenders/candidates.js';
import type { Situation } from './recommenders.js';

/** What completes a cart understands so many products together (`recommenders/lending.ts`); what adds rows up reads fewer. */
const seedsMax = 20;
/** A seed counts so much of the one before it. */
const seedDecay = 0.7;
const sessionMax = 30;
const categoriesMax = 2;

export interface SituationParts {
  readonly placement: Placement;
  readonly evidence: Evidence;
  /** -1: no product of the page, or an unknown one. */
  readonly pageItem: number;
  /** Of the request, known and distinct, oldest first. */
  readonly cart: readonly number[];
  readonly storeId: string | null;
  readonly sessionKey: string | null;
  /** Whether the shopper is a customer with a profile, and may be personalized. */
  readonly known: boolean;
  readonly nowMs: number;
  readonly shelf: Shelf;
}

/** Joins what the request says with what the person's history says. */
export function situationOf(parts: SituationParts): {
  readonly situation: Situation;
  readonly excluded: ReadonlySet<number>;
  readonly avoided: ReadonlySet<number>;
} {
  const { placement, evidence, pageItem, cart, storeId, sessionKey, known, nowMs, shelf } = parts;
  const page = pageItem < 0 ? [] : [pageItem];
  const asked = [...cart, ...page];
  const focus = page[0] ?? cart.at(-1) ?? (placement.seeds[0] === 'cart' ? evidence.cart[0] : undefined);
  const session = [...evidence.session.filter((item) => !asked.includes(item)), ...asked].slice(-sessionMax);
  return {
    situation: {
      evidence,
      seeds: seedsOf(placement.seeds, parts),
      session: asked.length === 0 || endsWith(evidence.session, asked) ? evidence.session : session,
      sessionKey,
      storeId,
      known,
      categoryIds: focus === undefined ? [] : shelf.categories(focus).slice(0, categoriesMax),
      nowMs,
    },
    excluded: new Set([...asked, ...evidence.unwanted]),
    avoided: new Set(placement.repeat === 'allow' ? [] : evidence.cart),
  };
}

/** The page is the product that was clicked last: then the session is as it was, with what was clicked twice in it twice. */
function endsWith(session: readonly number[], asked: readonly number[]): boolean {
  return asked.length === 1 && session.at(-1) === asked[0];
}

function seedsOf(kinds: readonly SeedKind[], { evidence, pageItem, cart }: SituationParts): Seed[] {
  for (const kind of kinds) {
    const items = new Set(ofKind(kind));
    if (items.size > 0) {
      return [...items].slice(0, seedsMax).map((item, place) => ({ item, weight: seedDecay ** place }));
    }
  }
  return [];

  function ofKind(kind: SeedKind): readonly number[] {
    switch (kind) {
      case 'page':
        return pageItem < 0 ? [] : [pageItem];
      case 'cart':
        return cart.length > 0 ? cart.toReversed() : evidence.cart;
      case 'lastOrder':
        return evidence.lastOrder;
      case 'session':
        return evidence.session.toReversed();
    }
  }
}
