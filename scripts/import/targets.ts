import { productInput } from '../../plugins/catalog/product-input.js';
import type { UserError } from '../../src/errors.js';
import { checkInput } from '../../src/kit/check-input.js';
import type { Catalog } from '../../src/ports/catalog.js';
import { graphqlEndpoint } from '../graphql-endpoint.js';
import type { SaveOutcome, Target } from './import-rows.js';
import type { ProductInput } from './product-input.js';

const gatewayBatchMax = 200;
/** A quarter of the longest body that a gateway takes from a server. */
const gatewayBytesMax = 2 * 1024 * 1024;
const gatewayTimeoutMs = 60_000;

/** Saves into the catalog of this process. */
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

/** Saves nothing. A product counts as saved if the catalog would take it as it is on its own; the data directory is not opened. */
export const dryTarget: Target = {
  batchMax: 1_000,
  async save(inputs) {
    const userErrors = inputs.flatMap((input, index) =>
      (checkInput(productInput, input).faults ?? []).map(({ path, message }) => ({
        code: 'CATALOG_PRODUCT_INVALID',
        message,
        path: ['products', String(index), ...path.map(String)],
      })),
    );
    const refused = new Set(userErrors.map(({ path }) => path[1]));
    return { saved: inputs.length - refused.size, unchanged: 0, userErrors };
  },
  saveCategories: async () => ({ userErrors: [] }),
};

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly kind?: string };
}

/** The request cannot be taken as it is, whoever sends it and however often. */
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
      throw new Error(`${endpoint} ${unreached(error)}`, { cause: error });
    });
    const text = await response.text();
    let answer: { readonly data?: Record<string, T | null> | null; readonly errors?: readonly GraphError[] };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      const message = `${endpoint} answered ${response.status} and no JSON; is a gateway running there?`;
      throw response.status === 413 ? new Unacceptable(message) : new Error(message);
    }
    const result = Object.values(answer.data ?? {})[0];
    if (!result) {
      const error = answer.errors?.[0];
      const message = `${endpoint} answered: ${error?.message ?? response.status}`;
      const refused = error?.extensions?.kind === 'invalid' || response.status === 413;
      throw refused ? new Unacceptable(message) : new Error(message);
    }
    return result;
  }

  /** A value that GraphQL itself refuses fails the whole request: halves find the product it is in. */
  async function save(products: readonly ProductInput[]): Promise<SaveOutcome> {
    try {
      return await call<SaveOutcome>(
        `mutation Import($products: [ProductInput!]!) {
          saveProducts(products: $products) { saved unchanged userErrors { code message path } }
        }`,
        { products },
      );
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error;
      if (products.length === 1) return { saved: 0, unchanged: 0, userErrors: [refusal(error)] };
      const middle = Math.ceil(products.length / 2);
      return joined([
        { at: 0, outcome: await save(products.slice(0, middle)) },
        { at: middle, outcome: await save(products.slice(middle)) },
      ]);
    }
  }

  return {
    batchMax: gatewayBatchMax,
    async save(products) {
      const outcomes: { at: number; outcome: SaveOutcome }[] = [];
      for (const { at, part } of byBytes(products)) outcomes.push({ at, outcome: await save(part) });
      return joined(outcomes);
    },
    saveCategories: (categories) =>
      call<{ userErrors: UserError[] }>(
        `mutation ImportCategories($categories: [CategoryInput!]!) {
          saveCategories(categories: $categories) { userErrors { code message path } }
        }`,
        { categories },
      ),
  };
}

/** Parts of a list that fit one request each. */
function* byBytes(
  products: readonly ProductInput[],
): Generator<{ readonly at: number; readonly part: readonly ProductInput[] }> {
  let at = 0;
  let bytes = 0;
  for (const [index, product] of products.entries()) {
    const size = Buffer.byteLength(JSON.stringify(product));
    if (bytes > 0 && bytes + size > gatewayBytesMax) {
      yield { at, part: products.slice(at, index) };
      at = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (at < products.length) yield { at, part: products.slice(at) };
}

/** One outcome of several requests, with the places of its errors in the whole list. */
function joined(outcomes: readonly { readonly at: number; readonly outcome: SaveOutcome }[]): SaveOutcome {
  return {
    saved: outcomes.reduce((sum, { outcome }) => sum + outcome.saved, 0),
    unchanged: outcomes.reduce((sum, { outcome }) => sum + outcome.unchanged, 0),
    userErrors: outcomes.flatMap(({ at, outcome }) =>
      outcome.userErrors.map(({ path: [root = '', index, ...rest], ...each }) => ({
        ...each,
        path: [root, String(Number(index) + at), ...rest],
      })),
    ),
  };
}

/** The place of a value that GraphQL refused is in its message: `… at "products[0].prices[1].currency"; …`. */
function refusal({ message }: Error): UserError {
  const place = / at "products\[\d+\]\.([^"]+)"/.exec(message)?.[1];
  const steps = place === undefined ? [] : place.split(/[.[\]]+/).filter((step) => step !== '');
  return { code: 'IMPORT_REFUSED', message, path: ['products', '0', ...steps] };
}

/** The reason that a request had no response, with what to do. */
function unreached(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `did not answer within ${gatewayTimeoutMs / 1_000} s; what it saved so far stays, and the import can be run again`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH')
    return `cannot be reached (${code}); is a gateway running there?`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `broke the connection off (${code || reason}); its log says why`;
}
