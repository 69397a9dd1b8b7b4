import type { Context, ContextInput, Request } from '../../src/context.js';
import { userError } from '../../src/errors.js';
import { currencyDigits, formatAmount } from '../../src/money.js';
import type { FoundIdentity, Host, Instance, Resolvers } from '../../src/plugin.js';
import { type Catalog, canBuyVariant, maySee, type ProductNode } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { Synonym } from '../../src/ports/merchandising.js';
import type {
  Facet,
  Preferences,
  ProductFilter,
  ProductSort,
  SearchAnswer,
  SearchQuery,
} from '../../src/ports/search.js';
import type { SpeechWriter } from '../../src/ports/speech.js';
import { variantsIn } from './matched-variants.js';
import { filterOf, type ProductFilterInput } from './query-input/filter-input.js';
import { connectionOf, type Window, windowOf } from './query-input/pages.js';
import { argumentOf } from './query-input/query-checks.js';
import type { QueryLog } from './query-log/query-log.js';
import { type RunningSearch, suggestionsMax } from './search.js';

const spokenMax = 10;
const reportDaysMax = 90;
const reportEntriesMax = 1_000;

interface ListingArgs {
  readonly filter?: ProductFilterInput | null;
  readonly sort?: ProductSort | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

interface SearchArgs extends ListingArgs {
  readonly query: string;
  readonly exact?: boolean | null;
  readonly facets?: readonly string[] | null;
}

/** A search result with the products and context of its speech. */
interface ResultNode {
  readonly args: SearchArgs;
  readonly nodes: readonly ProductNode[];
  readonly context: Context;
  readonly answer: SearchAnswer;
  readonly query: SearchQuery;
}

export interface ResolverParts {
  readonly search: RunningSearch;
  readonly log: QueryLog;
  readonly catalog: Catalog;
  readonly consent: Consent;
  readonly speech: SpeechWriter;
  readonly host: Host;
  readonly customers: Customers;
  preferencesOf(permit: Permit<'PERSONALIZATION'>): Promise<Preferences | null>;
}

export function createResolvers({
  search,
  log,
  catalog,
  consent,
  speech,
  host,
  customers,
  preferencesOf,
}: ResolverParts): {
  readonly resolvers: Resolvers;
  readonly nodes: NonNullable<Instance<unknown>['nodes']>;
} {
  async function mayLearn(shopper: Shopper): Promise<boolean> {
    return (await consent.mayLearn([shopper]))[0] === true;
  }

  /** In the order of the ids, without products that were removed or unpublished since. */
  async function nodesOf(ids: readonly string[], context: Context | null): Promise<ProductNode[]> {
    const products = await catalog.products(ids);
    return products.flatMap((product) => (product?.status === 'ACTIVE' ? [{ product, context }] : []));
  }

  function queryOf(
    args: Partial<SearchArgs>,
    context: Context | null,
    window: Window,
    preferences: Preferences | null,
  ): SearchQuery {
    const currency = context?.currency ?? search.currency();
    return {
      text: args.query ?? '',
      exact: args.exact ?? false,
      filter: purchasableFor(catalog, context, filterOf(args.filter, currency)),
      sort: args.sort ?? 'RELEVANCE',
      facets: [...new Set(args.facets ?? [])],
      ...window,
      locale: context?.locale ?? 'en',
      currency,
      storeId: context?.storeId ?? null,
      atMs: context?.atMs,
      customerGroup: context?.customerGroup,
      preferences,
    };
  }

  async function searchFor(shopper: Shopper, args: SearchArgs, request: Request) {
    request.personal();
    const { context } = shopper;
    const window = windowOf(args.first, args.after);
    const plain = queryOf(args, context, window, null);
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    const preferences = permit && plain.sort === 'RELEVANCE' ? await preferencesOf(permit) : null;
    const requester = { shopper, permit, atMs: context.atMs };
    const answer = await search.port.search({ ...plain, preferences, requester, signal: request.signal });
    report(answer, request);
    const queryId = host.ids.next();
    if (window.offset === 0) {
      log.note(
        {
          id: queryId,
          text: args.query,
          total: answer.total,
          locale: context.locale,
          person: {
            sessionId: shopper.sessionId,
            customerId: shopper.customerId,
            network: context.caller.network,
          },
        },
        mayLearn(shopper),
      );
    }
    const nodes = await nodesOf(answer.ids, context);
    return {
      ...answered(answer, context),
      queryId,
      products: connectionOf(nodes, answer.total, window),
      personalized: preferences !== null,
      appliedRules: answer.appliedRules,
      args,
      nodes,
      context,
      answer,
      query: plain,
    };
  }

  const nodes = {
    SearchResult: {
      field: 'Shopper.search',
      view: 'person',
      identify: ({ args, context }: ResultNode) => ({ context, key: keyOf(args) }),
      find: async ({ context, key }: FoundIdentity<ResultKey>, request: Request) =>
        searchFor(await customers.recognise(context!), argsOf(key), request),
    },
  } as const;

  const resolvers: Resolvers = {
    Shopper: {
      search: searchFor,
      async suggest(
        shopper: Shopper,
        { prefix, first }: { prefix: string; first?: number | null },
        request: Request,
      ) {
        const limit = argumentOf('first', first, 8, suggestionsMax, 'SUGGEST_FIRST');
        log.seen(shopper);
        const { locale, atMs } = shopper.context;
        const permit = await consent.permit(shopper, 'PERSONALIZATION');
        const requester = { shopper, permit, atMs };
        const { suggestions, degraded } = await search.port.suggest(prefix, { limit, locale, requester });
        if (degraded) request.degraded('search');
        return suggestions;
      },
    },
    SearchResult: {
      hits({ nodes, answer, query }: ResultNode, _: unknown, { caller }: Request) {
        const places = new Map(answer.ids.map((id, at) => [id, query.offset + at + 1]));
        const variantOf = variantsIn(catalog, answer, query);
        return nodes.map((node) => {
          const variant = variantOf(node);
          const isVisible = variant !== null && maySee(caller.role, variant.variant.status ?? 'ACTIVE');
          return {
            product: node,
            variant: isVisible ? variant : null,
            position: places.get(node.product.id),
          };
        });
      },
      speech({ nodes, context }: ResultNode, { first }: { first?: number | null }) {
        const most = argumentOf('first', first, 3, spokenMax, 'SPEECH_FIRST');
        const spoken = nodes.filter(({ product }) => product.speakable).slice(0, most);
        return speech.products(
          spoken.map(({ product }) => ({ product, reason: null })),
          {
            locale: context.locale,
            currency: context.currency,
            storeId: context.storeId,
            atMs: context.atMs,
            customerGroup: context.customerGroup,
            canBuy: ({ id }, place) => canBuyVariant(catalog, id, place, context.storeId),
            intro: 'SEARCH',
          },
        );
      },
    },
    Mutation: {
      async rebuildSearchIndex() {
        const begun = await search.rebuild();
        const message = 'the index is being rebuilt; wait until that has ended';
        return { begun, userErrors: begun ? [] : [userError('SEARCH_REBUILD_RUNNING', message, [])] };
      },
    },
    Synonym: { warnings: (synonym: Synonym) => search.limitsOf(synonym) },
    Query: {
      async products(_: unknown, args: ListingArgs & { context?: ContextInput | null }, request: Request) {
        const context = args.context ? request.context(args.context) : null;
        const window = windowOf(args.first, args.after);
        const answer = await search.port.search(queryOf(args, context, window, null));
        report(answer, request);
        return connectionOf(await nodesOf(answer.ids, context), answer.total, window);
      },
      async searchReport(_: unknown, { days, first }: { days?: number | null; first?: number | null }) {
        return log.report({
          days: argumentOf('days', days, 7, reportDaysMax, 'REPORT_DAYS'),
          limit: argumentOf('first', first, 50, reportEntriesMax, 'REPORT_FIRST'),
        });
      },
    },
  };
  return { resolvers, nodes };
}

type ResultKey = readonly [
  query: string,
  exact: boolean,
  sort: ProductSort | null,
  filter: ProductFilterInput | null,
  facets: readonly string[] | null,
  first: number | null,
  after: string | null,
];

function keyOf({ query, exact, sort, filter, facets, first, after }: SearchArgs): ResultKey {
  return [query, exact ?? false, sort ?? null, filter ?? null, facets ?? null, first ?? null, after ?? null];
}

function argsOf([query, exact, sort, filter, facets, first, after]: ResultKey): SearchArgs {
  return { query, exact, sort, filter, facets, first, after };
}

/**
 * A shopper finds what has a price in their currency, unless the filter says otherwise or the shop keeps its prices elsewhere. Without a
 * context there is no currency.
 */
function purchasableFor(catalog: Catalog, context: Context | null, filter: ProductFilter): ProductFilter {
  const { purchasable = true } = filter;
  const isPriced = context !== null && catalog.currencies().length > 0;
  return { ...filter, purchasable: isPriced || purchasable === false ? purchasable : null };
}

function report({ degraded, warnings }: SearchAnswer, request: Request): void {
  if (degraded) request.degraded('search');
  for (const warning of warnings) request.warn(warning);
}

/** Facets of prices are in units of the currency, as are other prices. */
function answered(answer: SearchAnswer, context: Context) {
  const { total, facets, correctedQuery, statedPrice, appliedSynonyms, degraded } = answer;
  const amountOf = (minor = null as number | null): string | null =>
    minor === null ? null : formatAmount(minor, context.currency);
  return {
    total,
    facets: facets.map((facet) => inUnits(facet, context.currency)),
    correctedQuery,
    priceMin: amountOf(statedPrice?.minMinor),
    priceMax: amountOf(statedPrice?.maxMinor),
    appliedSynonyms,
    degraded,
  };
}

function inUnits(facet: Facet, currency: string): Facet {
  if (facet.name !== 'price') return facet;
  const unit = 10 ** currencyDigits(currency);
  return {
    ...facet,
    min: facet.min === null ? null : facet.min / unit,
    max: facet.max === null ? null : facet.max / unit,
  };
}
