import type { ContextInput, Request } from '../../src/context.js';
import { RapportError } from '../../src/errors.js';
import type { Topics } from '../../src/kit/topics.js';
import type { FoundIdentity, Instance, Resolvers } from '../../src/plugin.js';
import type { Product, ProductNode } from '../../src/ports/catalog.js';
import { type Customers, customersOf, type Shopper } from '../../src/ports/customers.js';
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
import type { ProductFilterInput } from '../../src/ports/search.js';
import type { createModelResolvers } from './model-registry/resolvers.js';

const firstDefault = 12;
const spokenDefault = 3;
const daysDefault = 7;
const exampleMax = 200;

interface ListNode {
  readonly list: RecommendationList;
  readonly shopper: Shopper;
  readonly args: RecommendationsArgs;
}

interface ItemNode {
  readonly item: Recommendation;
  readonly of: ListNode;
}

interface RecommendationsArgs {
  readonly placement: string;
  readonly first?: number | null;
  readonly productId?: string | null;
  readonly cart?: readonly string[] | null;
  readonly after?: string | null;
  readonly filter?: ProductFilterInput | null;
  readonly exclude?: readonly string[] | null;
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
  customers: Customers,
  changes: Pick<Topics, 'subscribe'>,
): { readonly resolvers: Resolvers; readonly nodes: NonNullable<Instance<unknown>['nodes']> } {
  async function recommend(shopper: Shopper, args: RecommendationsArgs, request: Request): Promise<ListNode> {
    request.personal();
    const list = await recommendations.recommend(shopper, queryOf(args));
    if (list.degraded) request.degraded('recommendations');
    for (const warning of list.warnings) request.warn(warning);
    return { list, shopper, args };
  }

  async function found(identity: FoundIdentity<ListKey>, request: Request): Promise<ListNode> {
    return recommend(await customers.recognise(identity.context!), argsOf(identity.key), request);
  }

  const nodes = {
    RecommendationList: {
      field: 'Shopper.recommendations',
      view: 'person',
      identify: ({ shopper, args }: ListNode) => ({ context: shopper.context, key: keyOf(args) }),
      find: found,
    },
    Recommendation: {
      field: 'Shopper.recommendations',
      view: 'person',
      identify: ({ item, of }: ItemNode) => ({
        context: of.shopper.context,
        key: [item.product.id, ...keyOf(of.args)],
      }),
      async find(identity: FoundIdentity<ItemKey>, request: Request): Promise<ItemNode | null> {
        const [productId, ...key] = identity.key;
        const of = await found({ ...identity, key }, request);
        const item = of.list.items.find(({ product }) => product.id === productId);
        return item ? { item, of } : null;
      },
    },
  } as const;

  const resolvers: Resolvers = {
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
    Subscription: {
      recommendationsChanged: {
        async subscribe(_: unknown, args: ChangedArgs, request: Request) {
          const shopper = await customers.recognise(request.context(args.context));
          // Arguments that are not allowed are refused now, and not with the first event.
          await recommendations.recommend(shopper, queryOf(args));
          const topics = topicsOf(shopper);
          return changes.subscribe(topics, topics.slice(0, 1));
        },
        async resolve(_: string, args: ChangedArgs, request: Request) {
          return recommend(await customers.recognise(request.context(args.context)), args, request);
        },
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
      fallback: ({ list }: ListNode) => list.fallback,
      pageInfo: ({ list: { hasNext, endCursor }, args }: ListNode) => ({
        hasNextPage: hasNext,
        hasPreviousPage: (args.after ?? '') !== '',
        startCursor: args.after ?? null,
        endCursor: endCursor(),
      }),
      items: (of: ListNode) => of.list.items.map((item): ItemNode => ({ item, of })),
      omitted: ({ list, shopper }: ListNode) =>
        list.omitted.map(({ product, reason }: Omission) => ({ product: node(product, shopper), reason })),
      speech: ({ list, shopper }: ListNode, { first }: FirstArgs) =>
        recommendations.speech(shopper, list, first ?? spokenDefault),
    },
    Recommendation: {
      product: ({ item, of }: ItemNode) => node(item.product, of.shopper),
      position: ({ item }: ItemNode) => item.position,
      score: ({ item }: ItemNode) => item.score,
      source: ({ item }: ItemNode) => item.source,
      reasons: ({ item, of }: ItemNode) =>
        item.reasons.map(({ code, text, because }: Reason) => ({
          code,
          text,
          because: because && node(because, of.shopper),
        })),
      expected: ({ item: { expected } }: ItemNode) =>
        expected && {
          at: new Date(expected.atMs),
          from: new Date(expected.fromMs),
          to: new Date(expected.toMs),
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
  return { resolvers, nodes };
}

interface ChangedArgs extends RecommendationsArgs {
  readonly context: ContextInput;
}

/** The topics of a person's own events: the session, and the customer in any session. */
export function topicsOf(shopper: Pick<Shopper, 'sessionId' | 'customerId' | 'person'>): string[] {
  return [`session:${shopper.sessionId}`, ...customersOf(shopper).map((id) => `customer:${id}`)];
}

type ListKey = readonly [
  placement: string,
  first: number | null,
  productId: string | null,
  cart: readonly string[] | null,
  after: string | null,
  filter: ProductFilterInput | null,
  exclude: readonly string[] | null,
  diversity: number | null,
];
type ItemKey = readonly [productId: string, ...ListKey];

/** The arguments as they were given, so that one list asked for in one way is one object. */
function keyOf(args: RecommendationsArgs): ListKey {
  const { placement, first, productId, cart, after, filter, exclude, diversity } = args;
  return [
    placement,
    first ?? null,
    productId ?? null,
    cart ?? null,
    after ?? null,
    filter ?? null,
    exclude ?? null,
    diversity ?? null,
  ];
}

function argsOf(key: ListKey): RecommendationsArgs {
  const [placement, first, productId, cart, after, filter, exclude, diversity] = key;
  return { placement, first, productId, cart, after, filter, exclude, diversity };
}

function queryOf(args: RecommendationsArgs): RecommendationQuery {
  return {
    placement: args.placement,
    first: args.first ?? firstDefault,
    productId: args.productId ?? null,
    cart: args.cart ?? [],
    after: args.after ?? null,
    filter: args.filter ?? null,
    exclude: args.exclude ?? [],
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
