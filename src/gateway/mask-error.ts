import { GraphQLError } from 'graphql';
import { beginningOf, describeError, isRapportError, type RapportError } from '../errors.js';
import type { Log } from '../plugin.js';
import type { DeclaredField } from './declared-field.js';
import { readableError, ScalarRefusal } from './safe-values.js';

/** Characters of a message; the rest is cut before anything looks at it. */
const messageMax = 1_000;

/** Whose resolver threw an error, so that the log names the plugin. */
const thrownBy = new WeakMap<object, DeclaredField>();

export function noteThrown(error: unknown, rule: DeclaredField): void {
  if (typeof error === 'object' && error !== null && !thrownBy.has(error)) thrownBy.set(error, rule);
}

/**
 * What a caller may know of a failure: a RapportError as it is, GraphQL's own complaints about the request as they
 * are, anything else as `INTERNAL` with the request's id, logged with its cause. What was masked before stays as it is.
 */
export function maskError(thrown: unknown, requestId: string, log: Log): GraphQLError {
  const error = readableError(thrown);
  const located = error instanceof GraphQLError ? error : null;
  if (located?.extensions?.kind !== undefined) return located;
  const cause = located ? (located.path ? located.originalError : firstCause(located)) : error;
  if (isRapportError(cause)) return publicError(cause, {}, located);
  if (cause instanceof ScalarRefusal)
    log.warn('a scalar refused a value with an error that callers are not shown', {
      requestId,
      scalar: cause.scalar,
      err: describeError(cause.cause),
    });
  if (located && !located.path) {
    return aboutRequest(located, 'GRAPHQL_REQUEST_INVALID');
  }
  const rule = typeof cause === 'object' && cause !== null ? thrownBy.get(cause) : undefined;
  log.error('a defect in answering', {
    requestId,
    plugin: rule?.owner,
    field: rule?.coordinate,
    path: located?.path?.join('.'),
    err: describeError(cause),
  });
  return new GraphQLError('Something went wrong on our side.', {
    ...where(located),
    extensions: { code: 'INTERNAL', kind: 'defect', requestId },
  });
}

/** graphql-js wraps twice what a scalar throws about a variable. */
function firstCause({ originalError }: GraphQLError): Error | undefined {
  return originalError instanceof GraphQLError ? firstCause(originalError) : originalError;
}

/** A RapportError as its caller sees it. */
export function publicError(
  { message, code, kind, inputPath, retryAfterSeconds }: RapportError,
  extensions: Readonly<Record<string, unknown>> = {},
  located: GraphQLError | null = null,
): GraphQLError {
  return new GraphQLError(bounded(message), {
    ...where(located),
    extensions: {
      code,
      kind,
      ...(inputPath ? { path: inputPath.map(String) } : {}),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...extensions,
    },
  });
}

/** Messages may quote what the caller sent. */
export function bounded(message: string): string {
  return beginningOf(message, messageMax);
}

function where(error: GraphQLError | null) {
  return error
    ? {
        nodes: error.nodes ?? null,
        source: error.source ?? null,
        positions: error.positions ?? null,
        path: error.path ?? null,
      }
    : {};
}

/** yoga answers 400 for these where the client speaks `application/graphql-response+json`, and strips the mark. */
export const badRequest = { http: { status: 400, spec: true } };

/** yoga answers 401 for these to every client, as for an unknown key; it takes an absent `spec` for true. */
export const unauthorized = { http: { status: 401, spec: false } };

/** Nothing could run. */
export function asBadRequest(error: GraphQLError): GraphQLError {
  if (error.extensions.http !== undefined) return error;
  return new GraphQLError(error.message, {
    ...where(error),
    extensions: { ...error.extensions, ...badRequest },
  });
}

/** An error of the request, with a code and the status that the HTTP specification has for a document that cannot run. */
function aboutRequest(error: GraphQLError, code: string): GraphQLError {
  const { extensions } = error;
  // yoga adds the error of a body that is not JSON, which repeats the body; it takes the status from there being one.
  if (extensions.originalError !== undefined) extensions.originalError = {};
  if (extensions.code !== undefined && extensions.code !== 'GRAPHQL_VALIDATION_FAILED') return error;
  return new GraphQLError(bounded(error.message), {
    ...where(error),
    extensions: { ...extensions, code, kind: 'invalid' },
  });
}
