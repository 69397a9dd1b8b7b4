import type { UserError } from '../../src/errors.js';
import type { Catalog } from '../../src/ports/catalog.js';
import type { Target } from './import-rows.js';

/** Fits a gateway's limit for a request many times over. */
const gatewayBatchMax = 200;
const gatewayTimeoutMs = 60_000;

export function catalogTarget(catalog: Catalog): Target {
  return {
    batchMax: 1_000,
    async save(inputs) {
      const { saved, unchanged, userErrors } = await catalog.save(inputs);
      return { saved: saved.length, unchanged, userErrors };
    },
    saveCategories: (inputs) => catalog.saveCategories(inputs),
  };
}

/** Saves through the GraphQL of a gateway, with a SERVER key. */
export function gatewayTarget(url: string, key: string): Target {
  const endpoint = new URL('graphql', url.endsWith('/') ? url : `${url}/`);

  async function call<T>(query: string, variables: object): Promise<T> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(gatewayTimeoutMs),
    });
    const text = await response.text();
    let answer: {
      readonly data?: Record<string, T | null>;
      readonly errors?: readonly { readonly message: string }[];
    };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      throw new Error(`${endpoint} answered ${response.status} and no JSON; is a gateway running there?`);
    }
    const result = Object.values(answer.data ?? {})[0];
    if (!result) throw new Error(`${endpoint} answered: ${answer.errors?.[0]?.message ?? response.status}`);
    return result;
  }

  return {
    batchMax: gatewayBatchMax,
    save: (products) =>
      call<{ saved: number; unchanged: number; userErrors: UserError[] }>(
        `mutation Import($products: [ProductInput!]!) {
          saveProducts(products: $products) { saved unchanged userErrors { code message path } }
        }`,
        { products },
      ),
    saveCategories: (categories) =>
      call<{ userErrors: UserError[] }>(
        `mutation ImportCategories($categories: [CategoryInput!]!) {
          saveCategories(categories: $categories) { userErrors { code message path } }
        }`,
        { categories },
      ),
  };
}
