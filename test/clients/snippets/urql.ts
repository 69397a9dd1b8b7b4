import { Client, fetchExchange } from '@urql/core';
import { cacheExchange, type Data, type KeyingConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

// Objects with a node id are entities; all others belong to the object around them.
const keyOf = ({ nodeId }: Data): string | null => (typeof nodeId === 'string' ? nodeId : null);
const keys: KeyingConfig = new Proxy({}, { get: () => keyOf, has: () => true });

export function createUrqlClient(url: string, key: string): Client {
  return new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { 'x-api-key': key } },
    exchanges: [
      cacheExchange({ keys, resolvers: { SearchResult: { products: relayPagination() } } }),
      fetchExchange,
    ],
  });
}
