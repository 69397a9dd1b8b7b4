import type { Contributed } from '../contributed.js';
import type { Catalog } from './catalog.js';
import type { Permit } from './consent.js';
import type { Shopper } from './customers.js';
import type { ProductFilter } from './search.js';

/** The list whose products are ranked. */
export type RankingSurface =
  | {
      readonly kind: 'placement';
      readonly placement: string;
      /** The product of the page; null without one. */
      readonly productId: string | null;
      readonly cart: readonly string[];
    }
  | { readonly kind: 'search'; readonly query: string; readonly filter: ProductFilter }
  | { readonly kind: 'browse'; readonly filter: ProductFilter };

/** The shopper, list and moment that products are ranked for. */
export interface RankingRequest {
  /** null: a listing that is the same for everybody. */
  readonly shopper: Shopper | null;
  /** null: nothing personal may be used. */
  readonly permit: Permit<'PERSONALIZATION'> | null;
  readonly surface: RankingSurface;
  /** The moment of the decision: now, or a later one that is previewed. */
  readonly atMs: number;
}

/** Products that a change is about: all given parts must hold. At least one is given. */
export type ProductTarget = Pick<ProductFilter, 'ids' | 'brands' | 'categoryId'>;

/**
 * - `pin`: the products of `ids` stand from this position on (from 1), if they can be shown at all. Of two pins to one position the
 *   first has it, and the other stands behind.
 * - `factor`: raises (above 1) or lowers what a product is ranked by; factors of several changes are multiplied.
 * - `hide`: the products are not shown. It wins over every other effect.
 * - `only`: no other products are shown; of several, those in all of them.
 */
export type RankingEffect = { readonly pin: number } | { readonly factor: number } | 'hide' | 'only';

/** A change of a ranking, as data. It is applied before the list is cut and before products that a channel cannot use are left out. */
export interface RankingChange {
  /** Stable; returned with the list as an applied rule. 1 to 128 characters. */
  readonly ruleId: string;
  readonly target: ProductTarget;
  readonly effect: RankingEffect;
}

/** Leads shoppers who search to a page of the shop. It changes no list. */
export interface Redirect {
  /** As of a change. */
  readonly ruleId: string;
  /** 1 to 2,000 characters. */
  readonly url: string;
}

/** Changes rankings in recommendations, search and listings, the same for every channel. */
export interface RankingRule {
  /** False: it changes nothing now, and `changes` is not called. If omitted, it is always called. */
  isActive?(request: RankingRequest): boolean;
  /** At most 100 changes and redirects. A rule that throws, or is not there within 100 ms, is left out of the response, which is then degraded. */
  changes(
    request: RankingRequest,
  ): readonly (RankingChange | Redirect)[] | Promise<readonly (RankingChange | Redirect)[]>;
}

/** The changes of all rules to one request. */
export interface RankingChanges {
  /** In the order of the rules. */
  readonly changes: readonly RankingChange[];
  /** The first; null without one. */
  readonly redirect: Redirect | null;
  /** A rule was left out. */
  readonly degraded: boolean;
}

const deadlineMs = 100;
/** Changes and redirects of one rule. */
export const changesMax = 100;
const idsMax = 1_000;
/** Of a pin. */
export const positionMax = 100;
export const factorMax = 1_000;
export const urlCharsMax = 2_000;

export const nothingChanged: RankingChanges = { changes: [], redirect: null, degraded: false };

/** The changes of all rules that are active. */
export async function changesOf(
  contributed: readonly Contributed<RankingRule>[],
  request: RankingRequest,
): Promise<RankingChanges> {
  const rules = contributed.filter(
    (rule) => rule.attempt((each) => each.isActive?.(request) ?? true) !== false,
  );
  if (rules.length === 0) return nothingChanged;
  const asked = await Promise.all(
    rules.map((rule) => rule.call(deadlineMs, async (each) => checkChanges(await each.changes(request)))),
  );
  const all = asked.flatMap((changes) => changes ?? []);
  return {
    changes: all.filter((change): change is RankingChange => !isRedirect(change)),
    redirect: all.find(isRedirect) ?? null,
    degraded: asked.includes(null),
  };
}

function isRedirect(change: RankingChange | Redirect): change is Redirect {
  return 'url' in change;
}

/** Throws a TypeError that names the change and what is allowed. */
function checkChanges(changes: readonly (RankingChange | Redirect)[]): readonly (RankingChange | Redirect)[] {
  if (!Array.isArray(changes) || changes.length > changesMax)
    throw new TypeError(`a ranking rule returns an array of at most ${changesMax} changes`);
  for (const change of changes) {
    const { ruleId } = change;
    const refuse = (what: string): never => {
      throw new TypeError(`the change of rule "${String(ruleId).slice(0, 128)}" ${what}`);
    };
    if (typeof ruleId !== 'string' || ruleId.length < 1 || ruleId.length > 128)
      refuse('has no id of 1 to 128 characters');
    if (isRedirect(change)) {
      if (typeof change.url !== 'string' || change.url === '' || change.url.length > urlCharsMax)
        refuse(`leads to no URL of 1 to ${urlCharsMax} characters`);
      continue;
    }
    const { target, effect } = change;
    if (!target.ids && !target.brands && (target.categoryId ?? null) === null)
      refuse('has no target; name ids, brands or categoryId');
    if ((target.ids?.length ?? 0) > idsMax) refuse(`names more than ${idsMax} products`);
    if (effect === 'hide' || effect === 'only') continue;
    if ('pin' in effect) {
      const { pin } = effect;
      if (!Number.isInteger(pin) || pin < 1 || pin > positionMax)
        refuse(`pins to position ${pin}; 1 to ${positionMax} is allowed`);
      if (!target.ids) refuse('pins products that it does not name by ids');
    } else if (!(effect.factor > 0 && effect.factor <= factorMax))
      refuse(`has the factor ${effect.factor}; above 0 and at most ${factorMax} is allowed`);
  }
  return changes;
}

/** Checked changes, compiled for products by their internal id. */
export interface Reranking {
  /** In order and without repetition. */
  readonly ruleIds: readonly string[];
  shows(item: number): boolean;
  /** The product of all factors for an item; 1 changes nothing. */
  factor(item: number): number;
  readonly hasFactors: boolean;
  /** The changes that are about an item, in order. */
  rulesFor(item: number): readonly Pick<RankingChange, 'ruleId' | 'effect'>[];
  /** The pinned products that can be shown, each once, by their place in the list (from 0), ascending. */
  pins(canShow: (item: number) => boolean): readonly { readonly place: number; readonly item: number }[];
}

type Products = Pick<Catalog, 'shelf' | 'descendants'>;

/** Returns whether a code, as events and carts have it, names a product of a target. False for codes that no product has. */
export function targetOf(target: ProductTarget, catalog: Products): (code: string) => boolean {
  const matches = matcherOf(target, catalog);
  const { numberOf } = catalog.shelf;
  return (code) => {
    const item = numberOf(code);
    return item >= 0 && matches(item);
  };
}

export function rerankingOf(changes: readonly RankingChange[], catalog: Products): Reranking {
  const compiled = changes.map(({ ruleId, target, effect }) => ({
    ruleId,
    effect,
    matches: matcherOf(target, catalog),
  }));
  const hidden = compiled.filter(({ effect }) => effect === 'hide');
  const only = compiled.filter(({ effect }) => effect === 'only');
  const factors = compiled.flatMap(({ effect, matches }) =>
    typeof effect === 'object' && 'factor' in effect ? [{ factor: effect.factor, matches }] : [],
  );
  const shows = (item: number): boolean =>
    !hidden.some(({ matches }) => matches(item)) && only.every(({ matches }) => matches(item));

  const pinned = changes.flatMap(({ target, effect }) =>
    typeof effect === 'object' && 'pin' in effect
      ? (target.ids ?? []).map((id) => ({ item: catalog.shelf.numberOf(id), from: effect.pin - 1 }))
      : [],
  );
  return {
    ruleIds: [...new Set(changes.map(({ ruleId }) => ruleId))],
    shows,
    factor(item) {
      let product = 1;
      for (const { factor, matches } of factors) if (matches(item)) product *= factor;
      return product;
    },
    hasFactors: factors.length > 0,
    rulesFor: (item) =>
      compiled.flatMap(({ ruleId, effect, matches }) => (matches(item) ? [{ ruleId, effect }] : [])),
    pins(canShow) {
      const places = new Map<number, number>();
      const placed = new Set<number>();
      for (const { item, from } of pinned) {
        if (item < 0 || placed.has(item) || !shows(item) || !canShow(item)) continue;
        let place = from;
        while (places.has(place)) place++;
        places.set(place, item);
        placed.add(item);
      }
      return [...places].sort(([a], [b]) => a - b).map(([place, item]) => ({ place, item }));
    },
  };
}

function matcherOf(
  { ids, brands, categoryId }: ProductTarget,
  { shelf, descendants }: Products,
): (item: number) => boolean {
  const items = ids ? new Set(ids.map((id) => shelf.numberOf(id))) : null;
  const names = brands ? new Set(brands) : null;
  const categories =
    (categoryId ?? null) === null ? null : new Set([categoryId!, ...descendants(categoryId!)]);
  return (item) =>
    (items === null || items.has(item)) &&
    (names === null || names.has(shelf.brand(item) ?? '')) &&
    (categories === null || shelf.categories(item).some((id) => categories.has(id)));
}

/** Inserts pinned products at their places in a list that has none of them. A place behind the end becomes the end. */
export function withPins<T>(
  list: readonly T[],
  pins: readonly { readonly place: number; readonly entry: T }[],
): T[] {
  const pinned = [...list];
  for (const { place, entry } of pins) pinned.splice(place, 0, entry);
  return pinned;
}
