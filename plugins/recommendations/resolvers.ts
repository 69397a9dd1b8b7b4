import type { Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
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
import type { SpeechWriter } from '../../src/ports/speech.js';
import { spokenReason } from './reasons.js';
import type { createModelResolvers } from './versions/resolvers.js';

const firstDefault = 12;
const spokenDefault = 3;
const spokenMax = 10;
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
  speech: SpeechWriter,
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
      speech({ list, shopper }: ListNode, { first }: FirstArgs) {
        const count = first ?? spokenDefault;
        if (!Number.isInteger(count) || count < 1 || count > spokenMax) {
          throw new RapportError(
            'invalid',
            'RECOMMENDATIONS_SPEECH_FIRST_INVALID',
            `first must be a whole number from 1 to ${spokenMax}, not ${count}`,
          );
        }
        const { locale, currency, storeId } = shopper.context;
        return speech.products(
          list.items
            .slice(0, count)
            .map(({ product, reasons }) => ({ product, reason: spokenReason(reasons, locale, speech) })),
          { locale, currency, storeId, intro: 'RECOMMENDATION' },
        );
      },
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
