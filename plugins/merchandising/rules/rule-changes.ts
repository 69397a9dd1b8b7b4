import type { Context } from '../../../src/context.js';
import type { MerchandisingRule, RuleAction, RuleCondition } from '../../../src/ports/merchandising.js';
import type { RankingChange, RankingRequest, Redirect } from '../../../src/ports/ranking.js';
import { foldedTerm } from '../synonyms/synonym-input.js';

/** All ids of a category and those below it. */
type Descendants = (categoryId: string) => readonly string[];

/** A request with what each rule looks at, made once for all of them. */
export interface RuledRequest {
  readonly request: RankingRequest;
  /** The folded text of a search between blanks; null: no search. */
  readonly searched: string | null;
  /** The category of a listing or search; null without one. */
  readonly categoryId: string | null;
}

export function ruledRequest(request: RankingRequest): RuledRequest {
  const { surface } = request;
  return {
    request,
    searched: surface.kind === 'search' ? blanked(surface.query) : null,
    categoryId: surface.kind === 'placement' ? null : (surface.filter.categoryId ?? null),
  };
}

/** True if a rule holds for a list, at its moment. */
export function holds(
  { enabled, when }: MerchandisingRule,
  { request: { shopper, surface, atMs }, searched, categoryId: shown }: RuledRequest,
  descendants: Descendants,
): boolean {
  const { query, placements, categoryId, fromMs, untilMs } = when;
  if (!enabled || atMs < (fromMs ?? atMs) || (untilMs !== null && atMs >= untilMs)) return false;
  if (!holdsInPlace(when, shopper?.context ?? null)) return false;
  if (placements !== null) return surface.kind === 'placement' && placements.includes(surface.placement);
  if (query !== null && (searched === null || !holdsForText(query, searched))) return false;
  if (categoryId === null) return true;
  return shown !== null && (shown === categoryId || descendants(categoryId).includes(shown));
}

/** The texts of rules as they are compared: a rule is looked at for each request. */
const texts = new WeakMap<NonNullable<RuleCondition['query']>, string>();

function holdsForText(query: NonNullable<RuleCondition['query']>, searched: string): boolean {
  if (query.match === 'ANY') return true;
  let wanted = texts.get(query);
  if (wanted === undefined) {
    wanted = blanked(query.text ?? '');
    texts.set(query, wanted);
  }
  return query.match === 'EXACT' ? searched === wanted : searched.includes(wanted);
}

/** Between blanks, so that a part of a text is found at the borders of words only. */
function blanked(text: string): string {
  return ` ${foldedTerm(text)} `;
}

/** Public listings are of no channel, store or language. */
function holdsInPlace({ channels, storeIds, locales }: RuleCondition, context: Context | null): boolean {
  if (context === null) return channels === null && storeIds === null && locales === null;
  const { channel, storeId, locale } = context;
  return (
    (channels === null || channels.includes(channel)) &&
    (storeIds === null || (storeId !== null && storeIds.includes(storeId))) &&
    (locales === null || locales.some((tag) => locale === tag || locale.startsWith(`${tag}-`)))
  );
}

/** An action as the change of a ranking. */
export function changeOf(ruleId: string, action: RuleAction): RankingChange | Redirect {
  if ('pin' in action) {
    const { productId, position } = action.pin;
    return { ruleId, target: { ids: [productId] }, effect: { pin: position } };
  }
  if ('boost' in action)
    return { ruleId, target: action.boost.filter, effect: { factor: action.boost.factor } };
  if ('bury' in action) return { ruleId, target: action.bury.filter, effect: { factor: action.bury.factor } };
  if ('hide' in action) return { ruleId, target: action.hide.filter, effect: 'hide' };
  if ('filter' in action) return { ruleId, target: action.filter.filter, effect: 'only' };
  return { ruleId, url: action.redirect.url };
}
