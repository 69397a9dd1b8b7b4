import type { Context, ContextInput, Request } from '../../src/context.js';
import { userError } from '../../src/errors.js';
import { currencyDigits, formatAmount } from '../../src/money.js';
import type { FoundIdentity, Host, Instance, Resolvers } from '../../src/plugin.js';
import { type Catalog, canBuyVariant, type ProductNode } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Customers, Shopper } from '../../src/ports/customers.js';
import type { Synonym } from '../../src/ports/merchandising.js';
import { maySee } from '../../src/ports/product-status.js';
import type { Facet, Preferences, SearchAnswer, SearchQuery, Suggestion } from '../../src/ports/search.js';
import type { SpeechWriter } from '../../src/ports/speech.js';
import { variantsIn } from './matched-variants.js';
import { type PageArgs, type Span, windowOf } from './paging/pages.js';
import { createSearchRun, type SearchRun } from './paging/search-run.js';
import { filterOf, purchasableFor } from './query-input/filter-input.js';
import { argumentOf, checkQuery } from './query-input/query-checks.js';
import { type ReportArgs, reportOptions } from './query-input/report-args.js';
import {
  argsOf,
  isAsWritten,
  keyOf,
  type ListingArgs,
  listingOf,
  type ResultKey,
  type SearchArgs,
} from './query-input/search-args.js';
import type { QueryLog } from './query-log/query-log.js';
import { type RunningSearch, suggestionsMax } from './search.js';

const spokenMax = 10;

/** The parent of the fields of `SearchResult`. */
interface ResultNode {
  readonly args: SearchArgs;
  readonly context: Context;
  readonly query: Omit<SearchQuery, keyof Span | 'facets'>;
  readonly run: SearchRun;
}

/** A suggestion, and the context that its product is shown in. */
interface SuggestionNode extends Suggestion {
  readonly context: Context;
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

  /** Without products that were removed or unpublished since they were found. */
  async function nodesOf(
    ids: readonly string[],
    context: Context | null,
  ): Promise<ReadonlyMap<string, ProductNode>> {
    const products = await catalog.products(ids);
    return new Map(
      products.flatMap((product) =>
        product?.status === 'ACTIVE' ? [[product.id, { product, context }] as const] : [],
      ),
    );
  }

  function queryOf(
    args: Partial<SearchArgs>,
    context: Context | null,
    preferences: Preferences | null,
  ): ResultNode['query'] {
    const currency = context?.currency ?? search.currency();
    return {
      text: args.query ?? '',
      searchAsWritten: isAsWritten(args),
      filter: purchasableFor(catalog, context, filterOf(args.filter, currency)),
      sort: args.sort ?? 'RELEVANCE',
      locale: context?.locale ?? 'en',
      currency,
      storeId: context?.storeId ?? null,
      atMs: context?.atMs,
      customerGroup: context?.customerGroup,
      preferences,
    };
  }

  async function searchFor(shopper: Shopper, args: SearchArgs, request: Request): Promise<ResultNode> {
    request.personal();
    const { context } = shopper;
    const listing = listingOf('search', args, context);
    const usual = windowOf(listing, args);
    const plain = queryOf(args, context, null);
    checkQuery({ ...plain, facets: args.facets ?? [], offset: 0, limit: 0 });
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    const preferences = permit && plain.sort === 'RELEVANCE' ? await preferencesOf(permit) : null;
    const query = { ...plain, preferences, requester: { shopper, permit, atMs: context.atMs } };
    const run = createSearchRun({
      listing,
      usual,
      async ask(span, facets) {
        const answer = await search.port.search({ ...query, ...span, facets, signal: request.signal });
        report(answer, request);
        return answer;
      },
      nodesOf: (ids) => nodesOf(ids, context),
      begin(total) {
        const id = host.ids.next();
        const { sessionId, customerId } = shopper;
        const person = { sessionId, customerId, network: context.caller.network };
        log.note({ id, text: args.query, total, locale: context.locale, person }, mayLearn(shopper));
        return id;
      },
    });
    return { args, context, query, run };
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
        return suggestions.map((suggestion): SuggestionNode => ({ ...suggestion, context: shopper.context }));
      },
    },
    Suggestion: {
      async product({ kind, id, context }: SuggestionNode) {
        return kind === 'PRODUCT' && id !== null ? ((await nodesOf([id], context)).get(id) ?? null) : null;
      },
    },
    SearchResult: {
      queryId: ({ run }: ResultNode) => run.queryId(),
      total: async ({ run }: ResultNode) => (await run.answer()).total,
      personalized: ({ query }: ResultNode) => query.preferences !== null,
      correctedQuery: async ({ run }: ResultNode) => (await run.answer()).correctedQuery,
      priceMin: async ({ run, context }: ResultNode) =>
        amountOf((await run.answer()).statedPrice?.minMinor, context),
      priceMax: async ({ run, context }: ResultNode) =>
        amountOf((await run.answer()).statedPrice?.maxMinor, context),
      appliedSynonyms: async ({ run }: ResultNode) => (await run.answer()).appliedSynonyms,
      appliedRules: async ({ run }: ResultNode) => (await run.answer()).appliedRules,
      redirect: async ({ run }: ResultNode) => (await run.answer()).redirect,
      degraded: async ({ run }: ResultNode) => (await run.answer()).degraded,
      async facets({ run, args, context }: ResultNode, { names }: { names?: readonly string[] | null }) {
        const wanted = [...new Set(names ?? args.facets ?? [])];
        const { facets } = await run.answer(wanted);
        return facets
          .filter(({ name }) => wanted.includes(name))
          .map((facet) => inUnits(facet, context.currency));
      },
      products: ({ run }: ResultNode, args: PageArgs) => run.connection(args),
      async hits({ run, query }: ResultNode, args: PageArgs, { caller }: Request) {
        const { items, nodes: found, answer } = await run.page(args);
        const variantOf = variantsIn(catalog, answer, query);
        return items.flatMap(({ id, place }) => {
          const node = found.get(id);
          if (!node) return [];
          const variant = variantOf(node);
          const isVisible = variant !== null && maySee(caller.role, variant.variant.status ?? 'ACTIVE');
          return [{ product: node, variant: isVisible ? variant : null, position: place + 1 }];
        });
      },
      async speech({ run, context }: ResultNode, { first }: { first?: number | null }) {
        const most = argumentOf('first', first, 3, spokenMax, 'SPEECH_FIRST');
        const { nodes: found } = await run.mainPage();
        const spoken = [...found.values()].filter(({ product }) => product.speakable).slice(0, most);
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
        const listing = listingOf('products', args, context);
        const usual = windowOf(listing, args);
        const query = queryOf(args, context, null);
        const run = createSearchRun({
          listing,
          usual,
          async ask(span, facets) {
            const answer = await search.port.search({ ...query, ...span, facets });
            report(answer, request);
            return answer;
          },
          nodesOf: (ids) => nodesOf(ids, context),
          begin: () => '',
        });
        return run.connection({});
      },
      searchReport: (_: unknown, args: ReportArgs) => log.report(reportOptions(args, host.clock.nowMs())),
    },
  };
  return { resolvers, nodes };
}

function report({ degraded, warnings }: SearchAnswer, request: Request): void {
  if (degraded) request.degraded('search');
  for (const warning of warnings) request.warn(warning);
}

function amountOf(minor: number | null | undefined, { currency }: Context): string | null {
  return minor === null || minor === undefined ? null : formatAmount(minor, currency);
}

/** Facets of prices are in units of the currency, as are other prices. */
function inUnits(facet: Facet, currency: string): Facet {
  if (facet.name !== 'price') return facet;
  const unit = 10 ** currencyDigits(currency);
  return {
    ...facet,
    min: facet.min === null ? null : facet.min / unit,
    max: facet.max === null ? null : facet.max / unit,
  };
}
