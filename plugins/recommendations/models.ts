import type { Shelf } from '../../src/ports/catalog.js';
import type { ShopEvent } from '../../src/ports/events.js';
import { interest } from './evidence.js';
import { createSessionModel, type SessionModel } from './models/session-model.js';
import { type BoughtTogether, createBoughtTogether } from './recommenders/bought-together.js';
import type { TieOrder } from './recommenders/candidates.js';
import { type Content, createContent } from './recommenders/content.js';
import { createNewest, type Newest } from './recommenders/newest.js';
import { createPopularity, type Popularity } from './recommenders/popularity.js';
import { createReplenishment, type Replenishment } from './recommenders/replenishment.js';
import { createRepeatGuard } from './repeat-guard.js';

const dayMs = 86_400_000;
const newestMax = 2000;
/** Of a product's categories, so many count its popularity. */
const categoriesMax = 3;

/** Everything learned from the shop's own log and catalog, in the memory of the process. */
export interface Models {
  readonly session: SessionModel;
  readonly boughtTogether: BoughtTogether;
  readonly content: Content;
  readonly popularity: Popularity;
  /** The same with a short memory. */
  readonly trend: Popularity;
  readonly newest: Newest;
  readonly replenishment: Replenishment;
  readonly tie: TieOrder;
  /** Learns from one event, if it may teach and names products that the shelf knows. */
  learn(event: ShopEvent): void;
}

export function createModels(shelf: Shelf): Models {
  const tie: TieOrder = (a, b) => (a === b ? 0 : shelf.idOf(a) < shelf.idOf(b) ? -1 : 1);
  const session = createSessionModel();
  const boughtTogether = createBoughtTogether(tie);
  const content = createContent(tie);
  const popularity = createPopularity({ halfLifeMs: 14 * dayMs });
  const trend = createPopularity({ halfLifeMs: dayMs });
  const newest = createNewest(newestMax, tie);
  const replenishment = createReplenishment();
  const guard = createRepeatGuard();

  function learnItem(event: ShopEvent, item: number, weight: number): void {
    const categoryIds = shelf.categories(item).slice(0, categoriesMax);
    if (guard.isNew(event.sessionId, item, event.type, event.atMs)) {
      const { atMs, storeId } = event;
      popularity.learn(item, weight, { atMs, storeId, categoryIds, brand: shelf.brand(item) });
      trend.learn(item, weight, { atMs, storeId: null, categoryIds: [], brand: null });
    }
    switch (event.type) {
      case 'PRODUCT_ADDED_TO_CART':
        boughtTogether.cartAdded(event.sessionId, item);
        session.add(event.sessionId, item, event.atMs);
        break;
      case 'PRODUCT_VIEWED':
        session.add(event.sessionId, item, event.atMs);
        break;
      case 'ORDER_COMPLETED':
        replenishment.learn(event.customerId ?? event.sessionId, item, categoryIds, event.atMs);
        break;
      default:
        break;
    }
  }

  return {
    session,
    boughtTogether,
    content,
    popularity,
    trend,
    newest,
    replenishment,
    tie,
    learn(event) {
      if (!event.learn) return;
      const weight = interest(event.type);
      if (weight === 0 && event.type !== 'PRODUCT_REMOVED_FROM_CART') return;
      const known: number[] = [];
      for (const id of event.productIds) {
        const item = shelf.numberOf(id);
        if (item < 0) continue;
        known.push(item);
        if (weight > 0) learnItem(event, item, weight);
        else boughtTogether.cartRemoved(event.sessionId, item);
      }
      if (event.type === 'ORDER_COMPLETED') boughtTogether.order(event.sessionId, known);
    },
  };
}
