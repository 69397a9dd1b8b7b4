import type { Shelf } from '../../../src/ports/catalog.js';
import type { SeedKind } from '../../../src/ports/placements.js';
import type { RankingContext, Seed, ShopperProfile } from '../../../src/ports/recommenders.js';
import type { Placement } from '../ranking/placements.js';

import { seedsMax } from '../recommenders/bought-together/basket-reading.js';

/** A seed counts so much of the one before it. */
const seedDecay = 0.7;
const sessionMax = 30;
const categoriesMax = 2;

interface RankingContextParts {
  readonly placement: Placement;
  readonly profile: ShopperProfile;
  /** -1: no product of the page, or an unknown one. */
  readonly pageItem: number;
  /** Of the request, known and distinct, oldest first. */
  readonly cart: readonly number[];
  readonly storeId: string | null;
  readonly sessionKey: string | null;
  /** null if the shopper is no customer or may not be personalized. */
  readonly customerId: string | null;
  readonly nowMs: number;
  readonly shelf: Shelf;
}

/** Joins what the request says with what the person's history says. */
export function rankingContextOf(parts: RankingContextParts): {
  readonly context: RankingContext;
  readonly excluded: ReadonlySet<number>;
  readonly avoided: ReadonlySet<number>;
} {
  const { placement, profile, pageItem, cart, storeId, sessionKey, customerId, nowMs, shelf } = parts;
  const page = pageItem < 0 ? [] : [pageItem];
  // A product that was just taken out of the cart is not recommended beside it.
  const rejected = placement.seeds[0] === 'cart' ? profile.takenOut : [];
  const asked = [...cart, ...page];
  const focus = page[0] ?? cart.at(-1) ?? (placement.seeds[0] === 'cart' ? profile.cart[0] : undefined);
  const session = [...profile.session.filter((item) => !asked.includes(item)), ...asked].slice(-sessionMax);
  return {
    context: {
      profile,
      seeds: seedsOf(placement.seeds, parts),
      session: asked.length === 0 || endsWith(profile.session, asked) ? profile.session : session,
      sessionKey,
      storeId,
      customerId,
      categoryIds: focus === undefined ? [] : shelf.categories(focus).slice(0, categoriesMax),
      nowMs,
    },
    excluded: new Set([...asked, ...profile.unwanted]),
    avoided: new Set(placement.repeat === 'allow' ? [] : [...profile.cart, ...rejected]),
  };
}

/** The page is the product that was clicked last: then the session is as it was, with what was clicked twice in it twice. */
function endsWith(session: readonly number[], asked: readonly number[]): boolean {
  return asked.length === 1 && session.at(-1) === asked[0];
}

function seedsOf(kinds: readonly SeedKind[], { profile, pageItem, cart }: RankingContextParts): Seed[] {
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
        return cart.length > 0 ? cart.toReversed() : profile.cart;
      case 'lastOrder':
        return profile.lastOrder;
      case 'session':
        return profile.session.toReversed();
    }
  }
}
