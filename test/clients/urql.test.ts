import { Client, fetchExchange, type OperationResult } from '@urql/core';
import { cacheExchange, type Data, type KeyingConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { expect } from 'chai';
import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
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

type Found = Readonly<Record<string, unknown>>;

interface Search {
  readonly queryId: string;
  readonly total: number;
  readonly products: {
    readonly edges: readonly { readonly node: { readonly id: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

describe('urql with graphcache, with nodeId as the key of its cache', () => {
  let shop: TestGateway;
  let schema: IntrospectionQuery;
  before(async () => {
    shop = await openClientShop();
    const { data } = await shop.ask(getIntrospectionQuery(), { role: 'SERVER' });
    schema = data as unknown as IntrospectionQuery;
  });
  after(() => shop.close());

  /** Types with a node id are entities, all others are parts of them. */
  function keys(): KeyingConfig {
    const types = schema.__schema.types.filter((type) => type.kind === 'OBJECT');
    return Object.fromEntries(
      types.map(({ name, interfaces }) => [
        name,
        interfaces.some((each) => each.name === 'Node') ? (data: Data) => data.nodeId as string : () => null,
      ]),
    );
  }

  function createClient(): Client {
    return new Client({
      url: `${shop.url}/graphql`,
      preferGetMethod: false,
      fetchOptions: { headers: { 'x-api-key': testKeys.STOREFRONT } },
      exchanges: [
        cacheExchange({
          schema,
          keys: keys(),
          resolvers: { SearchResult: { products: relayPagination() } },
        }),
        fetchExchange,
      ],
    });
  }
  const plain = ({ data, error }: OperationResult<Found>): Found => {
    expect(error).to.equal(undefined);
    return JSON.parse(JSON.stringify(data)) as Found;
  };
  const query = async (client: Client, text: string, variables: Record<string, unknown>) =>
    plain(await client.query<Found>(text, variables, { requestPolicy: 'network-only' }).toPromise());
  const cached = async (client: Client, text: string, variables: Record<string, unknown>) =>
    plain(await client.query<Found>(text, variables, { requestPolicy: 'cache-only' }).toPromise());

  it('keeps currencies, languages and stores apart', async () => {
    const client = createClient();
    const shown: Found[] = [];
    for (const { context } of views) shown.push(await query(client, viewQuery, { context }));
    expect(new Set(shown.map((each) => JSON.stringify(each))).size).to.equal(views.length);
    for (const [at, { name, context }] of views.entries())
      expect(await cached(client, viewQuery, { context }), name).to.deep.equal(shown[at]);
    for (const [a, b] of [
      [0, 1],
      [2, 3],
    ] as const) {
      const variables = { a: views[a]!.context, b: views[b]!.context };
      const both = await query(createClient(), twoViewsQuery, variables);
      expect(both).to.deep.include({ a: shown[a]!.product, b: shown[b]!.product });
    }
  });

  it('keeps four channels of one operation apart', async () => {
    const client = createClient();
    const variables = channelVariables('ada');
    const direct = await shop.ask(channelsQuery, { variables });
    const shown = await query(client, channelsQuery, variables);
    const again = await cached(client, channelsQuery, variables);
    expect(again).to.deep.equal(shown);
    expect(withoutTypes(shown)).to.deep.equal(direct.data);
  });

  it('pages a search, with one query id', async () => {
    const client = createClient();
    let variables: Record<string, unknown> = { context: contextOf('WEB', 'ada'), first: 4 };
    const searchOf = (found: Found) => (found.shopper as { search: Search }).search;
    let found = searchOf(await query(client, searchQuery, variables));
    const { queryId } = found;
    for (let page = 0; page < 9 && found.products.pageInfo.hasNextPage; page++) {
      variables = { ...variables, after: found.products.pageInfo.endCursor };
      found = searchOf(await query(client, searchQuery, variables));
    }
    expect(found.products.edges.length).to.equal(found.total).and.greaterThan(8);
    expect(new Set(found.products.edges.map(({ node }) => node.id)).size).to.equal(found.total);
    expect(found.queryId).to.equal(queryId);
  });

  it('updates the page from the payload of a mutation', async () => {
    const client = createClient();
    const variables = { context: contextOf('WEB', 'urql-consent') };
    await query(client, pageQuery, variables);
    for (const status of ['GRANTED', 'WITHDRAWN']) {
      plain(
        await client
          .mutation<Found>(consentMutation, { ...variables, decisions: decisions(status) })
          .toPromise(),
      );
      expect(await cached(client, pageQuery, variables), status).to.have.nested.property(
        'shopper.personalization.applied',
        status === 'GRANTED',
      );
    }
  });

  it('fetches exactly the view again by its node id', async () => {
    const client = createClient();
    for (const { name, context } of views) {
      const before = await query(client, viewQuery, { context });
      const product = before.product as { nodeId: string };
      const { node } = await query(client, nodeQuery, { nodeId: product.nodeId });
      expect(product, name).to.deep.include(node as object);
      expect(await cached(client, viewQuery, { context }), name).to.deep.equal(before);
    }
  });
});

/** graphcache adds `__typename` to every object. */
function withoutTypes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === '__typename' ? undefined : each)));
}
