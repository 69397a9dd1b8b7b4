import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Caller } from '../context.js';
import { entityTag, knowsTag } from '../kit/static-file.js';
import type { Log } from '../plugin.js';
import type { Anonymous } from './authentication.js';
import { bodyBytesMaxOf } from './bodies.js';
import type { Documents } from './documents.js';
import { asRefusal, type Execute, preparedOf } from './execute.js';
import type { GraphiQL } from './graphiql.js';
import { allParts } from './incremental.js';
import { asBadRequest, maskError } from './mask-error.js';
import { withoutStacks } from './no-stacks.js';
import { isPublic, resultOf } from './outcome.js';
import type { PersistedDocuments } from './persisted-documents.js';
import { type Preparation, senderOf } from './preparation.js';
import type { Operation, Prepared } from './prepare.js';
import { acceptsParts } from './protocol.js';
import { seesSchema, type TrackedRequest } from './request-context.js';
import type { Subscriptions } from './subscriptions.js';

const hidden = new GraphQLError('The schema is not shown to storefront keys.', {
  extensions: { code: 'GRAPHQL_INTROSPECTION', kind: 'denied' },
});

export interface ServerContext {
  readonly caller: Caller | Anonymous;
  readonly tracked: TrackedRequest;
  /** Called when the response has become a stream, which nobody waits for the end of. */
  streaming(): void;
}

export interface YogaParts {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly persisted: PersistedDocuments;
  readonly preparation: Preparation;
  readonly execute: Execute;
  readonly subscriptions: Subscriptions;
  readonly log: Log;
  readonly development: boolean;
  readonly graphiql: GraphiQL | null;
}

/** `context`: absent for preflights. Rejects with what failed outside an operation, before anything was answered. */
export type GraphServer = (
  request: IncomingMessage,
  response: ServerResponse,
  context?: ServerContext,
) => Promise<void>;

/** GraphQL over HTTP as the specification has it: GET, POST, SSE, GraphiQL. What is asked is answered by `execute`. */
export function createGraphServer(parts: YogaParts): GraphServer {
  const publicSecondsOf = new WeakMap<TrackedRequest, number>();
  const yoga = createYoga<ServerContext>({
    schema: parts.schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    multipart: false,
    batching: false,
    logging: false,
    parserAndValidationCache: false,
    maxRequestBodySize: bodyBytesMaxOf('ADMIN'),
    graphiql: parts.graphiql?.options ?? false,
    ...(parts.graphiql ? { renderGraphiQL: parts.graphiql.render } : {}),
    // Yoga answers each origin with its own name, which a shared cache would give to others.
    cors: false,
    maskedErrors: { maskError: (error) => maskError(error, '', parts.log) },
    plugins: [usePrepared(parts, publicSecondsOf), useCacheHeaders(publicSecondsOf)],
  });
  return (request, response, context) =>
    withoutStacks(response, async () => yoga(request, response, ...(context ? [context] : [])));
}

/** `publicSecondsOf`: how long shared caches may keep the answer to a request; absent: they may not. */
function usePrepared(
  { documents, persisted, preparation, execute, subscriptions, log, development }: YogaParts,
  publicSecondsOf: WeakMap<TrackedRequest, number>,
): Plugin<ServerContext> {
  const operationOf = (args: ExecutionArgs): Operation => ({
    prepared: preparedOf(documents, args.document),
    variables: args.variableValues as Readonly<Record<string, unknown>> | null,
    operationName: args.operationName,
  });
  // yoga parses in one go, so that what may wait is done before.
  const preparedFor = new WeakMap<TrackedRequest, Prepared>();
  return {
    async onParams({ params, context, setParams }) {
      const { tracked } = context as unknown as ServerContext;
      try {
        const text = persisted.textOf(params, tracked);
        if (typeof text !== 'string') return;
        if (text !== params.query) setParams({ ...params, query: text });
        preparedFor.set(tracked, await preparation(text, tracked));
      } catch (error) {
        // A result would not end what yoga checks next, such as that there is a query.
        throw asRefusal(error, log);
      }
    },
    onParse({ params, context, setParsedDocument }) {
      const { tracked } = context as unknown as ServerContext;
      const prepared =
        preparedFor.get(tracked) ?? documents.prepare(String(params.source), senderOf(tracked));
      if (!prepared.document) throw prepared.errors[0];
      setParsedDocument(prepared.document);
    },
    onValidate({ params, context, setResult }) {
      const { tracked } = context as unknown as ServerContext;
      const prepared = preparedOf(documents, params.documentAST);
      const isHidden = !development && prepared.introspects && !seesSchema(tracked);
      setResult(isHidden ? [hidden] : [...prepared.errors]);
    },
    onSubscribe({ args, setSubscribeFn }) {
      const { tracked, streaming } = args.contextValue as unknown as ServerContext;
      setSubscribeFn(async () => {
        const opened = await subscriptions.subscribe(operationOf(args), tracked);
        if (Symbol.asyncIterator in opened) streaming();
        return opened;
      });
    },
    onExecute({ args, setExecuteFn }) {
      setExecuteFn(async () => {
        const { tracked, request } = args.contextValue as unknown as ServerContext & YogaInitialContext;
        const operation = operationOf(args);
        const { publicSeconds, incremental } = operation.prepared;
        const inParts = incremental && acceptsParts(request.headers.get('accept'));
        const outcome = await execute(operation, tracked, undefined, inParts);
        if (outcome.later) return allParts(resultOf(outcome), outcome.later);
        if (isPublic(outcome) && publicSeconds !== null) publicSecondsOf.set(tracked, publicSeconds);
        const result = resultOf(outcome);
        if (result.data !== undefined) return result;
        return { ...result, errors: (result.errors ?? []).map(asBadRequest) };
      });
    },
  };
}

function useCacheHeaders(publicSecondsOf: WeakMap<TrackedRequest, number>): Plugin<ServerContext> {
  return {
    async onResponse({ request, response, serverContext, fetchAPI, setResponse }) {
      const tracked = (serverContext as Partial<ServerContext> | undefined)?.tracked;
      if (!tracked || response.headers.has('cache-control')) return;
      const seconds = publicSecondsOf.get(tracked);
      const { headers } = response;
      const shared = request.method === 'GET' && seconds !== undefined;
      // Packing adds the encoding, but not to a 304, which replaces the headers that a cache has stored.
      if (shared) headers.append('vary', 'accept, accept-encoding, authorization, x-api-key');
      if (!shared || response.status !== 200) {
        headers.set('cache-control', 'private, no-store');
        return;
      }
      headers.set('cache-control', `public, max-age=${seconds}`);
      const text = await response.text();
      const etag = entityTag(text);
      headers.set('etag', etag);
      const isKnown = knowsTag(request.headers.get('if-none-match') ?? undefined, etag);
      if (isKnown) for (const name of ['content-type', 'content-length']) headers.delete(name);
      setResponse(new fetchAPI.Response(isKnown ? null : text, { status: isKnown ? 304 : 200, headers }));
    },
  };
}
