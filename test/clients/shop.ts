import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { camping, coffee, grant, openShop, record } from '../journeys/shop.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

/** A view of a product that must never mix with another one: its context and a price and title that only it has. */
export interface View {
  readonly name: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export const views: readonly View[] = [
  { name: 'euro, English', context: { channel: 'WEB', currency: 'EUR', locale: 'en' } },
  { name: 'dollar, German', context: { channel: 'WEB', currency: 'USD', locale: 'de' } },
  { name: 'the store berne', context: { channel: 'WEB', currency: 'EUR', locale: 'en', storeId: 'berne' } },
  { name: 'the store zurich', context: { channel: 'WEB', currency: 'EUR', locale: 'en', storeId: 'zurich' } },
];

const channelNames = ['WEB', 'APP', 'KIOSK', 'VOICE'] as const;

export function contextOf(channel: string, sessionId: string): Record<string, unknown> {
  return { channel, sessionId, currency: 'EUR', locale: 'en', storeId: 'berne' };
}

/** A shop with a product that differs in all views, and with more ranked products than a kiosk or a voice device shows. */
export async function openClientShop(): Promise<TestGateway> {
  const shop = await openTestGateway(plugins);
  await openShop(shop);
  const many = Array.from({ length: 8 }, (_, n) => ({
    id: `mug-${n}`,
    title: `Mug ${n} for tea`,
    prices: [{ amount: `${n + 1}.00`, currency: 'EUR' }],
    stock: [{ storeId: 'berne', quantity: 2 }],
  }));
  const tea = {
    id: 'tea',
    title: 'Tea',
    translations: [{ locale: 'de', title: 'Tee' }],
    categoryIds: ['coffee'],
    sellers: [{ id: 'coffee', name: 'Coffee House' }],
    prices: [
      { amount: '3.00', currency: 'EUR' },
      { amount: '4.00', currency: 'USD' },
      { amount: '2.50', currency: 'EUR', storeId: 'zurich' },
    ],
    options: [{ name: 'Size', values: ['S', 'L'] }],
    variants: [
      {
        id: 'tea-s',
        selectedOptions: [{ name: 'Size', value: 'S' }],
        stock: [{ storeId: 'berne', quantity: 1 }],
      },
      {
        id: 'tea-l',
        selectedOptions: [{ name: 'Size', value: 'L' }],
        stock: [{ storeId: 'berne', quantity: 0 }],
      },
    ],
  };
  const { errors, text } = await shop.ask(
    `mutation ($products: [ProductInput!]!) {
      saveProducts(products: $products) { userErrors { message } }
      saveCollections(collections: [{ id: "coffee", title: "Hot drinks", productIds: ["tea"] }]) { userErrors { message } }
    }`,
    { role: 'SERVER', variables: { products: [...many, tea] } },
  );
  if (errors) throw new Error(text);
  await grant(shop, 'ada');
  await record(shop, 'ada', 'PRODUCT_VIEWED', [coffee[0]!]);
  await record(shop, 'ada', 'PRODUCT_VIEWED', [camping[2]!]);
  return shop;
}

const money = 'amount currency';
const cardFields = `nodeId id title inStock price { ${money} } variants { nodeId id title inStock price { ${money} } }
  categories { nodeId id name } sellers { nodeId id name } collections { nodeId id title }`;
const listFields = `nodeId decisionId items { nodeId position product { nodeId id title inStock price { ${money} } } } omitted { reason product { nodeId id } }`;
const shopperFields = `nodeId sessionId personalization { applied reason } recommendations(placement: "home", first: 20) { ${listFields} }`;

export const viewQuery = `query View($context: ShopperContext!) { product(id: "tea", context: $context) { ${cardFields} } }`;
export const twoViewsQuery = `query TwoViews($a: ShopperContext!, $b: ShopperContext!) {
  a: product(id: "tea", context: $a) { ${cardFields} } b: product(id: "tea", context: $b) { ${cardFields} } }`;
export const channelsQuery = `query Channels($web: ShopperContext!, $app: ShopperContext!, $kiosk: ShopperContext!, $voice: ShopperContext!) {
  web: shopper(context: $web) { ${shopperFields} } app: shopper(context: $app) { ${shopperFields} }
  kiosk: shopper(context: $kiosk) { ${shopperFields} } voice: shopper(context: $voice) { ${shopperFields} } }`;
export const pageQuery = `query Page($context: ShopperContext!) { shopper(context: $context) { nodeId personalization { applied reason } } }`;
export const consentMutation = `mutation Consent($context: ShopperContext!, $decisions: [ConsentInput!]!) {
  setConsent(context: $context, decisions: $decisions) { shopper { nodeId personalization { applied reason } } userErrors { message } } }`;
export const searchQuery = `query Search($context: ShopperContext!, $first: Int, $after: String) { shopper(context: $context) { nodeId
  search(query: "for") { nodeId queryId total products(first: $first, after: $after) { edges { cursor node { nodeId id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;
export const nodeQuery = `query Again($nodeId: ID!) { node(nodeId: $nodeId) { nodeId ... on Product { id title inStock price { ${money} } } } }`;
export const decisions = (status: string) => [{ purpose: 'PERSONALIZATION', status }];

export function channelVariables(sessionId: string): Record<string, unknown> {
  return Object.fromEntries(channelNames.map((name) => [name.toLowerCase(), contextOf(name, sessionId)]));
}

/** A search with the pages that a client has loaded. */
export interface ListedSearch {
  readonly queryId: string;
  readonly total: number;
  readonly products: {
    readonly edges: readonly { readonly node: { readonly id: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

/** Expects every product once, and the query id of the first page. */
export function expectWholeSearch({ products, total, queryId }: ListedSearch, firstQueryId: string): void {
  expect(products.edges.length).to.equal(total).and.greaterThan(8);
  expect(new Set(products.edges.map(({ node }) => node.id)).size).to.equal(total);
  expect(queryId).to.equal(firstQueryId);
}
