import type { Contributed } from '../../../src/contributed.js';
import { isRapportError, RapportError } from '../../../src/errors.js';
import type { Clock } from '../../../src/plugin.js';
import { type Catalog, textOf } from '../../../src/ports/catalog.js';
import type { Consent, Permit } from '../../../src/ports/consent.js';
import type { Shopper } from '../../../src/ports/customers.js';
import type { PlacementProvider } from '../../../src/ports/placements.js';
import { changesOf, type RankingRule, rerankingOf } from '../../../src/ports/ranking.js';
import type {
  ExampleProfile,
  Omission,
  Recommendation,
  RecommendationQuery,
  Recommendations,
} from '../../../src/ports/recommendations.js';
import type { Recommender, ShopperProfile } from '../../../src/ports/recommenders.js';
import type { SpeechWriter } from '../../../src/ports/speech.js';
import { explanationOf, historyOf } from '../explain/explain.js';
import { createRankingTrace, type RankingTrace } from '../explain/ranking-trace.js';
import { causesOf, createCauses, type Naming, spokenReason, wordReason } from '../explain/reasons.js';
import type { Models } from '../learning/models.js';
import { reportDaysMax } from '../learning/report.js';
import { variantOf } from '../ranking/contributed-placements.js';
import { type Placement, weightIn } from '../ranking/placements.js';
import type { Ranker } from '../ranking/ranking.js';
import type { BuyAgain } from '../recommenders/buy-again.js';
import { contributedPhrases, proposalsOf } from '../recommenders/contributed-recommenders.js';
import type { OwnModel, OwnRecommender } from '../recommenders/own-recommender.js';
import { applyChannelPolicy } from './channel-policy.js';
import type { DecisionIds } from './decision-id.js';
import type { HistoryReader } from './history.js';
import { blankProfile, profileOf } from './profile.js';
import { rankingContextOf } from './ranking-context.js';
import { unknownNames } from './unknown-names.js';
import { type VisibleProducts, visibleProducts } from './visible-products.js';

const firstMax = 100;
const cartMax = 100;
const spokenMax = 10;

export interface RecommendationsParts {
  readonly catalog: Catalog;
  readonly consent: Consent;
  readonly speech: SpeechWriter;
  readonly history: HistoryReader;
  readonly ranker: Ranker;
  readonly recommenders: readonly (OwnRecommender & OwnModel)[];
  readonly models: Pick<Models, 'report' | 'contributed'>;
  readonly buyAgain: BuyAgain;
  readonly decisions: Pick<DecisionIds, 'idOf'>;
  readonly clock: Clock;
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

interface Profile {
  readonly profile: ShopperProfile;
  readonly permit: Permit<'PERSONALIZATION'> | null;
  readonly degraded: boolean;
}

export function createRecommendations(parts: RecommendationsParts): Recommendations {
  const {
    catalog,
    consent,
    speech,
    history,
    ranker,
    recommenders,
    models,
    buyAgain,
    decisions,
    clock,
    contributed,
  } = parts;
  const { shelf } = catalog;
  const { knowsStore } = shelf;
  const ownCauseOf = createCauses(recommenders);

  async function readProfile(shopper: Shopper, { ofHistory }: VisibleProducts): Promise<Profile> {
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    if (permit === null) return { profile: blankProfile, permit, degraded: false };
    try {
      const events = await history.read(permit);
      return { profile: profileOf(events, ofHistory, shopper.context.atMs), permit, degraded: false };
    } catch (error) {
      if (!isRapportError(error, 'unavailable')) throw error;
      return { profile: blankProfile, permit, degraded: true };
    }
  }

  function exampleProfile(
    example: ExampleProfile,
    { context: { atMs } }: Shopper,
    { ofHistory }: VisibleProducts,
  ): ShopperProfile {
    return profileOf(historyOf(example, atMs), ofHistory, atMs);
  }

  /** Profile, ranking and reasons: the same for every channel. */
  async function rank(
    shopper: Shopper,
    query: RecommendationQuery,
    { profile, permit, degraded }: Profile,
    visible: VisibleProducts,
    trace?: RankingTrace,
  ) {
    const { rules, recommenders: others, providers, placements } = contributed();
    const asked = checkQuery(query, placements);
    const { atMs, storeId: storeNamed } = shopper.context;
    const storeId = storeNamed !== null && knowsStore(storeNamed) ? storeNamed : null;
    const pageItem = query.productId === null ? -1 : visible.numberOf(query.productId);
    const usual =
      asked.needsPage && pageItem < 0 && query.cart.length === 0 ? placements.get('home')! : asked;
    const { placement: name, productId } = query;
    const surface = { kind: 'placement', placement: name, productId, cart: query.cart } as const;
    const weights = () => weightsIn(usual);
    // Without a permit, a list is the same for everybody.
    const varied = await variantOf(providers, { shopper: permit && shopper, permit, surface, atMs }, weights);
    const { variant } = varied;
    const placement = variant?.blend ? { ...usual, blend: { ...weights(), ...variant.blend } } : usual;
    const diversity = query.diversity ?? variant?.diversity;
    const experiment = variant?.assignment ?? null;
    const cart = [...new Set(query.cart.map(visible.numberOf))].filter((item) => item >= 0);
    const { context, excluded, avoided } = rankingContextOf({
      placement,
      profile,
      pageItem,
      cart,
      storeId,
      sessionKey: profile.blank ? null : shopper.sessionId,
      customerId: profile.blank ? null : shopper.customerId,
      nowMs: atMs,
      shelf,
    });
    const [ruled, proposed] = await Promise.all([
      changesOf(rules, { shopper, permit, surface, atMs }),
      proposalsOf(others, models.contributed.models, placement, context, shelf),
    ]);
    const reranking = ruled.changes.length === 0 ? null : rerankingOf(ruled.changes, catalog);
    const ranking = ranker.rank({
      placement,
      context,
      excluded,
      avoided,
      first: query.first,
      reranking,
      proposals: proposed.proposals,
      ...(diversity === undefined ? {} : { diversity }),
      ...(trace && { trace }),
    });

    const causeOf = others.length === 0 ? ownCauseOf : causesWith(others);
    const causes = ranking.items.map((item) => causesOf(item, context, causeOf));
    const products = await visible.read([
      ...ranking.items.map(({ item }) => item),
      ...ranking.outOfStore,
      ...causes.flat().flatMap(({ because }) => (because >= 0 ? [because] : [])),
    ]);
    const naming = namingIn(shopper.context.locale);
    const phrases = contributedPhrases(others);
    const ranked: Recommendation[] = [];
    for (const [at, { item, score, shares }] of ranking.items.entries()) {
      const product = products.get(item);
      if (!product) continue;
      ranked.push({
        product,
        position: 0,
        score,
        source: causeOf(mainShare(shares), item, context).source,
        reasons: causes[at]!.map((cause) =>
          wordReason(cause, products.get(cause.because) ?? null, naming, phrases),
        ),
        expected: causes[at]!.some(({ code }) => code === 'BUY_AGAIN')
          ? (buyAgain.due(item, profile.purchases, atMs)?.expected ?? null)
          : null,
      });
    }
    return {
      placement,
      pageItem,
      context,
      reranking,
      ranked,
      outOfStore: ranking.outOfStore.flatMap((item) => products.get(item) ?? []),
      decisionId: decisions.idOf({
        placement: query.placement,
        storeId,
        productId: pageItem < 0 ? null : query.productId,
        cart: cart.map((item) => shelf.idOf(item)),
        items: ranked.map(({ product }) => product.id),
        sessionId: profile.blank ? null : shopper.sessionId,
        experiment,
      }),
      experiment,
      degraded: degraded || varied.degraded || ruled.degraded || proposed.degraded,
    };
  }

  function causesWith(others: Contributions['recommenders']) {
    const { models: theirs } = models.contributed;
    const all = others.map(({ contribution }) => ({ ...contribution, ...theirs.get(contribution.name) }));
    return createCauses([...recommenders, ...all]);
  }

  /** Of all recommenders. */
  function weightsIn(placement: Placement): Record<string, number> {
    const all = [...recommenders, ...contributed().recommenders.map(({ contribution }) => contribution)];
    return Object.fromEntries(all.map((each) => [each.name, weightIn(placement, each)]));
  }

  function namingIn(locale: string): Naming {
    return {
      locale,
      product: (product) => textOf(product, locale).title,
      category(id) {
        const category = catalog.category(id);
        if (!category) return null;
        const { translations } = category;
        return (translations[locale] ?? translations[locale.split('-')[0]!])?.name ?? category.name;
      },
    };
  }

  return {
    async recommend(shopper, query) {
      const visible = visibleProducts(catalog, shopper.context.caller.role);
      checkQuery(query, contributed().placements);
      const read = await readProfile(shopper, visible);
      const { ranked, outOfStore, decisionId, experiment, reranking, degraded } = await rank(
        shopper,
        query,
        read,
        visible,
      );
      const { kept, omitted } = applyChannelPolicy(ranked, shopper.context);
      return {
        decisionId,
        items: kept.map((recommendation, at) => ({ ...recommendation, position: at + 1 })),
        omitted: [
          ...outOfStore.map((product): Omission => ({ product, reason: 'OUT_OF_STOCK_IN_STORE' })),
          ...omitted.map(({ item, reason }) => ({ product: item.product, reason })),
        ],
        personalized: !read.profile.blank,
        degraded,
        appliedRules: reranking?.ruleIds ?? [],
        warnings: unknownNames(query, shopper.context.storeId, (id) => visible.numberOf(id) >= 0, knowsStore),
        experiment,
      };
    },

    async explain(shopper, query, explainedId, example) {
      checkQuery(query, contributed().placements);
      const visible = visibleProducts(catalog, shopper.context.caller.role);
      const item = visible.numberOf(explainedId);
      const product = item < 0 ? undefined : (await visible.read([item])).get(item);
      if (product === undefined) return null;
      const read: Profile =
        example === null
          ? await readProfile(shopper, visible)
          : { profile: exampleProfile(example, shopper, visible), permit: null, degraded: false };
      // Imagined shoppers with one history are one shopper: their lists have one decision id.
      const imagined = example === null ? shopper : { ...shopper, sessionId: 'example' };
      const trace = createRankingTrace(item);
      const decision = await rank(imagined, query, read, visible, trace);
      const { ranked, outOfStore, placement, decisionId, degraded, ...parts } = decision;
      const { kept, omitted } = applyChannelPolicy(ranked, shopper.context);
      const all = [...recommenders, ...contributed().recommenders.map(({ contribution }) => contribution)];
      return {
        ...explanationOf({
          ...parts,
          product,
          item,
          traced: trace.traced,
          position: kept.findIndex((each) => each.product.id === product.id) + 1 || null,
          omission: omitted.find(({ item: each }) => each.product.id === product.id)?.reason ?? null,
          recommender(name) {
            const recommender = all.find((each) => each.name === name)!;
            return { weight: weightIn(placement, recommender), source: recommender.source };
          },
        }),
        decisionId,
        lastScore: ranked.at(-1)?.score ?? null,
        degraded,
      };
    },

    speech(shopper, { items }, first) {
      if (!Number.isInteger(first) || first < 1 || first > spokenMax) {
        throw new RapportError(
          'invalid',
          'RECOMMENDATIONS_SPEECH_FIRST_INVALID',
          `first must be a whole number from 1 to ${spokenMax}, not ${first}`,
        );
      }
      const { locale, currency, storeId, atMs, customerGroup } = shopper.context;
      const naming: Naming = {
        locale,
        product: (product) => speech.shortName(product, locale),
        category: () => null,
      };
      const phrases = contributedPhrases(contributed().recommenders);
      const spoken = items
        .slice(0, first)
        .map(({ product, reasons }) => ({ product, reason: spokenReason(reasons, naming, phrases) }));
      const place = { locale, currency, storeId, atMs, customerGroup };
      return speech.products(spoken, { ...place, intro: 'RECOMMENDATION' });
    },

    async recentlyViewed(shopper, first) {
      checkFirst(first);
      const visible = visibleProducts(catalog, shopper.context.caller.role);
      const { profile, permit } = await readProfile(shopper, visible);
      const { storeId, atMs } = shopper.context;
      const surface = { kind: 'placement', placement: 'recently-viewed', productId: null, cart: [] } as const;
      const ruled = await changesOf(contributed().rules, { shopper, permit, surface, atMs });
      const { shows } = rerankingOf(ruled.changes, catalog);
      const scoped = storeId !== null && knowsStore(storeId);
      const items = profile.viewed
        .filter((item) => shelf.eligible(item) && (!scoped || shelf.inStore(item, storeId)))
        .filter((item) => !profile.unwanted.has(item) && shows(item))
        .slice(0, first);
      return [...(await visible.read(items)).values()];
    },

    report(days) {
      if (!Number.isInteger(days) || days < 1 || days > reportDaysMax) {
        throw new RapportError(
          'invalid',
          'RECOMMENDATIONS_DAYS_INVALID',
          `days must be a whole number from 1 to ${reportDaysMax}, not ${days}`,
        );
      }
      return models.report.read(days, clock.nowMs());
    },
  };
}

function mainShare<S extends { readonly amount: number }>(shares: readonly S[]): S {
  let main = shares[0]!;
  for (const share of shares) if (share.amount > main.amount) main = share;
  return main;
}

function checkFirst(first: number): void {
  if (!Number.isInteger(first) || first < 1 || first > firstMax) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_FIRST_INVALID',
      `first must be a whole number from 1 to ${firstMax}, not ${first}`,
      { path: ['first'] },
    );
  }
}

function checkQuery(
  { placement, first, cart, diversity }: RecommendationQuery,
  placements: ReadonlyMap<string, Placement>,
): Placement {
  const known = placements.get(placement);
  if (!known) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_PLACEMENT_UNKNOWN',
      `there is no placement "${placement.slice(0, 64)}"; there are ${[...placements.keys()].join(', ')}`,
      { path: ['placement'] },
    );
  }
  checkFirst(first);
  if (diversity != null && !(diversity >= 0 && diversity <= 1)) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_DIVERSITY_INVALID',
      `diversity must be a number from 0 to 1, not ${diversity}`,
      { path: ['diversity'] },
    );
  }
  if (cart.length > cartMax) {
    throw new RapportError(
      'invalid',
      'RECOMMENDATIONS_CART_TOO_LONG',
      `cart may name ${cartMax} products, not ${cart.length}`,
      { path: ['cart'] },
    );
  }
  return known;
}
