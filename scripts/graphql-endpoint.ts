/** The GraphQL endpoint of a gateway whose URL is given with or without `/graphql`. Throws an Error with an example if it is no http URL. */
export function graphqlEndpoint(url: string): URL {
  const base = url.replace(/\/$/, '');
  if (!/^https?:/i.test(base) || !URL.canParse(base))
    throw new Error(
      `"${url}" is no URL of a gateway; it must begin with http:// or https://, for example http://localhost:4000`,
    );
  return new URL(base.endsWith('/graphql') ? base : `${base}/graphql`);
}
