import type { ExecutionResult, GraphQLError } from 'graphql';
import { type Bytes, bytesOf, textOfBytes } from './bytes.js';
import type { Part } from './incremental.js';
import type { Prepared } from './prepare.js';
import type { TrackedRequest } from './request-context.js';

/** The result of an operation: its data as a tree, or written as JSON. Both are undefined if nothing could run. */
export interface Outcome {
  readonly errors: readonly GraphQLError[] | undefined;
  readonly tree?: ExecutionResult['data'];
  readonly written?: Bytes;
  readonly about: Readonly<Record<string, unknown>> | undefined;
  /** The parts that follow, of an operation with `@defer` or `@stream`. */
  readonly later?: AsyncIterableIterator<Part>;
}

/** The answer as graphql-js has it. */
export function resultOf({ errors, tree, written, about }: Outcome): ExecutionResult {
  const data = written === undefined ? tree : (JSON.parse(textOfBytes(written)) as ExecutionResult['data']);
  return {
    ...(errors ? { errors } : {}),
    ...(data === undefined ? {} : { data }),
    ...(about ? { extensions: { rapport: about } } : {}),
  };
}

/** The answer as it is sent. */
export function bytesOfOutcome(outcome: Outcome): Bytes {
  const { errors, written, about } = outcome;
  if (written === undefined) return bytesOf(JSON.stringify(resultOf(outcome)));
  const failures = errors ? `"errors":${bytesOf(JSON.stringify(errors))},` : '';
  return `{${failures}"data":${written},"extensions":{"rapport":${bytesOf(JSON.stringify(about))}}}`;
}

/** True if shared caches may keep an answer: what it says of itself in `extensions.rapport`, and what its headers go by. */
export function isPublic({ about }: Outcome): boolean {
  return about?.cacheScope === 'PUBLIC';
}

/** The answer's own description: the context it was made for, what degraded, warnings, and who may keep it. */
export function aboutAnswer(
  request: TrackedRequest,
  { publicSeconds }: Prepared,
  hasErrors: boolean,
): Record<string, unknown> {
  const about: Record<string, unknown> = {};
  if (request.effective) {
    const { channel, storeId, locale, currency } = request.effective;
    about.context = { channel, storeId, locale, currency };
  }
  about.degraded = request.degradedParts;
  if (request.warnings.length > 0) about.warnings = request.warnings;
  about.cacheScope = request.isPersonal || publicSeconds === null || hasErrors ? 'PRIVATE' : 'PUBLIC';
  return about;
}
