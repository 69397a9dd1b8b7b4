import type { Contributed } from '../../../src/contributed.js';
import { languageOf } from '../../../src/kit/language-of.js';
import { type Catalog, textOf } from '../../../src/ports/catalog.js';
import type { Shopper } from '../../../src/ports/customers.js';
import type { PlacementProvider } from '../../../src/ports/placements.js';
import { changesOf, type RankingRule, rerankingOf } from '../../../src/ports/ranking.js';
import type {
  Omission,
  Reason,
  Recommendation,
  RecommendationQuery,
} from '../../../src/ports/recommendations.js';
import type { Cause, RankingContext, Recommender } from '../../../src/ports/recommenders.js';
import type { Search } from '../../../src/ports/search.js';
import type { RankingTrace } from '../explain/ranking-trace.js';
import { causesOf, createCauses, type Naming, wordReason } from '../explain/reasons.js';
import type { Models } from '../learning/models.js';
import { variantOf } from '../ranking/contributed-placements.js';
import { type Placement, weightIn } from '../ranking/placements.js';
import type { Ranker, Ranking, RankingRequest } from '../ranking/ranking.js';
import type { BuyAgain } from '../recommenders/buy-again.js';
import { contributedPhrases, proposalsOf } from '../recommenders/contributed-recommenders.js';
import type { OwnModel, OwnRecommender } from '../recommenders/own-recommender.js';
import type { DecisionIds } from './decision-id.js';
import { placeAfter } from './list-pages.js';
import { rankingContextOf } from './ranking-context.js';
import type { ReadProfile } from './read-profile.js';
import { type Selection, selectionOf } from './selection.js';
import type { VisibleProducts } from './visible-products.js';

/** Rankings for one list whose filter lets through more products than can be read at once. */
const roundsMax = 5;

export interface RankedListParts {
  readonly catalog: Catalog;
  readonly ranker: Ranker;
  readonly recommenders: readonly (OwnRecommender & OwnModel)[];
  readonly models: Pick<Models, 'contributed'>;
  readonly buyAgain: BuyAgain;
  readonly decisions: Pick<DecisionIds, 'idOf'>;
  readonly search: Pick<Search, 'passing'>;
  /** The contributions of other plugins, which are known from the start on. */
  contributed(): Contributions;
}

export interface Contributions {
  readonly rules: readonly Contributed<RankingRule>[];
  readonly recommenders: readonly Contributed<Recommender>[];
  readonly providers: readonly Contributed<PlacementProvider>[];
  /** Of this plugin and of others, by name. */
  readonly placements: ReadonlyMap<string, Placement>;
}

/**
 * Makes lists from a profile and a query that `checkQuery` accepted: the same for every channel. With a trace it records how one product is
 * ranked.
 */
export function createRankedLists(parts: RankedListParts) {
  const { catalog, ranker, recommenders, models, buyAgain, decisions, search, contributed } = parts;
  const { shelf } = catalog;
  const ownCauseOf = createCauses(recommenders);

  async function rankedList(
    shopper: Shopper,
    query: RecommendationQuery,
    read: ReadProfile,
    visible: VisibleProducts,
    trace?: RankingTrace,
  ) {
    const after = placeAfter(query, shopper.context);
    const { atMs, storeId: storeNamed } = shopper.context;
    const storeId = storeNamed !== null && shelf.knowsStore(storeNamed) ? storeNamed : null;
    const currency = catalog.currencies().length === 0 ? null : shopper.context.currency;
    const pageItem = query.productId === null ? -1 : visible.numberOf(query.productId);
    const cart = [...new Set(query.cart.map(visible.numberOf))].filter((item) => item >= 0);
    const sessionId = read.profile.blank ? null : shopper.sessionId;
    const varied = await placementFor(shopper, query, read, pageItem);
    const { placement, experiment, diversity } = varied;
    const { context, excluded, avoided } = rankingContextOf({
      placement,
      profile: read.profile,
      pageItem,
      cart,
      storeId,
      sessionKey: sessionId,
      customerId: read.profile.blank ? null : shopper.customerId,
      nowMs: atMs,
      shelf,
    });
    const { rules, recommenders: others } = contributed();
    const [ruled, proposed, selection] = await Promise.all([
      changesOf(rules, { shopper, permit: read.permit, surface: surfaceOf(query), atMs }),
      proposalsOf(others, models.contributed.models, placement, context, shelf),
      selectionOf(query.filter ?? null, after, shopper.context, { search, catalog }),
    ]);
    const reranking = ruled.changes.length === 0 ? null : rerankingOf(ruled.changes, catalog);
    const left = (query.exclude ?? []).map(visible.numberOf);
    const ranking = await rankedIn(selection, {
      placement,
      context,
      currency,
      excluded: left.length === 0 ? excluded : new Set([...excluded, ...left]),
      avoided,
      first: query.first,
      isContinued: after !== null,
      reranking,
      proposals: proposed.proposals,
      ...(diversity === undefined ? {} : { diversity }),
      ...(trace && { trace }),
    });
    const { ranked, unavailable } = await withReasons(ranking, context, shopper.context.locale, visible);
    return {
      placement,
      pageItem,
      context,
      reranking,
      ranked,
      pricesMatter: currency !== null,
      unavailable,
      decisionId: decisions.idOf({
        placement: query.placement,
        storeId,
        productId: pageItem < 0 ? null : query.productId,
        cart: cart.map((item) => shelf.idOf(item)),
        items: ranked.map(({ product }) => product.id),
        sessionId,
        experiment,
      }),
      experiment,
      after,
      isFallback: varied.isWithoutPage || ranking.isFilledUp,
      warnings: selection?.warnings ?? [],
      degraded:
        read.degraded ||
        varied.degraded ||
        ruled.degraded ||
        proposed.degraded ||
        selection?.degraded === true,
    };
  }

  /** Ranks again without products that turn out not to pass, a few times, and then leaves them out. */
  async function rankedIn(selection: Selection | null, request: RankingRequest): Promise<Ranking> {
    if (selection === null) return ranker.rank(request);
    const { passes, further } = selection;
    for (let round = 1; ; round++) {
      const ranking = ranker.rank({ ...request, passes, further });
      const isConfirmed = await selection.confirm(ranking.items.map(({ item }) => item));
      if (isConfirmed) return ranking;
      if (round === roundsMax) return { ...ranking, items: ranking.items.filter(({ item }) => passes(item)) };
    }
  }

  /** The placement with the weights and the diversity of its variant, if an experiment has one for this shopper. */
  async function placementFor(
    shopper: Shopper,
    query: RecommendationQuery,
    { permit }: ReadProfile,
    pageItem: number,
  ) {
    const { providers, placements } = contributed();
    const named = placements.get(query.placement)!;
    const isWithoutPage = named.needsPage && pageItem < 0 && query.cart.length === 0;
    const usual = isWithoutPage ? placements.get('home')! : named;
    const weights = () => weightsIn(usual);
    // Without a permit, a list is the same for everybody.
    const request = {
      shopper: permit && shopper,
      permit,
      surface: surfaceOf(query),
      atMs: shopper.context.atMs,
    };
    const { variant, degraded } = await variantOf(providers, request, weights);
    return {
      placement: variant?.blend ? { ...usual, blend: { ...weights(), ...variant.blend } } : usual,
      isWithoutPage,
      diversity: query.diversity ?? variant?.diversity,
      experiment: variant?.assignment ?? null,
      degraded,
    };
  }

  /** Of all recommenders. */
  function weightsIn(placement: Placement): Record<string, number> {
    const all = [...recommenders, ...contributed().recommenders.map(({ contribution }) => contribution)];
    return Object.fromEntries(all.map((each) => [each.name, weightIn(placement, each)]));
  }

  /** Reads the products of a ranking and words why each stands there. */
  async function withReasons(
    ranking: Ranking,
    context: RankingContext,
    locale: string,
    visible: VisibleProducts,
  ) {
    const { recommenders: others } = contributed();
    const causeOf = others.length === 0 ? ownCauseOf : causesWith(others);
    const named = new Set<number>();
    for (const { item } of ranking.items) named.add(item);
    for (const { item } of ranking.unavailable) named.add(item);
    const causes: Required<Cause>[][] = [];
    for (const item of ranking.items) {
      const own = causesOf(item, context, causeOf);
      for (const { because } of own) if (because >= 0) named.add(because);
      causes.push(own);
    }
    const products = await visible.read(named);
    const naming = namingIn(locale);
    const phrases = contributedPhrases(others);
    const ranked: Recommendation[] = [];
    for (let at = 0; at < causes.length; at++) {
      const { item, score, shares } = ranking.items[at]!;
      const product = products.get(item);
      if (!product) continue;
      const reasons: Reason[] = [];
      let isBoughtAgain = false;
      for (const cause of causes[at]!) {
        reasons.push(wordReason(cause, products.get(cause.because) ?? null, naming, phrases));
        isBoughtAgain ||= cause.code === 'BUY_AGAIN';
      }
      ranked.push({
        product,
        position: 0,
        score,
        source: causeOf(mainShare(shares), item, context).source,
        reasons,
        expected: isBoughtAgain
          ? (buyAgain.due(item, context.profile.purchases, context.nowMs)?.expected ?? null)
          : null,
      });
    }
    const unavailable = ranking.unavailable.flatMap(({ item, reason }): Omission[] => {
      const product = products.get(item);
      return product ? [{ product, reason }] : [];
    });
    return { ranked, unavailable };
  }

  function causesWith(others: Contributions['recommenders']) {
    const { models: theirs } = models.contributed;
    const all = others.map(({ contribution }) => ({ ...contribution, ...theirs.get(contribution.name) }));
    return createCauses([...recommenders, ...all]);
  }

  function namingIn(locale: string): Naming {
    const [base = ''] = locale.split('-', 1);
    return {
      language: languageOf(locale),
      product: (product) => textOf(product, locale).title,
      category(id) {
        const category = catalog.category(id);
        if (!category) return null;
        const { translations } = category;
        return (translations[locale] ?? translations[base])?.name ?? category.name;
      },
    };
  }

  return rankedList;
}

function surfaceOf({ placement, productId, cart }: RecommendationQuery) {
  return { kind: 'placement', placement, productId, cart } as const;
}

function mainShare<S extends { readonly amount: number }>(shares: readonly S[]): S {
  let main = shares[0]!;
  for (const share of shares) if (share.amount > main.amount) main = share;
  return main;
}
