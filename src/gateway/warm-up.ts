import { setImmediate as turn } from 'node:timers/promises';
import type { Caller } from '../context.js';
import type { Clock, Log } from '../plugin.js';
import type { Documents } from './documents.js';
import type { Execute } from './execute.js';
import { bytesOfOutcome, type Outcome, resultOf } from './outcome.js';
import type { Operation, Prepared } from './prepare.js';
import type { TrackedRequest } from './request-context.js';

const warmUpMs = 2_000;
const operationsMax = 400;

/** An anonymous visitor of whom nothing may be recorded or learned. */
export const visitor: Caller = {
  role: 'STOREFRONT',
  source: 'warm-up',
  customerId: null,
  globalPrivacyControl: true,
};

const card = 'product { id title brand price { amount currency } inStock }';
/** Of a menu: many objects of few fields take graphql-js the longest while its code is cold. */
const menuQuery = 'query WarmUpMenu { categories { id name parent { id name } children { id name } } }';
const listQuery = `query WarmUpList { products(first: 24) { nodes { id title brand price { amount currency } inStock } } }`;
/** Operations that storefronts send. One whose fields no plugin declares is left out. */
const queries: readonly string[] = [
  listQuery,
  ...['home', 'product', 'cart'].map(
    (placement) => `query WarmUpRecommendations($context: ShopperContext!, $product: ID, $cart: [ID!]) {
      shopper(context: $context) {
        recommendations(placement: "${placement}", first: 20, productId: $product, cart: $cart) {
          decisionId items { position ${card} reasons { text } } omitted { reason }
        }
      }
    }`,
  ),
  `query WarmUpSearch($context: ShopperContext!, $text: String!) {
    shopper(context: $context) {
      search(query: $text) {
        total products(first: 20) { nodes { id title brand price { amount currency } inStock } }
        facets(names: ["brand", "category"]) { name values { value count } }
      }
    }
  }`,
  menuQuery,
];

export interface WarmUpParts {
  readonly documents: Documents;
  /** Counts nothing and charges nobody. */
  readonly execute: Execute;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'info'>;
  /** A new request of `visitor`. */
  request(): TrackedRequest;
}

/**
 * Runs what storefronts ask, for at most two seconds, so that the first shoppers do not wait for code that is not compiled yet and caches
 * that are empty. Products and search words are those of the shop's first listing. An operation that hangs is left behind.
 */
export async function warmUp({ documents, execute, clock, log, request }: WarmUpParts): Promise<void> {
  const sender = { isKnown: true, seesSchema: false };
  const valid = queries
    .map((query) => documents.prepare(query, sender))
    .filter(({ errors }) => errors.length === 0);
  let isOver = valid.length === 0;
  let operations = 0;
  let failed = 0;

  async function run(prepared: Prepared, variables: Operation['variables']): Promise<Outcome> {
    const outcome = await execute({ prepared, variables, operationName: null }, request());
    bytesOfOutcome(outcome);
    operations++;
    if (outcome.errors) failed++;
    // Requests that arrive meanwhile, such as those for `/health/live`, do not wait.
    await turn();
    return outcome;
  }

  async function runAll(): Promise<void> {
    const list = documents.known(listQuery);
    const products = list ? productsOf(await run(list, {})) : [];
    while (!isOver && operations < operationsMax)
      await run(valid[operations % valid.length]!, variablesOf(products, operations));
  }

  let cancel = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(warmUpMs, resolve);
  });
  await Promise.race([isOver ? null : runAll(), late]).finally(cancel);
  isOver = true;
  log.info('warmed up', { operations, failed, kinds: valid.length });
}

interface Listed {
  readonly id: string;
  readonly title: string;
}

function productsOf(outcome: Outcome): readonly Listed[] {
  const data = resultOf(outcome).data as
    | { products?: { nodes: readonly Listed[] } | null }
    | null
    | undefined;
  return data?.products?.nodes ?? [];
}

function variablesOf(products: readonly Listed[], turn: number): Readonly<Record<string, unknown>> {
  const context = { channel: turn % 2 === 0 ? 'WEB' : 'APP' };
  const product = products[turn % products.length];
  if (!product) return { context, text: 'a' };
  const words = product.title.split(' ').slice(0, 1 + (turn % 3));
  return { context, product: product.id, cart: [product.id], text: words.join(' ') };
}
