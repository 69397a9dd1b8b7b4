import { RapportError } from '../../../src/errors.js';
import { languageOf } from '../../../src/kit/language-of.js';
import type { Clock } from '../../../src/plugin.js';
import { canBuyVariant, type Product } from '../../../src/ports/catalog.js';
import type { Consent } from '../../../src/ports/consent.js';
import { changesOf, rerankingOf } from '../../../src/ports/ranking.js';
import type { Recommendations } from '../../../src/ports/recommendations.js';
import type { SpeechWriter } from '../../../src/ports/speech.js';
import { explanationOf, historyOf } from '../explain/explain.js';
import { createRankingTrace } from '../explain/ranking-trace.js';
import { type Naming, spokenReason } from '../explain/reasons.js';
import type { Models } from '../learning/models.js';
import { reportDaysMax } from '../learning/report.js';
import { contributedPhrases } from '../recommenders/contributed-recommenders.js';
import { applyChannelPolicy } from './channel-policy.js';
import { checkFirst, checkQuery } from './check-query.js';
import type { HistoryReader } from './history.js';
import { endCursorOf, isContinuable, lastPlaceOf } from './list-pages.js';
import { profileOf } from './profile.js';
import { createRankedLists, type RankedListParts } from './ranked-list.js';
import { createReadProfile, type ReadProfile } from './read-profile.js';
import { unknownNames } from './unknown-names.js';
import { createVisibleProducts } from './visible-products.js';

const spokenMax = 10;

interface RecommendationsParts extends RankedListParts {
  readonly consent: Consent;
  readonly speech: SpeechWriter;
  readonly history: HistoryReader;
  readonly models: Pick<Models, 'report' | 'contributed'>;
  readonly clock: Clock;
}

/** What a request gets: a list as its channel can use it, the explanation of one product, and the report. */
export function createRecommendations(parts: RecommendationsParts): Recommendations {
  const { catalog, speech, recommenders, models, clock, contributed } = parts;
  const { eligible, inStore, knowsStore } = catalog.shelf;
  const rankedList = createRankedLists(parts);
  const visibleTo = createVisibleProducts(catalog);
  const readProfile = createReadProfile(parts);

  return {
    async recommend(shopper, query) {
      const visible = visibleTo(shopper.context.caller.role);
      checkQuery(query, contributed().placements);
      const read = await readProfile(shopper, visible);
      const list = await rankedList(shopper, query, read, visible);
      const { ranked, pricesMatter, unavailable, decisionId, experiment, reranking, degraded } = list;
      const { kept, omitted } = applyChannelPolicy(ranked, shopper.context, pricesMatter);
      const shown = kept.map(({ product }) => product.id);
      return {
        decisionId,
        items: kept.map((recommendation, at) => ({ ...recommendation, position: at + 1 })),
        omitted: [...unavailable, ...omitted],
        personalized: !read.profile.blank,
        degraded,
        appliedRules: reranking?.ruleIds ?? [],
        warnings: [...unknownNames(query, (id) => visible.numberOf(id) >= 0), ...list.warnings],
        experiment,
        fallback: list.isFallback,
        endCursor: () => endCursorOf(query, shopper.context, list.after, shown),
        hasNext:
          shown.length > 0 &&
          isContinuable(lastPlaceOf(list.after, shown.length)) &&
          (ranked.length === query.first || omitted.some(({ reason }) => reason === 'CHANNEL_LIMIT')),
      };
    },

    async explain(shopper, query, explainedId, example) {
      checkQuery(query, contributed().placements);
      const visible = visibleTo(shopper.context.caller.role);
      const item = visible.numberOf(explainedId);
      const product = item < 0 ? undefined : (await visible.read(new Set([item]))).get(item);
      if (product === undefined) return null;
      const { atMs } = shopper.context;
      const read: ReadProfile =
        example === null
          ? await readProfile(shopper, visible)
          : {
              profile: profileOf(historyOf(example, atMs), visible.ofHistory, atMs),
              permit: null,
              degraded: false,
            };
      // Imagined shoppers with one history are one shopper: their lists have one decision id.
      const imagined = example === null ? shopper : { ...shopper, sessionId: 'example' };
      const trace = createRankingTrace(item);
      const decision = await rankedList(imagined, query, read, visible, trace);
      const { ranked, pricesMatter, unavailable, decisionId, degraded, ...decided } = decision;
      const { kept, omitted } = applyChannelPolicy(ranked, shopper.context, pricesMatter);
      const all = [...recommenders, ...contributed().recommenders.map(({ contribution }) => contribution)];
      return {
        ...explanationOf({
          ...decided,
          product,
          item,
          traced: trace.traced,
          position: kept.findIndex((each) => each.product.id === product.id) + 1 || null,
          omission:
            [...unavailable, ...omitted].find((each) => each.product.id === product.id)?.reason ?? null,
          sourceOf: (name) => all.find((each) => each.name === name)!.source,
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
        language: languageOf(locale),
        product: (product) => speech.shortName(product, locale),
        category: () => null,
      };
      const phrases = contributedPhrases(contributed().recommenders);
      const spoken = items
        .slice(0, first)
        .map(({ product, reasons }) => ({ product, reason: spokenReason(reasons, naming, phrases) }));
      const canBuy = ({ id }: Product, variant: number): boolean =>
        canBuyVariant(catalog, id, variant, storeId);
      const place = { locale, currency, storeId, atMs, customerGroup, canBuy };
      return speech.products(spoken, { ...place, intro: 'RECOMMENDATION' });
    },

    async recentlyViewed(shopper, first) {
      checkFirst(first);
      const visible = visibleTo(shopper.context.caller.role);
      const { profile, permit } = await readProfile(shopper, visible);
      const { storeId, atMs } = shopper.context;
      const surface = { kind: 'placement', placement: 'recently-viewed', productId: null, cart: [] } as const;
      const ruled = await changesOf(contributed().rules, { shopper, permit, surface, atMs });
      const { shows } = rerankingOf(ruled.changes, catalog);
      const scoped = storeId !== null && knowsStore(storeId);
      const items = profile.viewed
        .filter((item) => eligible(item) && (!scoped || inStore(item, storeId)))
        .filter((item) => !profile.unwanted.has(item) && shows(item))
        .slice(0, first);
      return [...(await visible.read(new Set(items))).values()];
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
