import type { Product } from '../../../src/ports/catalog.js';
import type { EventType } from '../../../src/ports/events.js';
import type { Reranking } from '../../../src/ports/ranking.js';
import type {
  AbsenceReason,
  ExampleProfile,
  RecommendationExplanation,
} from '../../../src/ports/recommendations.js';
import type { RankingContext } from '../../../src/ports/recommenders.js';
import type { Objection } from '../ranking/ranked.js';
import type { ProfileEvent } from '../serving/profile.js';
import type { Traced } from './ranking-trace.js';

/** The history of an example profile, newest first. */
export function historyOf(example: ExampleProfile, nowMs: number): ProfileEvent[] {
  const eventOf = (type: EventType, productIds: readonly string[], atMs = nowMs): ProfileEvent => ({
    type,
    sessionId: 'example',
    customerId: null,
    productIds,
    quantities: null,
    value: null,
    atMs,
  });
  const { viewed, cart, dismissed, bought } = example;
  const orderTimes = [...new Set(bought.map(({ atMs }) => atMs))].sort((one, other) => other - one);
  const boughtAt = (timeMs: number) =>
    bought.filter(({ atMs }) => atMs === timeMs).map(({ productId }) => productId);
  return [
    ...cart.toReversed().map((id) => eventOf('PRODUCT_ADDED_TO_CART', [id])),
    ...viewed.toReversed().map((id) => eventOf('PRODUCT_VIEWED', [id])),
    ...dismissed.map((id) => eventOf('PRODUCT_DISMISSED', [id])),
    ...orderTimes.map((atMs) => eventOf('ORDER_COMPLETED', boughtAt(atMs), atMs)),
  ];
}

export interface Explained {
  readonly product: Product;
  readonly item: number;
  readonly traced: Traced;
  readonly context: RankingContext;
  readonly pageItem: number;
  readonly reranking: Reranking | null;
  /** The position in the list of the channel, from 1; null if it is not in it. */
  readonly position: number | null;
  /** The reason why the channel leaves it out. */
  readonly omission: AbsenceReason | null;
  /** The source of a recommender. */
  sourceOf(name: string): string;
}

/** Puts together what was recorded of one product. */
export function explanationOf(
  explained: Explained,
): Omit<RecommendationExplanation, 'decisionId' | 'lastScore' | 'degraded'> {
  const { product, item, traced, position, reranking } = explained;
  const { objection, ...recorded } = traced;
  return {
    ...recorded,
    product,
    position,
    absence: position === null ? absenceOf(explained, objection) : null,
    recommenders: recorded.recommenders.map((each) => ({
      ...each,
      source: explained.sourceOf(each.name),
    })),
    rules: reranking?.rulesFor(item) ?? [],
  };
}

function absenceOf(
  { item, traced, context, pageItem, omission }: Explained,
  objection: Objection | null,
): AbsenceReason {
  if (omission !== null) return omission;
  if (objection !== null) return reasonFor(objection);
  if (traced.exploration === 'DISPLACED') return 'DISPLACED_BY_EXPLORATION';
  return traced.blendedScore === null ? 'NOT_PROPOSED' : 'RANKED_BELOW';

  function reasonFor(objection: Objection): AbsenceReason {
    if (objection !== 'EXCLUDED') return objection;
    if (item === pageItem) return 'ON_PAGE';
    return context.profile.unwanted.has(item) ? 'DISMISSED' : 'IN_CART';
  }
}
