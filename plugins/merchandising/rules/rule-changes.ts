import type { Context } from '../../../src/context.js';
import type { MerchandisingRule, RuleAction, RuleCondition } from '../../../src/ports/merchandising.js';
import type { RankingChange, RankingRequest, RankingSurface, Redirect } from '../../../src/ports/ranking.js';
import { foldedTerm } from '../synonyms/synonym-input.js';

/** All ids of a category and those below it. */
type Descendants = (categoryId: string) => readonly string[];

/** Whether a rule holds for a list, at its moment. */
export function holds(
  { enabled, when }: MerchandisingRule,
  { shopper, surface, atMs }: RankingRequest,
  descendants: Descendants,
): boolean {
  return (
    enabled &&
    atMs >= (when.fromMs ?? Number.NEGATIVE_INFINITY) &&
    atMs < (when.untilMs ?? Number.POSITIVE_INFINITY) &&
    holdsOnSurface(when, surface, descendants) &&
    holdsInPlace(when, shopper?.context ?? null)
  );
}

function holdsOnSurface(
  { query, placements, categoryId }: RuleCondition,
  surface: RankingSurface,
  descendants: Descendants,
): boolean {
  if (placements !== null) return surface.kind === 'placement' && placements.includes(surface.placement);
  if (query !== null && !(surface.kind === 'search' && holdsForText(query, surface.query))) return false;
  if (categoryId === null) return true;
  if (surface.kind === 'placement') return false;
  const shown = surface.filter.categoryId ?? null;
  return shown !== null && (shown === categoryId || descendants(categoryId).includes(shown));
}

function holdsForText({ match, text }: NonNullable<RuleCondition['query']>, searched: string): boolean {
  if (match === 'ANY') return true;
  const [wanted, found] = [foldedTerm(text ?? ''), foldedTerm(searched)];
  return match === 'EXACT' ? found === wanted : ` ${found} `.includes(` ${wanted} `);
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
