import { catalog } from '../../plugins/catalog/plugin.js';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { recommendations } from '../../plugins/recommendations/plugin.js';
import { search } from '../../plugins/search/plugin.js';
import { speech } from '../../plugins/speech/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { ContextInput } from '../../src/context.js';
import type { Shopper } from '../../src/ports/customers.js';
import type { EventType } from '../../src/ports/events.js';
import type { RecommendationList, RecommendationQuery } from '../../src/ports/recommendations.js';
import type { TestBootOptions } from './boot.js';
import { bootPeople, type People } from './people.js';

/** A shop whose shoppers look, buy and are recommended to, in short words. */
export interface Shop extends People {
  save(products: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  stock(productId: string, storeId: string | null, quantity: number): Promise<void>;
  /** The session did it just now. */
  did(
    sessionId: string,
    type: EventType,
    productIds: readonly string[],
    more?: Readonly<Record<string, unknown>>,
    context?: Partial<ContextInput>,
  ): Promise<void>;
  consented(sessionId: string, status?: 'GRANTED' | 'WITHDRAWN'): Promise<void>;
  shopper(sessionId: string, context?: Partial<ContextInput>): Promise<Shopper>;
  recommend(
    sessionId: string,
    query: Partial<RecommendationQuery>,
    context?: Partial<ContextInput>,
  ): Promise<RecommendationList>;
}

export async function openShop(options: TestBootOptions = {}): Promise<Shop> {
  const people = await bootPeople(
    [store, queue, customers, consent, events, catalog, merchandising, search, speech, recommendations],
    // One person is enough for a product to be popular, unless the test is about that.
    { ...options, environment: { RAPPORT_RECOMMENDATIONS_PEOPLE_MIN: '1', ...options.environment } },
  );
  let messages = 0;
  const shopper: Shop['shopper'] = (sessionId, context) =>
    people.port('customers').recognise(people.context({ ...context, sessionId }, { role: 'SERVER' }));
  return {
    ...people,
    shopper,
    async save(products) {
      const { userErrors } = await people
        .port('catalog')
        .save(products.map((product) => ({ title: `Product ${product.id}`, ...product })));
      if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    },
    async stock(productId, storeId, quantity) {
      const { userErrors } = await people.port('catalog').setStock([{ productId, storeId, quantity }]);
      if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    },
    async did(sessionId, type, productIds, more, context) {
      const { userErrors } = await people
        .port('events')
        .record(people.context({ ...context, sessionId }, { role: 'SERVER' }), [
          { messageId: `message-${++messages}`, type, productIds, ...more },
        ]);
      if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    },
    async consented(sessionId, status = 'GRANTED') {
      const { userErrors } = await people
        .port('consent')
        .decide(await shopper(sessionId), [{ purpose: 'PERSONALIZATION', status }]);
      if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    },
    async recommend(sessionId, query, context) {
      return people.port('recommendations').recommend(await shopper(sessionId, context), {
        placement: 'home',
        first: 12,
        productId: null,
        cart: [],
        ...query,
      });
    },
  };
}
