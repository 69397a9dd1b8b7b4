import type { OperationResult } from '@urql/core';
import { expect } from 'chai';
import { testKeys } from '../support/gateway.js';
import { type CachingClient, cacheContract, type Found } from './cache-contract.js';
import { createUrqlClient } from './snippets/urql.js';

describe('urql with graphcache, with nodeId as the key of its cache', () => {
  cacheContract(
    async ({ url }) =>
      () =>
        createClient(url),
  );
});

function createClient(url: string): CachingClient {
  const client = createUrqlClient(url, testKeys.STOREFRONT);
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

function plain({ data, error }: OperationResult<Found>): Found {
  expect(error).to.equal(undefined);
  return JSON.parse(JSON.stringify(data)) as Found;
}
