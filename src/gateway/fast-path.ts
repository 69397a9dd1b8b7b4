import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { isRapportError } from '../errors.js';
import { type Bytes, bytesOf } from './bytes.js';
import { packedBytesMin, packLarge } from './compress.js';
import type { Documents } from './documents.js';
import type { Execute } from './execute.js';
import { smallBytesMax } from './large-bodies.js';
import { bytesOfOutcome } from './outcome.js';
import type { PersistedDocuments } from './persisted-documents.js';
import { operationOf } from './plan.js';
import type { Prepared } from './prepare.js';
import { acceptsParts, mediaType } from './protocol.js';
import type { TrackedRequest } from './request-context.js';

const fastPathParameters: ReadonlySet<string> = new Set([
  'query',
  'variables',
  'operationName',
  'extensions',
]);
/** Other extensions are of protocols that yoga knows. */
const fastPathExtensions: ReadonlySet<string> = new Set(['persistedQuery']);

export interface FastPathParts {
  readonly documents: Documents;
  readonly execute: Execute;
  readonly persisted: PersistedDocuments;
}

/**
 * The short way for what storefronts send all day: a JSON POST of an operation that was seen before and found valid.
 * It gives the same answer as the ordinary way, at a fraction of its cost. Resolves to false for everything else.
 */
export function createFastPath({ documents, execute, persisted }: FastPathParts) {
  return async function takeFastPath(
    request: IncomingMessage,
    response: ServerResponse,
    tracked: TrackedRequest,
    body: Buffer,
  ): Promise<boolean> {
    const type = body.length > smallBytesMax ? null : answerType(request);
    if (type === null) return false;
    const operation = known(body, documents, persisted, tracked);
    if (!operation) return false;
    if (operation.prepared.incremental && acceptsParts(request.headers.accept)) return false;
    const outcome = await execute(operation, tracked);
    const refusal = outcome.about === undefined ? outcome.errors?.[0] : undefined;
    const bytes = refusal ? bytesOfRefusal(refusal) : bytesOfOutcome(outcome);
    if (response.destroyed) return true;
    // The specification: a document that could not run at all is a bad request, unless the client speaks plain JSON.
    const ran = outcome.written !== undefined || outcome.tree !== undefined;
    const { status = !ran && type.startsWith('application/graphql') ? 400 : 200, headers = {} } =
      refusal && isRapportError(refusal.originalError) ? (refusal.extensions.http as Http) : {};
    if (bytes.length >= packedBytesMin) packLarge(request, response);
    response.writeHead(status, {
      'content-type': type,
      'content-length': bytes.length,
      'cache-control': 'private, no-store',
      'access-control-allow-origin': '*',
      ...headers,
    });
    response.end(bytes, 'latin1');
    return true;
  };
}

/** The status and headers of a refusal, such as for a rate limit; see `asRefusal`. */
interface Http {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** As yoga writes it: without what only says how it is sent. */
function bytesOfRefusal({ message, extensions: { http: _, ...extensions } }: GraphQLError): Bytes {
  return bytesOf(JSON.stringify({ errors: [{ message, extensions }] }));
}

function answerType(request: IncomingMessage): string | null {
  const { headers } = request;
  if (request.method !== 'POST' || mediaType(headers['content-type'] ?? '') !== 'application/json')
    return null;
  if (headers['content-encoding'] !== undefined) return null;
  const accept = headers.accept;
  if (accept === undefined || accept === '*/*' || accept === 'application/json')
    return 'application/json; charset=utf-8';
  if (accept.startsWith('application/graphql-response+json'))
    return 'application/graphql-response+json; charset=utf-8';
  return null;
}

function known(
  body: Buffer,
  documents: Documents,
  persisted: PersistedDocuments,
  tracked: TrackedRequest,
): {
  prepared: Prepared;
  variables: Readonly<Record<string, unknown>> | null;
  operationName: string | null;
} | null {
  let message: unknown;
  try {
    message = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const { variables = null, operationName = null, extensions = null } = message as Record<string, unknown>;
  if (typeof variables !== 'object' || Array.isArray(variables) || typeof extensions !== 'object')
    return null;
  if (operationName !== null && typeof operationName !== 'string') return null;
  for (const name in message) if (!fastPathParameters.has(name)) return null;
  for (const name in extensions) if (!fastPathExtensions.has(name)) return null;
  let query: unknown;
  try {
    query = persisted.textOf(message, tracked);
  } catch {
    return null;
  }
  if (typeof query !== 'string') return null;
  const prepared = documents.known(query);
  if (!prepared?.document || prepared.introspects) return null;
  const operation = operationOf(prepared.document, operationName);
  if (!operation || operation.operation === 'subscription') return null;
  return { prepared, variables: variables as Readonly<Record<string, unknown>> | null, operationName };
}
