import { gql } from '@apollo/client/core';
import { expect } from 'chai';
import { testKeys } from '../support/gateway.js';
import { type CachingClient, cacheContract, type Found } from './cache-contract.js';
import { createApolloClient } from './snippets/apollo.js';

describe('Apollo Client, with nodeId as the key of its cache', () => {
  cacheContract(
    async ({ url }) =>
      () =>
        createClient(url),
  );
});

function createClient(url: string): CachingClient {
  const client = createApolloClient(url, testKeys.STOREFRONT);
  const cached: CachingClient['cached'] = async (text, variables) => {
    const found = client.readQuery<Found>({ query: gql(text), variables });
    expect(found, 'all of it is in the cache').not.to.equal(null);
    return found!;
  };
  return {
    cached,
    async query(text, variables) {
      const { data } = await client.query<Found>({
        query: gql(text),
        variables,
        fetchPolicy: 'network-only',
      });
      return structuredClone(data!);
    },
    async mutate(text, variables) {
      await client.mutate({ mutation: gql(text), variables });
    },
    async nextPage(text, variables, after) {
      const watched = client.watchQuery<Found>({ query: gql(text), variables });
      const subscription = watched.subscribe(() => undefined);
      await watched.fetchMore({ variables: { after } });
      subscription.unsubscribe();
      return cached(text, variables);
    },
  };
}
