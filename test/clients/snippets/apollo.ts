import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client/core';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { relayStylePagination } from '@apollo/client/utilities';

export function createApolloClient(url: string, key: string): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri: `${url}/graphql`, headers: { 'x-api-key': key } }),
    cache: new InMemoryCache({
      dataIdFromObject: ({ nodeId }) => (typeof nodeId === 'string' ? nodeId : undefined),
      typePolicies: { SearchResult: { fields: { products: relayStylePagination() } } },
    }),
    // For @defer and @stream.
    incrementalHandler: new Defer20220824Handler(),
  });
}
