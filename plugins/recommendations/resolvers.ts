import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Product, ProductNode } from '../../src/ports/catalog.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { RankingEffect } from '../../src/ports/ranking.js';
import type {
  ExampleProfile,
  Omission,
  Reason,
  Recommendation,
  RecommendationList,
  RecommendationQuery,
  Recommendations,
} from '../../src/ports/recommendations.js';
import type { createModelResolvers } from './model-registry/resolvers.js';

const firstDefault = 12;
const spokenDefault = 3;
const daysDefault = 7;
const exampleMax = 200;

interface ListNode {
  readonly list: RecommendationList;
  readonly shopper: Shopper;
}

interface RecommendationsArgs {
  readonly placement: string;
  readonly first?: number | null;
  readonly productId?: string | null;
  readonly cart?: readonly string[] | null;
  readonly diversity?: number | null;
}

interface ExplainArgs extends RecommendationsArgs {
  readonly product: string;
  /** A null list is an empty one. */
  readonly profile?: {
    readonly viewed: readonly string[] | null;
    readonly cart: readonly string[] | null;
    readonly dismissed: readonly string[] | null;
    readonly bought: readonly { readonly product: string; readonly at: Date }[] | null;
  } | null;
}

interface FirstArgs {
  readonly first?: number | null;
}

export function createResolvers(
  recommendations: Recommendations,
  models: ReturnType<typeof createModelResolvers>,
): Resolvers {
  async function recommend(shopper: Shopper, args: RecommendationsArgs, request: Request): Promise<ListNode> {
    request.personal();
    const list = await recommendations.recommend(shopper, queryOf(args));
    if (list.degraded) request.degraded('recommendations');
    for (const warning of list.warnings) request.warn(warning);
    return { list, shopper };
  }

  return {
    Shopper: {
      recommendations: recommend,
      reorder: (shopper: Shopper, { first }: FirstArgs, request: Request) =>
        recommend(shopper, { placement: 'reorder', first: first ?? null }, request),
      async explainRecommendation(shopper: Shopper, args: ExplainArgs, request: Request) {
        request.personal();
        const explanation = await recommendations.explain(
          shopper,
          queryOf(args),
          args.product,
          args.profile ? exampleOf(args.profile) : null,
        );
        return explanation && { ...explanation, product: node(explanation.product, shopper) };
      },
      async recentlyViewed(shopper: Shopper, { first }: FirstArgs, request: Request) {
        request.personal();
        const products = await recommendations.recentlyViewed(shopper, first ?? firstDefault);
        return products.map((product) => node(product, shopper));
      },
    },
    AppliedRankingRule: {
      effect: ({ effect }: { readonly effect: RankingEffect }) =>
        typeof effect === 'string' ? effect : Object.entries(effect).flat().join(' '),
    },
    RecommendationList: {
      decisionId: ({ list }: ListNode) => list.decisionId,
      personalized: ({ list }: ListNode) => list.personalized,
      degraded: ({ list }: ListNode) => list.degraded,
      appliedRules: ({ list }: ListNode) => list.appliedRules,
      experiment: ({ list }: ListNode) => list.experiment,
      items: ({ list, shopper }: ListNode) => list.items.map((item) => recommendationNode(item, shopper)),
      omitted: ({ list, shopper }: ListNode) =>
        list.omitted.map(({ product, reason }: Omission) => ({ product: node(product, shopper), reason })),
      speech: ({ list, shopper }: ListNode, { first }: FirstArgs) =>
        recommendations.speech(shopper, list, first ?? spokenDefault),
    },
    ...models,
    Query: {
      ...models.Query,
      recommendationReport(_: unknown, { days }: { readonly days?: number | null }) {
        return recommendations.report(days ?? daysDefault);
      },
    },
  };
}

function queryOf(args: RecommendationsArgs): RecommendationQuery {
  return {
    placement: args.placement,
    first: args.first ?? firstDefault,
    productId: args.productId ?? null,
    cart: args.cart ?? [],
    diversity: args.diversity ?? null,
  };
}

function exampleOf(profile: NonNullable<ExplainArgs['profile']>): ExampleProfile {
  const [viewed, cart, dismissed] = [profile.viewed ?? [], profile.cart ?? [], profile.dismissed ?? []];
  const bought = profile.bought ?? [];
  for (const [field, { length }] of Object.entries({ viewed, cart, dismissed, bought })) {
    if (length <= exampleMax) continue;
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_PROFILE_TOO_LONG',
      `${field} has ${length} products; at most ${exampleMax} are allowed`,
      { path: ['profile', field] },
    );
  }
  return {
    viewed,
    cart,
    dismissed,
    bought: bought.map(({ product, at }) => ({ productId: product, atMs: at.getTime() })),
  };
}

function node(product: Product, shopper: Shopper): ProductNode {
  return { product, context: shopper.context };
}

function recommendationNode(item: Recommendation, shopper: Shopper) {
  return {
    product: node(item.product, shopper),
    position: item.position,
    score: item.score,
    source: item.source,
    reasons: item.reasons.map(({ code, text, because }: Reason) => ({
      code,
      text,
      because: because && node(because, shopper),
    })),
    expected: item.expected && {
      at: new Date(item.expected.atMs),
      from: new Date(item.expected.fromMs),
      to: new Date(item.expected.toMs),
    },
  };
}
