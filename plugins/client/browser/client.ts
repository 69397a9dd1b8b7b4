import type {
  Client,
  ClientOptions,
  ConsentState,
  CreateClient,
  Facet,
  RecommendationList,
  RecommendationRequest,
  SearchHit,
  Subscription,
  Suggestion,
} from './api.js';
import { createConsent } from './consent.js';
import * as documents from './documents.js';
import { currentEnvironment, type Environment } from './environment.js';
import { createEventQueue } from './event-queue.js';
import { createEvents } from './events.js';
import { Failure } from './failure.js';
import { createSession } from './session.js';
import { createStore } from './store.js';
import { openStream } from './stream.js';
import { type Answer, createTransport, type Variables } from './transport.js';

interface Page {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}
interface UserErrors {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

export type * from './api.js';

/** A path is a gateway on the shop's own origin. */
const urlShape = /^(https?:\/\/|\/)/i;

/** Pages that are not type-checked may leave out what has no default. */
function checkOptions({ url, key }: Partial<ClientOptions> = {}): void {
  if (typeof url !== 'string' || !urlShape.test(url))
    throw new TypeError(
      `createClient: url is ${JSON.stringify(url)}; it must begin with https://, http:// or /, for example "https://rapport.shop.example"`,
    );
  if (typeof key !== 'string' || key === '')
    throw new TypeError(
      `createClient: key is ${JSON.stringify(key)}; it must be a STOREFRONT key, for example "dev-storefront-key"`,
    );
}

export const createClient: CreateClient = (options) => createClientIn(currentEnvironment(), options);

export function createClientIn(environment: Environment, options: ClientOptions): Client {
  checkOptions(options);
  const { productFields = documents.productCard, onError } = options;
  const transport = createTransport(options, environment);
  // A device that must not remember gets no storage at all.
  const store = createStore(options.remember === 'never' ? null : environment.storage);
  const session = createSession(options, environment, store);
  const streams = new Set<Subscription>();

  /** The context that is the same for everybody. */
  function place(): Variables {
    const { channel = 'WEB', currency, locale = environment.language ?? undefined, storeId } = options;
    return { channel, currency, locale, storeId };
  }
  const context = (): Variables => ({ ...place(), sessionId: session.id });
  const parts = { options, environment, store, session, transport };
  const queue = createEventQueue({ ...parts, context: place });
  const consent = createConsent({ ...parts, queue, context });

  /** The part of a response that was wanted, or its failure. */
  function required<T>({ failure }: Answer<unknown>, value: T | null | undefined): T {
    if (value != null) {
      if (failure) onError?.(failure);
      return value;
    }
    throw (
      failure ?? new Failure('The gateway answered without data.', { code: 'CLIENT_NO_DATA', kind: 'defect' })
    );
  }

  async function ofShopper<T>(query: string, variables: Variables): Promise<Answer<{ shopper: T | null }>> {
    return transport.send<{ shopper: T | null }>(query, { ...variables, context: context() });
  }

  async function lists<P>(requests: readonly RecommendationRequest[]): Promise<RecommendationList<P>[]> {
    const { query, variables } = documents.recommendations(requests, productFields);
    type Found = Omit<RecommendationList<P>, 'next'> & { readonly pageInfo: Page };
    const answer = await ofShopper<Record<string, Found | null>>(query, variables);
    const shopper = required(answer, answer.data.shopper);
    return requests.map((_, i) => {
      const { pageInfo, ...list } = required(answer, shopper[`l${i}`]);
      return { ...list, next: nextOf(pageInfo) };
    });
  }

  async function changeSession<T extends UserErrors & { shopper: { sessionId: string } | null }>(
    query: string,
    variables: Variables,
  ): Promise<T> {
    // Events belong to the session in which they happened.
    await queue.flush();
    const answer = await transport.send<Record<string, T | null>>(
      query,
      { ...variables, context: context() },
      { retries: 0 },
    );
    const payload = required(answer, Object.values(answer.data)[0]);
    const [fault] = payload.userErrors;
    if (!payload.shopper) {
      throw new Failure(fault?.message ?? 'The session was not changed.', {
        code: fault?.code ?? 'CLIENT_NO_DATA',
        kind: 'invalid',
      });
    }
    session.replace(payload.shopper.sessionId);
    return payload;
  }

  /** Operations of callers get the context if they declare it. */
  function withContext(document: string, variables: Variables): Variables {
    return /\$context\b/.test(document) && !('context' in variables)
      ? { ...variables, context: context() }
      : variables;
  }

  return {
    events: createEvents(queue),
    consent,
    get sessionId() {
      return session.id;
    },
    async recommend<P>(request: RecommendationRequest) {
      const [list] = await lists<P>([request]);
      return list!;
    },
    async recommendAll<P, Names extends string>(requests: Readonly<Record<Names, RecommendationRequest>>) {
      const names = Object.keys(requests) as Names[];
      const found = await lists<P>(names.map((name) => requests[name]));
      return Object.fromEntries(names.map((name, i) => [name, found[i]])) as Record<
        Names,
        RecommendationList<P>
      >;
    },
    async search<P>(query: string, request = {}) {
      type Found = {
        readonly queryId: string;
        readonly total: number;
        readonly correctedQuery: string | null;
        readonly degraded: boolean;
        readonly facets: readonly Facet[];
        readonly hits: readonly SearchHit<P>[];
        readonly products: { readonly pageInfo: Page };
      };
      const answer = await ofShopper<{ search: Found | null }>(documents.search(productFields), {
        ...request,
        query,
      });
      const { hits, products, ...rest } = required(answer, answer.data.shopper?.search);
      return { ...rest, items: hits, next: nextOf(products.pageInfo) };
    },
    async suggest(prefix, first) {
      const answer = await ofShopper<{ suggest: Suggestion[] | null }>(documents.suggest, { prefix, first });
      return required(answer, answer.data.shopper?.suggest);
    },
    async products<P>(request = {}) {
      type Found = { readonly totalCount: number; readonly pageInfo: Page; readonly nodes: readonly P[] };
      const answer = await transport.send<{ products: Found | null }>(
        documents.products(productFields),
        { ...request, context: place() },
        { get: !environment.isPage },
      );
      const { totalCount, pageInfo, nodes } = required(answer, answer.data.products);
      return { total: totalCount, items: nodes, next: nextOf(pageInfo) };
    },
    async product<P>(id: string) {
      const answer = await transport
        .send<{ product: P | null }>(
          documents.product(productFields),
          { id, context: place() },
          { get: !environment.isPage },
        )
        // The only root field is null for an unknown product.
        .catch((error: unknown) => {
          if (error instanceof Failure && error.errors.length === 0 && error.status === 200) return null;
          throw error;
        });
      return answer?.data.product ?? null;
    },
    async query<T>(document: string, variables = {}) {
      const { data, failure } = await transport.send<T>(document, withContext(document, variables), {
        retries: /^\s*mutation\b/.test(document) ? 0 : 2,
      });
      if (failure) onError?.(failure);
      return data;
    },
    subscribe(document, variables, handlers) {
      const stream = openStream(parts, document, () => withContext(document, variables), handlers);
      const own = {
        close() {
          streams.delete(own);
          stream.close();
        },
      };
      streams.add(own);
      return own;
    },
    async signIn(customer) {
      type Payload = UserErrors & {
        readonly shopper: {
          readonly sessionId: string;
          readonly consents: readonly ConsentState[] | null;
        } | null;
      };
      const { shopper } = await changeSession<Payload>(documents.identify, { customer });
      consent.adopt(shopper?.consents ?? []);
    },
    async signOut() {
      await changeSession(documents.signOut, {});
      consent.adopt([]);
    },
    async close() {
      for (const stream of [...streams]) stream.close();
      await queue.flush();
      queue.close();
      consent.close();
    },
  };
}

function nextOf({ hasNextPage, endCursor }: Page): string | null {
  return hasNextPage ? endCursor : null;
}
