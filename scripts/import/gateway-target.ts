import type { UserError } from '../../src/errors.js';
import type { ProductStatus } from '../../src/ports/product-status.js';
import { graphqlEndpoint } from '../graphql-endpoint.js';
import type { StoredProduct } from './product-patch.js';
import type { SaveOutcome, Target } from './target.js';

const gatewayBatchMax = 200;
/** A quarter of the longest body that a gateway takes from a server. */
const gatewayBytesMax = 2 * 1024 * 1024;
const gatewayTimeoutMs = 60_000;
/** A gateway takes at most 60 aliases in an operation. */
const aliasesMax = 50;

interface StoredNode {
  readonly id: string;
  readonly status: ProductStatus;
  readonly variants: readonly { readonly id: string }[];
}

interface GraphError {
  readonly message: string;
  readonly extensions?: { readonly kind?: string };
}

/** The gateway refuses the request for its content, so that sending it again cannot help. */
class Unacceptable extends Error {}

/** Saves through the GraphQL of a gateway, with a SERVER key. */
export function gatewayTarget(url: string, key: string): Target {
  const endpoint = graphqlEndpoint(url);

  async function call(query: string, variables: object): Promise<Record<string, unknown>> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(gatewayTimeoutMs),
    }).catch((error: unknown) => {
      throw new Error(`${endpoint} ${unreached(error)}`, { cause: error });
    });
    const text = await response.text();
    let answer: { readonly data?: Record<string, unknown> | null; readonly errors?: readonly GraphError[] };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      const message = `${endpoint} answered ${response.status} and no JSON; is a gateway running there?`;
      throw response.status === 413 ? new Unacceptable(message) : new Error(message);
    }
    const result = answer.data;
    if (!result || (Object.values(result).every((each) => each === null) && answer.errors)) {
      const error = answer.errors?.[0];
      const message = `${endpoint} answered: ${error?.message ?? response.status}`;
      const refused = error?.extensions?.kind === 'invalid' || response.status === 413;
      throw refused ? new Unacceptable(message) : new Error(message);
    }
    return result;
  }

  /** Changes products by a mutation with one list. A value that GraphQL itself refuses fails the whole request: halves find its product. */
  async function change(mutation: string, products: readonly object[]): Promise<SaveOutcome> {
    try {
      const { outcome } = await call(mutation, { products });
      return outcome as SaveOutcome;
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error;
      if (products.length === 1) return { saved: 0, unchanged: 0, userErrors: [refusal(error)] };
      const middle = Math.ceil(products.length / 2);
      return joined([
        { at: 0, outcome: await change(mutation, products.slice(0, middle)) },
        { at: middle, outcome: await change(mutation, products.slice(middle)) },
      ]);
    }
  }

  async function changeAll(mutation: string, products: readonly object[]): Promise<SaveOutcome> {
    const outcomes: { at: number; outcome: SaveOutcome }[] = [];
    for (const { at, part } of byBytes(products))
      outcomes.push({ at, outcome: await change(mutation, part) });
    return joined(outcomes);
  }

  async function storedOf(ids: readonly string[]): Promise<(StoredProduct | null)[]> {
    const fields = ids.map((_, at) => `p${at}: product(id: $i${at}) { id status variants { id } }`);
    const declared = ids.map((_, at) => `$i${at}: ID!`).join(', ');
    const variables = Object.fromEntries(ids.map((id, at) => [`i${at}`, id]));
    const found = await call(`query Stored(${declared}) { ${fields.join('\n')} }`, variables);
    return ids.map((id, at) => {
      const product = found[`p${at}`] as StoredNode | null;
      // Another code than the id of a product finds one too.
      if (!product || product.id !== id) return null;
      // The default variant of a product without options has the product's id.
      return {
        status: product.status,
        variantIds: product.variants.map((each) => each.id).filter((each) => each !== id),
      };
    });
  }

  return {
    batchMax: gatewayBatchMax,
    save: (products) =>
      changeAll(
        `mutation Import($products: [ProductInput!]!) {
          outcome: saveProducts(products: $products) { saved unchanged userErrors { code message path } }
        }`,
        products,
      ),
    update: (products) =>
      changeAll(
        `mutation ImportChanges($products: [ProductPatchInput!]!) {
          outcome: updateProducts(products: $products) { saved unchanged userErrors { code message path } }
        }`,
        products,
      ),
    async stored(ids) {
      const found: (StoredProduct | null)[] = [];
      for (let at = 0; at < ids.length; at += aliasesMax)
        found.push(...(await storedOf(ids.slice(at, at + aliasesMax))));
      return found;
    },
    async remove(ids) {
      const { outcome } = await call(
        `mutation ImportRemovals($ids: [ID!]!) { outcome: removeProducts(ids: $ids) { removedIds } }`,
        { ids },
      );
      return (outcome as { readonly removedIds: readonly string[] }).removedIds.length;
    },
    async saveCategories(categories) {
      const { outcome } = await call(
        `mutation ImportCategories($categories: [CategoryInput!]!) {
          outcome: saveCategories(categories: $categories) { userErrors { code message path } }
        }`,
        { categories },
      );
      return outcome as { readonly userErrors: readonly UserError[] };
    },
  };
}

/** Parts of a list that fit one request each. */
function* byBytes(
  products: readonly object[],
): Generator<{ readonly at: number; readonly part: readonly object[] }> {
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
