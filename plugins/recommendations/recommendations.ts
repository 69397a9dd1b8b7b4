import type { Contributed } from '../../src/contributed.js';
import { isRapportError, RapportError } from '../../src/errors.js';
import type { Clock } from '../../src/plugin.js';
import { type Catalog, type Product, textOf } from '../../src/ports/catalog.js';
import type { Consent, Permit } from '../../src/ports/consent.js';
import type { Shopper } from '../../src/ports/customers.js';
import { changesOf, type RankingRule, rerankingOf } from '../../src/ports/ranking.js';
import type {
  Omission,
  Recommendation,
  RecommendationQuery,
  Recommendations,
} from '../../src/ports/recommendations.js';
import type { BuyAgain } from './buy-again.js';
import { applyChannelPolicy } from './channel-policy.js';
import type { DecisionIds } from './decision-id.js';
import { blankEvidence, type Evidence, evidenceOf } from './evidence.js';
import type { HistoryReader } from './history.js';
import { type Placement, placements } from './placements.js';
import type { Ranker } from './ranking.js';
import { type Cause, causesOf, wordReason } from './reasons.js';
import { originOf } from './recommenders.js';
import { type Report, reportDaysMax } from './report.js';
import { situationOf } from './situation.js';
import { type VisibleProducts, visibleProducts } from './visible-products.js';

const firstMax = 100;
const cartMax = 100;

export interface RecommendationsParts {
  readonly catalog: Catalog;
  readonly consent: Consent;
  readonly history: HistoryReader;
  readonly ranker: Ranker;
  readonly buyAgain: BuyAgain;
  readonly decisions: Pick<DecisionIds, 'idOf'>;
  readonly report: Pick<Report, 'read'>;
  readonly clock: Clock;
  rules(): readonly Contributed<RankingRule>[];
}

export function createRecommendations(parts: RecommendationsParts): Recommendations {
  const { catalog, consent, history, ranker, buyAgain, decisions, report, clock, rules } = parts;
  const { shelf } = catalog;

  async function readEvidence(
    shopper: Shopper,
    { ofHistory }: VisibleProducts,
  ): Promise<{ evidence: Evidence; permit: Permit<'PERSONALIZATION'> | null; degraded: boolean }> {
    const permit = await consent.permit(shopper, 'PERSONALIZATION');
    if (permit === null) return { evidence: blankEvidence, permit, degraded: false };
    try {
      const events = await history.read(permit);
      return { evidence: evidenceOf(events, ofHistory, shopper.context.atMs), permit, degraded: false };
    } catch (error) {
      if (isRapportError(error, 'unavailable')) {
        return { evidence: blankEvidence, permit, degraded: true };
      }
      throw error;
    }
  }

  return {
    async recommend(shopper, query) {
      const asked = checkQuery(query);
      const { context } = shopper;
      const visible = visibleProducts(catalog, context.caller.role);
      const { evidence, permit, degraded } = await readEvidence(shopper, visible);
      const storeId = context.storeId !== null && shelf.knowsStore(context.storeId) ? context.storeId : null;
      const pageItem = query.productId === null ? -1 : visible.numberOf(query.productId);
      const placement: Placement =
        asked.needsPage && pageItem < 0 && query.cart.length === 0 ? placements.get('home')! : asked;
      const cart = [...new Set(query.cart.map(visible.numberOf))].filter((item) => item >= 0);
      const { placement: name, productId } = query;
      const surface = { kind: 'placement', placement: name, productId, cart: query.cart } as const;
      const ruled = await changesOf(rules(), { shopper, permit, surface, atMs: context.atMs });
      const reranking = ruled.changes.length === 0 ? null : rerankingOf(ruled.changes, catalog);
      const { situation, excluded, avoided } = situationOf({
        placement,
        evidence,
        pageItem,
        cart,
        storeId,
        sessionKey: evidence.blank ? null : shopper.sessionId,
        known: !evidence.blank && shopper.customerId !== null,
        nowMs: context.atMs,
        shelf,
      });
      const ranking = ranker.rank({
        placement,
        situation,
        excluded,
        avoided,
        first: query.first,
        reranking,
        ...(query.diversity == null ? {} : { diversity: query.diversity }),
      });

      const causes = ranking.items.map((item) => causesOf(item, situation, shelf));
      const products = await visible.read([
        ...ranking.items.map(({ item }) => item),
        ...ranking.outOfStore,
        ...causes.flat().flatMap(({ because }) => (because >= 0 ? [because] : [])),
      ]);

      const nameOf = (product: Product) => textOf(product, context.locale).title;
      const categoryName = (id: string) => {
        const category = catalog.category(id);
        if (!category) return null;
        const { translations } = category;
        return (
          (translations[context.locale] ?? translations[context.locale.split('-')[0]!])?.name ?? category.name
        );
      };
      const reasonOf = (cause: Cause) =>
        wordReason(cause, products.get(cause.because) ?? null, context.locale, nameOf, categoryName);

      const ranked: Recommendation[] = [];
      for (const [at, { item, score, shares }] of ranking.items.entries()) {
        const product = products.get(item);
        if (!product) continue;
        ranked.push({
          product,
          position: 0,
          score,
          source: originOf(item, mainShare(shares)).source,
          reasons: causes[at]!.map(reasonOf),
          expected: causes[at]!.some(({ code }) => code === 'BUY_AGAIN')
            ? (buyAgain.due(item, evidence.purchases, context.atMs)?.expected ?? null)
            : null,
        });
      }
      const { kept, omitted } = applyChannelPolicy(ranked, context);
      return {
        decisionId: decisions.idOf({
          placement: query.placement,
          storeId,
          productId: pageItem < 0 ? null : query.productId,
          cart: cart.map((item) => shelf.idOf(item)),
          items: ranked.map(({ product }) => product.id),
          sessionId: evidence.blank ? null : shopper.sessionId,
        }),
        items: kept.map((recommendation, at) => ({ ...recommendation, position: at + 1 })),
        omitted: [
          ...ranking.outOfStore.flatMap((item): Omission[] => {
            const product = products.get(item);
            return product ? [{ product, reason: 'OUT_OF_STOCK_IN_STORE' }] : [];
          }),
          ...omitted.map(({ item, reason }) => ({ product: item.product, reason })),
        ],
        personalized: !evidence.blank,
        degraded: degraded || ruled.degraded,
        appliedRules: reranking?.ruleIds ?? [],
      };
    },

    async recentlyViewed(shopper, first) {
      checkFirst(first);
      const visible = visibleProducts(catalog, shopper.context.caller.role);
      const { evidence } = await readEvidence(shopper, visible);
      const { storeId } = shopper.context;
      const scoped = storeId !== null && shelf.knowsStore(storeId);
      const items = evidence.viewed
        .filter((item) => shelf.eligible(item) && (!scoped || shelf.inStore(item, storeId)))
        .filter((item) => !evidence.unwanted.has(item))
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
      return report.read(days, clock.nowMs());
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

function checkQuery({ placement, first, cart, diversity }: RecommendationQuery): Placement {
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
