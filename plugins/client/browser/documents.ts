import type { RecommendationRequest } from './api.js';

/** The fields of `ProductCard`. */
export const productCard =
  'id handle title brand price { amount currency } listPrice { amount currency } inStock image { url alt width height } rating { average count }';

const argumentTypes = {
  placement: 'ID!',
  first: 'Int',
  after: 'String',
  productId: 'ID',
  cart: '[ID!]',
  diversity: 'Float',
  filter: 'ProductFilter',
  exclude: '[ID!]',
} as const;
type ArgumentName = keyof typeof argumentTypes;

/**
 * One operation for several lists. The text depends on which arguments are given and not on their values, so the gateway knows it
 * after the first request.
 */
export function recommendations(
  requests: readonly RecommendationRequest[],
  fields: string,
): { readonly query: string; readonly variables: Record<string, unknown> } {
  const variables: Record<string, unknown> = {};
  const declared = ['$context: ShopperContext!'];
  const lists = requests.map((request, i) => {
    const given = (Object.keys(argumentTypes) as ArgumentName[]).filter(
      (name) => request[name] !== undefined,
    );
    const passed = given.map((name) => {
      variables[name + i] = request[name];
      declared.push(`$${name}${i}: ${argumentTypes[name]}`);
      return `${name}: $${name}${i}`;
    });
    return `l${i}: recommendations(${passed.join(', ')}) { decisionId personalized degraded fallback pageInfo { hasNextPage endCursor } items { position source reasons { code text } product { ...P } } }`;
  });
  const query = `query Lists(${declared.join(', ')}) { shopper(context: $context) { ${lists.join(' ')} } } fragment P on Product { ${fields} }`;
  return { query, variables };
}

export const search = (
  fields: string,
): string => `query Search($context: ShopperContext!, $query: String!, $searchAsWritten: Boolean, $filter: ProductFilter, $sort: ProductSort, $facets: [String!], $first: Int, $after: String) {
  shopper(context: $context) {
    search(query: $query, searchAsWritten: $searchAsWritten, filter: $filter, sort: $sort, facets: $facets, first: $first, after: $after) {
      queryId total correctedQuery degraded
      facets { name min max values { value label count } }
      hits { position variant { id } product { ...P } }
      products { pageInfo { hasNextPage endCursor } }
    }
  }
} fragment P on Product { ${fields} }`;

export const suggest =
  'query Suggest($context: ShopperContext!, $prefix: String!, $first: Int) { shopper(context: $context) { suggest(prefix: $prefix, first: $first) { text kind id } } }';

export const products = (
  fields: string,
): string => `query Products($context: ShopperContext, $filter: ProductFilter, $sort: ProductSort, $first: Int, $after: String) {
  products(context: $context, filter: $filter, sort: $sort, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { ...P } }
} fragment P on Product { ${fields} }`;

export const product = (fields: string): string =>
  `query Product($context: ShopperContext, $id: ID!) { product(id: $id, context: $context) { ...P } } fragment P on Product { ${fields} }`;

export const identify = `mutation SignIn($context: ShopperContext!, $customer: CustomerInput!) {
  identify(context: $context, customer: $customer) { shopper { sessionId consents { purpose status } } userErrors { code message } }
}`;

export const signOut =
  'mutation SignOut($context: ShopperContext!) { signOut(context: $context) { shopper { sessionId } userErrors { code message } } }';
