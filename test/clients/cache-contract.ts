import { expect } from 'chai';
import type { TestGateway } from '../support/gateway.js';
import {
  channelsQuery,
  channelVariables,
  consentMutation,
  contextOf,
  decisions,
  expectWholeSearch,
  type ListedSearch,
  nodeQuery,
  openClientShop,
  pageQuery,
  searchQuery,
  twoViewsQuery,
  viewQuery,
  views,
} from './shop.js';

export type Found = Readonly<Record<string, unknown>>;
type Variables = Readonly<Record<string, unknown>>;

/** A client with an empty normalized cache. */
export interface CachingClient {
  /** Sends the query, keeps the response, and returns it as the cache has it. */
  query(text: string, variables: Variables): Promise<Found>;
  /** Reads the cache without a request. Fails if anything is missing. */
  cached(text: string, variables: Variables): Promise<Found>;
  mutate(text: string, variables: Variables): Promise<void>;
  /** Sends the query for the page of a connection after a cursor, and returns all pages until then. */
  nextPage(text: string, variables: Variables, after: string): Promise<Found>;
}

/** The promises of `nodeId` to every client with a normalized cache. `prepare` returns a function that creates a client. */
export function cacheContract(prepare: (shop: TestGateway) => Promise<() => CachingClient>): void {
  let shop: TestGateway;
  let createClient: () => CachingClient;
  before(async () => {
    shop = await openClientShop();
    createClient = await prepare(shop);
  });
  after(() => shop.close());

  it('keeps currencies, languages and stores apart', async () => {
    const client = createClient();
    const shown: Found[] = [];
    for (const { context } of views) shown.push(await client.query(viewQuery, { context }));
    expect(new Set(shown.map((each) => JSON.stringify(each))).size).to.equal(views.length);
    for (const [at, { name, context }] of views.entries())
      expect(await client.cached(viewQuery, { context }), name).to.deep.equal(shown[at]);
    for (const [a, b] of [
      [0, 1],
      [2, 3],
    ] as const) {
      const variables = { a: views[a]!.context, b: views[b]!.context };
      const both = await createClient().query(twoViewsQuery, variables);
      expect(both).to.deep.include({ a: shown[a]!.product, b: shown[b]!.product });
    }
  });

  it('keeps four channels of one operation apart', async () => {
    const client = createClient();
    const variables = channelVariables('ada');
    const { data } = await shop.ask(channelsQuery, { variables });
    const lengths = Object.values(data as Record<string, { recommendations: { items: unknown[] } }>).map(
      ({ recommendations }) => recommendations.items.length,
    );
    expect(new Set(lengths).size, `lengths ${lengths.join()}`).to.be.greaterThan(1);
    const shown = await client.query(channelsQuery, variables);
    expect(withoutTypes(shown)).to.deep.equal(data);
    expect(await client.cached(channelsQuery, variables)).to.deep.equal(shown);
  });

  it('pages a search, with one query id', async () => {
    const client = createClient();
    const variables = { context: contextOf('WEB', 'ada'), first: 4 };
    const searchOf = (found: Found) => (found.shopper as { search: ListedSearch }).search;
    let found = searchOf(await client.query(searchQuery, variables));
    const { queryId } = found;
    for (let page = 0; page < 9 && found.products.pageInfo.hasNextPage; page++)
      found = searchOf(await client.nextPage(searchQuery, variables, found.products.pageInfo.endCursor));
    expectWholeSearch(found, queryId);
  });

  it('updates the page from the payload of a mutation', async () => {
    const client = createClient();
    const variables = { context: contextOf('WEB', 'consenting') };
    await client.query(pageQuery, variables);
    for (const status of ['GRANTED', 'WITHDRAWN']) {
      await client.mutate(consentMutation, { ...variables, decisions: decisions(status) });
      expect(await client.cached(pageQuery, variables), status).to.have.nested.property(
        'shopper.personalization.applied',
        status === 'GRANTED',
      );
    }
  });

  it('fetches exactly the view again by its node id', async () => {
    const client = createClient();
    for (const { name, context } of views) {
      const before = await client.query(viewQuery, { context });
      const product = before.product as { nodeId: string };
      const { node } = await client.query(nodeQuery, { nodeId: product.nodeId });
      expect(product, name).to.deep.include(node as object);
      expect(await client.cached(viewQuery, { context }), name).to.deep.equal(before);
    }
  });
}

/** Normalized caches add `__typename` to every object. */
function withoutTypes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === '__typename' ? undefined : each)));
}
