import type { Role } from 'rapport/context.js';
import type { TestGateway } from 'rapport/testing.js';

/** A small shop of coffee and camping, saved through the graph as a commerce system would. */
export const coffee = ['grinder', 'kettle', 'press', 'beans', 'scale', 'filter'].map(
  (name) => `coffee-${name}`,
);
export const camping = ['tent', 'stove', 'lamp', 'mat', 'bag', 'rope'].map((name) => `camping-${name}`);
export const everything = [...coffee, ...camping];

export async function openShop(gateway: Pick<TestGateway, 'ask'>): Promise<void> {
  const { errors } = await gateway.ask(
    `mutation ($categories: [CategoryInput!]!, $products: [ProductInput!]!) {
      saveCategories(categories: $categories) { userErrors { message } }
      saveProducts(products: $products) { saved userErrors { message } }
    }`,
    {
      role: 'SERVER',
      variables: {
        categories: [
          { id: 'coffee', name: 'Coffee' },
          { id: 'camping', name: 'Camping' },
        ],
        products: everything.map((id, i) => ({
          id,
          sku: `SKU-${i}`,
          title: `${id.split('-')[1]} for ${id.split('-')[0]}`,
          description: `A good ${id.replace('-', ' ')}.`,
          brand: i % 2 ? 'Nord' : 'Sud',
          categoryIds: [id.split('-')[0]],
          prices: [
            { amount: `${10 + i}.50`, currency: 'EUR' },
            { amount: `${12 + i}.00`, currency: 'CHF' },
          ],
          stock: [{ quantity: 5 }, { storeId: 'berne', quantity: 3 }, { storeId: 'zurich', quantity: i % 3 }],
        })),
      },
    },
  );
  if (errors) throw new Error(JSON.stringify(errors));
}

export function shopperContext(
  sessionId: string,
  channel = 'WEB',
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { channel, sessionId, currency: 'EUR', locale: 'en', ...more };
}

export async function grant(
  gateway: Pick<TestGateway, 'ask'>,
  sessionId: string,
  status = 'GRANTED',
  role: Role = 'STOREFRONT',
): Promise<void> {
  const { errors } = await gateway.ask(
    'mutation ($context: ShopperContext!, $status: ConsentStatus!) { setConsent(context: $context, decisions: [{ purpose: PERSONALIZATION, status: $status }]) { userErrors { message } } }',
    { role, variables: { context: shopperContext(sessionId), status } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
}

let sent = 0;

export async function record(
  gateway: Pick<TestGateway, 'ask'>,
  sessionId: string,
  type: string,
  productIds: readonly string[],
  more: Record<string, unknown> = {},
): Promise<void> {
  const answer = await gateway.ask(
    'mutation ($context: ShopperContext!, $events: [EventInput!]!) { recordEvents(context: $context, events: $events) { accepted duplicates rejected userErrors { message } } }',
    {
      variables: {
        context: shopperContext(sessionId),
        events: [{ messageId: `m${++sent}`, type, productIds, ...more }],
      },
    },
  );
  if (answer.errors || answer.at('recordEvents.accepted') !== 1) throw new Error(answer.text);
}

/** Four shoppers who consented look at all coffee, enough people for reasons to name it. */
export async function viewCoffee(gateway: Pick<TestGateway, 'ask'>): Promise<void> {
  for (const person of ['p-1', 'p-2', 'p-3', 'p-4']) {
    await grant(gateway, person);
    for (const id of coffee) await record(gateway, person, 'PRODUCT_VIEWED', [id]);
  }
}

/** The number of events of a type that the gateway recorded. */
export async function recorded(gateway: Pick<TestGateway, 'ask'>, type: string): Promise<number> {
  const report = await gateway.ask('{ eventReport { byType { type events } } }', { role: 'MERCHANDISER' });
  const counts = report.at('eventReport.byType') as { type: string; events: number }[];
  return counts.find((count) => count.type === type)?.events ?? 0;
}

export const listQuery = `query ($context: ShopperContext!, $placement: ID!, $first: Int, $productId: ID, $cart: [ID!]) {
  shopper(context: $context) {
    personalization { applied reason }
    recommendations(placement: $placement, first: $first, productId: $productId, cart: $cart) {
      decisionId personalized degraded
      items { position score source product { id title price { amount currency } inStock } reasons { code text because { id } } }
      omitted { reason product { id } }
      speech { ssml text reprompt }
    }
  }
}`;

export interface List {
  readonly decisionId: string;
  readonly ids: readonly string[];
  readonly omitted: ReadonlyMap<string, string>;
  readonly speech: { readonly ssml: string; readonly text: string; readonly reprompt: string };
  readonly personalization: { readonly applied: boolean; readonly reason: string };
  readonly items: readonly {
    readonly position: number;
    readonly source: string;
    readonly product: {
      readonly id: string;
      readonly price: { readonly amount: string; readonly currency: string } | null;
    };
    readonly reasons: readonly {
      readonly code: string;
      readonly text: string;
      readonly because: { readonly id: string } | null;
    }[];
  }[];
  /** The whole shopper as JSON. */
  readonly text: string;
}

export async function recommend(
  gateway: Pick<TestGateway, 'ask'>,
  context: Record<string, unknown>,
  placement = 'home',
  more: Record<string, unknown> = {},
  role: Role = 'STOREFRONT',
): Promise<List> {
  const answer = await gateway.ask(listQuery, {
    role,
    variables: { context, placement, first: 12, ...more },
  });
  if (answer.errors) throw new Error(answer.text);
  const list = answer.at('shopper.recommendations') as Pick<List, 'decisionId' | 'items' | 'speech'> & {
    readonly omitted: readonly { readonly reason: string; readonly product: { readonly id: string } }[];
  };
  return {
    ...list,
    ids: list.items.map(({ product }) => product.id),
    omitted: new Map(list.omitted.map(({ product, reason }) => [product.id, reason])),
    personalization: answer.at('shopper.personalization') as List['personalization'],
    text: JSON.stringify(answer.at('shopper')),
  };
}
