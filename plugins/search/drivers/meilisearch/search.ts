import type {
  ExtraRequestInit,
  FederatedMultiSearchParams,
  Meilisearch,
  MultiSearchQueryWithFederation,
} from 'meilisearch';
import type { DriverAnswer, DriverQuery, LiveCatalog } from '../../../../src/ports/search-driver.js';
import type { Synonyms } from '../embedded/matching/synonyms.js';
import type { Language } from '../embedded/tokens/language.js';
import { refinedMax } from '../shared/factors.js';
import { correctedBy, type MatchedProduct, matchedAttributes } from './corrections.js';
import type { IndexedProduct } from './documents.js';
import { type FacetRequest, type FacetResponse, facetAttributes, facetRequests, facetsOf } from './facets.js';
import { filterOf, ownPriceOf } from './filter.js';
import { byFactors, type RankedProduct, tierOf } from './rerank.js';
import { type Variants, variantsOf } from './variants.js';

/** Fewer full matches than this, and documents that match in part follow them. */
const fullMatchesEnough = 10;
/** The number of best products in which corrections of misspelt words are looked up. */
const correctedBySome = 10;

interface ServerSearchParts {
  readonly client: Meilisearch;
  /** Aborts every request of one query, since they share one deadline. */
  readonly init: ExtraRequestInit;
  readonly index: string;
  readonly catalog: LiveCatalog;
  readonly synonyms: Synonyms;
  readonly language: Language;
}

/** The words that products must have: all, as many as possible from the first on, or any. */
type Demand = 'all' | 'last' | 'any';

interface Response extends FacetResponse {
  readonly hits: readonly RankedProduct[];
  readonly total: number;
}

/** One request to the server. */
interface Request {
  readonly filter: readonly string[];
  readonly facets: readonly string[];
  readonly limit: number;
  readonly offset: number;
  readonly detailed: boolean;
}

/** Searches on the server: one request for most queries, a few more for corrections and filtered facets. */
export async function searchOnServer(parts: ServerSearchParts, query: DriverQuery): Promise<DriverAnswer> {
  const { catalog, language } = parts;
  const variants = query.searchAsWritten
    ? asWritten(variantsOf(query, parts.synonyms, language))
    : variantsOf(query, parts.synonyms, language);
  const listing = query.text.trim() === '';
  // A query without letters and digits finds nothing, not the whole catalog.
  if (!listing && variants.words.length === 0) return nothingFound(query);
  const hasFactors =
    query.preferences !== null || query.changes.some(({ effect }) => typeof effect === 'object');
  const reranks = hasFactors && query.sort === 'RELEVANCE' && query.offset < refinedMax;
  const request: Request = {
    filter: filterOf(query),
    facets: facetAttributes(query),
    limit: reranks ? Math.max(query.offset + query.limit, refinedMax) : query.limit,
    offset: reranks ? 0 : query.offset,
    detailed: !listing,
  };
  const { response, demand } = await looser(parts, query, variants, request);
  const [facets, corrected] = await Promise.all([
    Promise.all(
      facetRequests(query).map(async (request) => ({
        request,
        response: await counted(parts, request, variants, demand),
      })),
    ),
    demand !== 'any' && response.hits[0] !== undefined && tierOf(response.hits[0]) < 2
      ? correction(parts, query, variants, demand)
      : null,
  ]);
  const hits = reranks ? pageByFactors(response.hits, query) : response.hits;
  return {
    ids: hits.map(({ productId }) => productId),
    total: response.total,
    facets: facetsOf(query, catalog, response, facets),
    correctedQuery: corrected,
    appliedSynonyms: variants.synonyms,
  };
}

/** Quotes each word, because the server neither completes nor corrects phrases. */
function asWritten(variants: Variants): Variants {
  const all = variants.all.map(({ text, weight }) => ({
    text: text
      .split(/\s+/u)
      .filter((word) => word !== '')
      .map((word) => `"${word}"`)
      .join(' '),
    weight,
  }));
  return { ...variants, all };
}

function nothingFound({ facets }: DriverQuery): DriverAnswer {
  return {
    ids: [],
    total: 0,
    facets: facets.map((name) => ({ name, values: [], min: null, max: null })),
    correctedQuery: null,
    appliedSynonyms: [],
  };
}

function pageByFactors(hits: readonly RankedProduct[], query: DriverQuery): readonly RankedProduct[] {
  const { offset, limit } = query;
  const ordered = [...byFactors(hits.slice(0, refinedMax), query), ...hits.slice(refinedMax)];
  return ordered.slice(offset, offset + limit);
}

/**
 * Requires all words; with few results only the first ones; with none, any of the words. The results are counted without the filter, so
 * that a filter never adds any.
 */
async function looser(
  parts: ServerSearchParts,
  query: DriverQuery,
  variants: Variants,
  request: Request,
): Promise<{ readonly response: Response; readonly demand: Demand }> {
  const ask = (demand: Demand): Promise<Response> => send(parts, query, variants, demand, request);
  async function countAll(demand: Demand, { total }: Response): Promise<number> {
    if (total >= fullMatchesEnough || request.filter.length === 0) return total;
    return (await send(parts, plainRelevance(query), variants, demand, countOnly)).total;
  }
  const several = !query.searchAsWritten && variants.words.length > 1;
  const all = await ask('all');
  if (!several || (await countAll('all', all)) >= fullMatchesEnough) return { response: all, demand: 'all' };
  const last = await ask('last');
  if ((await countAll('last', last)) > 0) return { response: last, demand: 'last' };
  return { response: await ask('any'), demand: 'any' };
}

const countOnly: Request = { filter: [], facets: [], limit: 0, offset: 0, detailed: false };

const plainRelevance = (query: DriverQuery): DriverQuery => ({ ...query, sort: 'RELEVANCE' });

/** Counts a facet by a query of its own, over products that have the same words. */
function counted(
  parts: ServerSearchParts,
  { query, filter, attributes }: FacetRequest,
  variants: Variants,
  demand: Demand,
): Promise<FacetResponse> {
  return send(parts, plainRelevance(query), variants, demand, { ...countOnly, filter, facets: attributes });
}

async function send(
  { client, init, index }: ServerSearchParts,
  query: DriverQuery,
  { all, words, operators }: Variants,
  demand: Demand,
  { filter, facets, limit, offset, detailed }: Request,
): Promise<Response> {
  const variants = demand === 'any' ? words.map((text) => ({ text, weight: 1 })) : all;
  const plain = variants.flatMap(({ text, weight }) =>
    sortsOf(query).map(({ sort, only }) => ({
      q: text + operators,
      weight,
      search: {
        filter: only === null ? [...filter] : [...filter, only],
        attributesToRetrieve: ['productId', 'brand', 'ownCategories'],
        matchingStrategy: demand === 'all' ? ('all' as const) : ('last' as const),
        ...(detailed ? { showRankingScoreDetails: true } : {}),
        ...(sort ? { sort: [sort] } : {}),
      },
    })),
  );
  const [first, ...others] = plain;
  if (others.length === 0) {
    const found = await client
      .index<IndexedProduct>(index)
      .search<IndexedProduct>(first!.q, { ...first!.search, facets: [...facets], limit, offset }, init);
    return { ...found, hits: found.hits, total: found.estimatedTotalHits ?? 0 };
  }
  const queries: MultiSearchQueryWithFederation[] = plain.map(({ q, weight, search }) => ({
    indexUid: index,
    q,
    ...search,
    federationOptions: { weight },
  }));
  const found = await client.multiSearch<FederatedMultiSearchParams, IndexedProduct>(
    { federation: { limit, offset, facetsByIndex: { [index]: [...facets] } }, queries },
    init,
  );
  const ofIndex = found.facetsByIndex?.[index];
  return {
    hits: found.hits,
    total: found.estimatedTotalHits ?? 0,
    facetDistribution: ofIndex?.distribution ?? {},
    facetStats: ofIndex?.stats ?? {},
  };
}

/** Sort orders and the products of each: those with a price of the query's store are sorted by it, the others by the general price. */
function sortsOf(
  query: DriverQuery,
): readonly { readonly sort: string | null; readonly only: string | null }[] {
  const { sort, text, currency, storeId } = query;
  if (sort === 'PRICE_ASC' || sort === 'PRICE_DESC') {
    const direction = sort === 'PRICE_ASC' ? 'asc' : 'desc';
    const { own, general } = ownPriceOf(currency, storeId);
    if (own === null) return [{ sort: `${general}:${direction}`, only: null }];
    return [
      { sort: `${own}:${direction}`, only: `${own} EXISTS` },
      { sort: `${general}:${direction}`, only: `${own} NOT EXISTS` },
    ];
  }
  if (sort === 'TITLE') return [{ sort: 'sortTitle:asc', only: null }];
  if (sort === 'NEWEST' || text.trim() === '') return [{ sort: 'createdAtMs:desc', only: null }];
  return [{ sort: null, only: null }];
}

/** The corrected query, derived from the words that matched, since the server does not return it. */
async function correction(
  { client, init, index, language }: ServerSearchParts,
  query: DriverQuery,
  { all, operators }: Variants,
  demand: Demand,
): Promise<string | null> {
  const { hits } = await client.index<IndexedProduct>(index).search<IndexedProduct>(
    all[0]!.text + operators,
    {
      filter: filterOf(query),
      limit: correctedBySome,
      attributesToRetrieve: [...matchedAttributes],
      showMatchesPosition: true,
      showRankingScoreDetails: true,
      matchingStrategy: demand === 'all' ? 'all' : 'last',
    },
    init,
  );
  const best = hits[0];
  if (!best || tierOf(best) === 2) return null;
  const alike = hits.filter((hit) => tierOf(hit) === tierOf(best));
  return correctedBy(query.text, alike as readonly MatchedProduct[], language);
}
