/** The GraphQL endpoint of a gateway whose URL is given with or without `/graphql`. Throws if it is no URL. */
export function graphqlEndpoint(url: string): URL {
  const base = url.replace(/\/$/, '');
  return new URL(base.endsWith('/graphql') ? base : `${base}/graphql`);
}
