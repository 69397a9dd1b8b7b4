import { GraphQLError } from 'graphql';
import { RapportError } from '../errors.js';
import type { Log } from '../plugin.js';

/**
 * What a caller may know of a failure: a RapportError as it is, GraphQL's own complaints about the request as they
 * are, anything else as `INTERNAL` with the request's id, logged with its cause.
 */
export function maskError(error: unknown, requestId: string, log: Log): GraphQLError {
  const located = error instanceof GraphQLError ? error : null;
  const cause = located ? located.originalError : error;
  if (cause instanceof RapportError) {
    return new GraphQLError(cause.message, {
      ...where(located),
      extensions: {
        code: cause.code,
        kind: cause.kind,
        ...(cause.path ? { path: cause.path.map(String) } : {}),
        ...(cause.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: cause.retryAfterSeconds }),
      },
    });
  }
  if (located && isAboutTheRequest(located)) {
    return located.extensions.code === undefined ? withCode(located, 'GRAPHQL_REQUEST_INVALID') : located;
  }
  log.error('a defect in answering', {
    requestId,
    path: located?.path?.join('.'),
    error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  });
  return new GraphQLError('Something went wrong on our side.', {
    ...where(located),
    extensions: { code: 'INTERNAL', kind: 'defect', requestId },
  });
}

/** Raised by graphql-js about the document or its variables, or thrown on purpose as a GraphQLError. */
function isAboutTheRequest(error: GraphQLError): boolean {
  return !error.originalError || error.originalError instanceof GraphQLError;
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

function withCode(error: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(error.message, {
    ...where(error),
    extensions: { ...error.extensions, code, kind: 'invalid' },
  });
}

/** Without graphql-js' hints at what the schema holds. */
export function withoutHints(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ ?Did you mean .*\?$/s, '');
  return message === error.message
    ? error
    : new GraphQLError(message, { ...where(error), extensions: error.extensions });
}
