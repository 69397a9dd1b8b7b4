import type { Request } from '../../src/context.js';
import type { Resolvers } from '../../src/plugin.js';
import type { Product, ProductNode } from '../../src/ports/catalog.js';
import type { Shopper } from '../../src/ports/customers.js';
import type {
  Omission,
  Reason,
  Recommendation,
  RecommendationList,
  Recommendations,
} from '../../src/ports/recommendations.js';
import type { createModelResolvers } from './versions/resolvers.js';

const firstDefault = 12;
const spokenDefault = 3;
const daysDefault = 7;

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

interface FirstArgs {
  readonly first?: number | null;
}

export function createResolvers(
  recommendations: Recommendations,
  models: ReturnType<typeof createModelResolvers>,
): Resolvers {
  async function recommend(shopper: Shopper, args: RecommendationsArgs, request: Request): Promise<ListNode> {
    request.personal();
    const list = await recommendations.recommend(shopper, {
      placement: args.placement,
      first: args.first ?? firstDefault,
      productId: args.productId ?? null,
      cart: args.cart ?? [],
      diversity: args.diversity ?? null,
    });
    if (list.degraded) request.degraded('recommendations');
    return { list, shopper };
  }

  return {
    Shopper: {
      recommendations: recommend,
      reorder: (shopper: Shopper, { first }: FirstArgs, request: Request) =>
        recommend(shopper, { placement: 'reorder', first: first ?? null }, request),
      async recentlyViewed(shopper: Shopper, { first }: FirstArgs, request: Request) {
        request.personal();
        const products = await recommendations.recentlyViewed(shopper, first ?? firstDefault);
        return products.map((product) => node(product, shopper));
      },
    },
    RecommendationList: {
      decisionId: ({ list }: ListNode) => list.decisionId,
      personalized: ({ list }: ListNode) => list.personalized,
      degraded: ({ list }: ListNode) => list.degraded,
      appliedRules: ({ list }: ListNode) => list.appliedRules,
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
