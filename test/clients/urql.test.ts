import { Client, fetchExchange, type OperationResult } from '@urql/core';
import { cacheExchange, type Data, type KeyingConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { expect } from 'chai';
import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { testKeys } from '../support/gateway.js';
import { type CachingClient, cacheContract, type Found } from './cache-contract.js';

describe('urql with graphcache, with nodeId as the key of its cache', () => {
  cacheContract(async ({ url, ask }) => {
    const { data } = await ask(getIntrospectionQuery(), { role: 'SERVER' });
    return () => createClient(url, data as unknown as IntrospectionQuery);
  });
});

function createClient(url: string, schema: IntrospectionQuery): CachingClient {
  const client = new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { 'x-api-key': testKeys.STOREFRONT } },
    exchanges: [
      cacheExchange({
        schema,
        keys: keysOf(schema),
        resolvers: { SearchResult: { products: relayPagination() } },
      }),
      fetchExchange,
    ],
  });
  const query: CachingClient['query'] = async (text, variables) =>
    plain(await client.query<Found>(text, variables, { requestPolicy: 'network-only' }).toPromise());
  return {
    query,
    async cached(text, variables) {
      return plain(await client.query<Found>(text, variables, { requestPolicy: 'cache-only' }).toPromise());
    },
    async mutate(text, variables) {
      plain(await client.mutation<Found>(text, variables).toPromise());
    },
    nextPage: (text, variables, after) => query(text, { ...variables, after }),
  };
}

/** Types with a node id are entities, all others are parts of them. */
function keysOf({ __schema: { types } }: IntrospectionQuery): KeyingConfig {
  const objects = types.filter((type) => type.kind === 'OBJECT');
  return Object.fromEntries(
    objects.map(({ name, interfaces }) => [
      name,
      interfaces.some((each) => each.name === 'Node') ? (data: Data) => data.nodeId as string : () => null,
    ]),
  );
}

function plain({ data, error }: OperationResult<Found>): Found {
  expect(error).to.equal(undefined);
  return JSON.parse(JSON.stringify(data)) as Found;
}
