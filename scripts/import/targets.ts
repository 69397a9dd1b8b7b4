import type { UserError } from '../../src/errors.js';
import type { Catalog } from '../../src/ports/catalog.js';
import { graphqlEndpoint } from '../graphql-endpoint.js';
import type { Target } from './import-rows.js';
import type { ProductInput } from './mapping.js';

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

interface Saved {
  readonly saved: number;
  readonly unchanged: number;
  readonly userErrors: readonly UserError[];
}

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly kind?: string };
}

/** The request cannot be taken as it is, whoever asks and however often. */
class Unacceptable extends Error {}

/** Saves through the GraphQL of a gateway, with a SERVER key. */
export function gatewayTarget(url: string, key: string): Target {
  const endpoint = graphqlEndpoint(url);

  async function call<T>(query: string, variables: object): Promise<T> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(gatewayTimeoutMs),
    }).catch((error: unknown) => {
      throw new Error(`${endpoint} cannot be reached; is a gateway running there?`, { cause: error });
    });
    const text = await response.text();
    let answer: { readonly data?: Record<string, T | null> | null; readonly errors?: readonly GraphError[] };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      throw new Error(`${endpoint} answered ${response.status} and no JSON; is a gateway running there?`);
    }
    const result = Object.values(answer.data ?? {})[0];
    if (!result) {
      const error = answer.errors?.[0];
      const message = `${endpoint} answered: ${error?.message ?? response.status}`;
      throw error?.extensions?.kind === 'invalid' ? new Unacceptable(message) : new Error(message);
    }
    return result;
  }

  /** A value that GraphQL itself refuses fails the whole request: halves find the row it is in. */
  async function save(products: readonly ProductInput[]): Promise<Saved> {
    try {
      return await call<Saved>(
        `mutation Import($products: [ProductInput!]!) {
          saveProducts(products: $products) { saved unchanged userErrors { code message path } }
        }`,
        { products },
      );
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error;
      if (products.length === 1) {
        const refused = { code: 'IMPORT_REFUSED', message: error.message, path: ['products', '0'] };
        return { saved: 0, unchanged: 0, userErrors: [refused] };
      }
      const middle = Math.ceil(products.length / 2);
      const first = await save(products.slice(0, middle));
      const second = await save(products.slice(middle));
      const moved = second.userErrors.map(({ path: [root = '', index, ...rest], ...each }) => ({
        ...each,
        path: [root, String(Number(index) + middle), ...rest],
      }));
      return {
        saved: first.saved + second.saved,
        unchanged: first.unchanged + second.unchanged,
        userErrors: [...first.userErrors, ...moved],
      };
    }
  }

  return {
    batchMax: gatewayBatchMax,
    save,
    saveCategories: (categories) =>
      call<{ userErrors: UserError[] }>(
        `mutation ImportCategories($categories: [CategoryInput!]!) {
          saveCategories(categories: $categories) { userErrors { code message path } }
        }`,
        { categories },
      ),
  };
}
