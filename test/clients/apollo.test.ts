import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { relayStylePagination } from '@apollo/client/utilities';
import { expect } from 'chai';
import { type TestGateway, testKeys } from '../support/gateway.js';
import {
  channelsQuery,
  channelVariables,
  consentMutation,
  contextOf,
  decisions,
  nodeQuery,
  openClientShop,
  pageQuery,
  searchQuery,
  twoViewsQuery,
  viewQuery,
  views,
} from './shop.js';

type Found = Readonly<Record<string, never>>;

interface Search {
  readonly queryId: string;
  readonly total: number;
  readonly products: {
    readonly edges: readonly { readonly node: { readonly id: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

describe('Apollo Client, with nodeId as the key of its cache', () => {
  let shop: TestGateway;
  before(async () => {
    shop = await openClientShop();
  });
  after(() => shop.close());

  function createClient() {
    return new ApolloClient({
      link: new HttpLink({ uri: `${shop.url}/graphql`, headers: { 'x-api-key': testKeys.STOREFRONT } }),
      cache: new InMemoryCache({
        dataIdFromObject: ({ nodeId }) => (typeof nodeId === 'string' ? nodeId : undefined),
        typePolicies: { SearchResult: { fields: { products: relayStylePagination() } } },
      }),
    });
  }
  const query = async (client: ApolloClient, text: string, variables: Record<string, unknown>) => {
    const { data } = await client.query<Found>({ query: gql(text), variables, fetchPolicy: 'network-only' });
    return structuredClone(data);
  };
  const cached = (client: ApolloClient, text: string, variables: Record<string, unknown>) =>
    client.readQuery<Found>({ query: gql(text), variables });

  it('keeps currencies, languages and stores apart', async () => {
    const client = createClient();
    const shown = [];
    for (const { context } of views) shown.push(await query(client, viewQuery, { context }));
    expect(new Set(shown.map((each) => JSON.stringify(each))).size).to.equal(views.length);
    for (const [at, { name, context }] of views.entries())
      expect(cached(client, viewQuery, { context }), name).to.deep.equal(shown[at]);
    for (const [a, b] of [
      [0, 1],
      [2, 3],
    ] as const) {
      const variables = { a: views[a]!.context, b: views[b]!.context };
      const both = await query(createClient(), twoViewsQuery, variables);
      expect(both!.a).to.deep.equal(shown[a]!.product);
      expect(both!.b).to.deep.equal(shown[b]!.product);
    }
  });

  it('keeps four channels of one operation apart', async () => {
    const client = createClient();
    const variables = channelVariables('ada');
    const shown = await query(client, channelsQuery, variables);
    const lengths = Object.values(shown as object).map(
      ({ recommendations }: { recommendations: { items: unknown[] } }) => recommendations.items.length,
    );
    expect(new Set(lengths).size, `lengths ${lengths.join()}`).to.be.greaterThan(1);
    const alone = await Promise.all(
      Object.entries(variables).map(async ([name, context]) => {
        const [, selection] = /web: shopper\(context: \$web\) (\{.*\}) app:/.exec(channelsQuery)!;
        const only = `query Only($context: ShopperContext!) { shopper(context: $context) ${selection} }`;
        return [name, (await query(createClient(), only, { context }))!.shopper];
      }),
    );
    expect(shown).to.deep.equal(Object.fromEntries(alone));
    expect(cached(client, channelsQuery, variables)).to.deep.equal(shown);
  });

  it('pages a search, with one query id', async () => {
    const client = createClient();
    const options = { query: gql(searchQuery), variables: { context: contextOf('WEB', 'ada'), first: 4 } };
    await client.query(options);
    const watched = client.watchQuery<{ shopper: { search: Search } }>(options);
    const subscription = watched.subscribe(() => undefined);
    const searchOf = () =>
      (client.readQuery(options) as { shopper: { search: Search } } | null)!.shopper.search;
    const { queryId } = searchOf();
    for (let page = 0; page < 9 && searchOf().products.pageInfo.hasNextPage; page++)
      await watched.fetchMore({ variables: { after: searchOf().products.pageInfo.endCursor } });
    subscription.unsubscribe();
    const { products, total, queryId: last } = searchOf();
    expect(products.edges.length).to.equal(total).and.greaterThan(8);
    expect(new Set(products.edges.map(({ node }) => node.id)).size).to.equal(total);
    expect(last).to.equal(queryId);
  });

  it('updates the page from the payload of a mutation', async () => {
    const client = createClient();
    const variables = { context: contextOf('WEB', 'apollo-consent') };
    await query(client, pageQuery, variables);
    for (const status of ['GRANTED', 'WITHDRAWN']) {
      await client.mutate({
        mutation: gql(consentMutation),
        variables: { ...variables, decisions: decisions(status) },
      });
      expect(cached(client, pageQuery, variables), status).to.have.nested.property(
        'shopper.personalization.applied',
        status === 'GRANTED',
      );
    }
  });

  it('fetches exactly the view again by its node id', async () => {
    const client = createClient();
    for (const { name, context } of views) {
      const before = (await query(client, viewQuery, { context })) as unknown as {
        product: { nodeId: string };
      };
      const again = (await query(client, nodeQuery, { nodeId: before.product.nodeId })) as unknown as {
        node: object;
      };
      expect(before.product, name).to.deep.include(again.node);
      expect(cached(client, viewQuery, { context }), name).to.deep.equal(before);
    }
  });
});
