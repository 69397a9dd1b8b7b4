import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  execute as interpret,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Log } from '../plugin.js';
import { missingKey } from './authentication.js';
import { isCompilable } from './compilable.js';
import { type Documents, type Prepared, tooCostly } from './documents.js';
import { maskError } from './mask-error.js';
import type { TrackedRequest } from './request-context.js';

/** As compiled operations do it: a field without a resolver is a plain value of its parent, and never a function. */
const plainValue: GraphQLFieldResolver<Record<string, unknown>, unknown> = (parent, _, __, info) => {
  const value = parent?.[info.fieldName];
  if (typeof value === 'function')
    throw new Error(`${info.parentType.name}.${info.fieldName} is computed: it needs a resolver`);
  return value;
};

/** Compiling takes milliseconds, so only operations that come again are worth it. */
const compileAfterUses = 3;

export interface Operation {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName: string | null | undefined;
}

/** Runs a valid operation: the one place where an answer gets its data, its errors and its `extensions.rapport`. */
export type Execute = (operation: Operation, request: TrackedRequest) => Promise<ExecutionResult>;

interface Uses {
  count: number;
  readonly compiled: Map<string, CompiledQuery | null>;
}

export function createExecute(schema: GraphQLSchema, log: Log): Execute {
  const usesOf = new WeakMap<DocumentNode, Uses>();

  function compiledFor(document: DocumentNode, operationName: string): CompiledQuery | null {
    let uses = usesOf.get(document);
    if (!uses) {
      uses = { count: 0, compiled: new Map() };
      usesOf.set(document, uses);
    }
    if (++uses.count <= compileAfterUses) return null;
    let compiled = uses.compiled.get(operationName);
    if (compiled === undefined) {
      const result = isCompilable(document)
        ? compileQuery(schema, document, operationName || undefined)
        : null;
      compiled = result && isCompiledQuery(result) ? result : null;
      uses.compiled.set(operationName, compiled);
    }
    return compiled;
  }

  return async ({ prepared, variables, operationName }, request) => {
    const document = prepared.document!;
    if (request.anonymous && !prepared.open) return { errors: [maskError(missingKey(), '', log)] };
    const refused = prepared.costly ? tooCostly(schema, document, variables) : null;
    if (refused) return { errors: [refused] };
    const compiled = compiledFor(document, operationName ?? '');
    let result = await compiled?.query(undefined, request, variables ?? {});
    // Without data nothing ran: the variables do not fit, and graphql-js says better which and why.
    if (result === undefined || result.data === undefined) {
      result = await interpret({
        schema,
        document,
        contextValue: request,
        fieldResolver: plainValue,
        variableValues: variables ?? null,
        operationName: operationName ?? null,
      });
    }
    return {
      ...(result.errors ? { errors: result.errors.map((error) => maskError(error, request.id, log)) } : {}),
      ...(result.data === undefined ? {} : { data: result.data }),
      extensions: { rapport: aboutAnswer(request) },
    };
  };
}

/** What an answer says about itself: the context it was made for, what degraded, and who may keep it. */
function aboutAnswer(request: TrackedRequest): Record<string, unknown> {
  const context = request.effective;
  return {
    ...(context
      ? {
          context: {
            channel: context.channel,
            storeId: context.storeId,
            locale: context.locale,
            currency: context.currency,
          },
        }
      : {}),
    degraded: request.degradedParts,
    cacheScope: request.isPersonal ? 'PRIVATE' : 'PUBLIC',
  };
}

/** For a document node that came through `documents.prepare`. */
export function preparedOf(documents: Documents, document: DocumentNode): Prepared {
  const prepared = documents.of(document);
  if (!prepared) throw new Error('a document was executed that nobody prepared');
  return prepared;
}
