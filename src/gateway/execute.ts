import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  execute as interpret,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Log } from '../plugin.js';
import { missingKey } from './authentication.js';
import { type Bytes, bytesOf, textOfBytes } from './bytes.js';
import type { Documents, Prepared } from './documents.js';
import { plainValue } from './field-guard.js';
import { variablesReader } from './inputs.js';
import { beyondLimit, limits } from './limits.js';
import { maskError } from './mask-error.js';
import { conditionsOf, operationOf, type Plan, planOf } from './plan.js';
import { seesSchema, type TrackedRequest } from './request-context.js';
import type { Steadiness } from './steady.js';
import type { Run } from './writers.js';

/** Planning takes a while, so only operations that come again are worth it. */
const planAfterUses = 3;
/** Of all plans together. */
const plannedFieldsMax = 100_000;
/** Of one operation: one for each combination of what `@skip` and `@include` are told. */
const plansMax = 8;

export interface Operation {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName: string | null | undefined;
}

/** What an operation came to: its data as a tree, or written as JSON; both undefined where nothing could run. */
export interface Outcome {
  readonly errors: readonly GraphQLError[] | undefined;
  readonly tree?: ExecutionResult['data'];
  readonly written?: Bytes;
  readonly about: Readonly<Record<string, unknown>> | undefined;
}

/** Runs a valid operation: the one place where an answer gets its data, its errors and its `extensions.rapport`. */
export type Execute = (operation: Operation, request: TrackedRequest) => Promise<Outcome>;

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

interface Planned {
  readonly operation: OperationDefinitionNode;
  readonly variablesOf: ReturnType<typeof variablesReader>;
  /** Variables that decide which fields there are. */
  readonly conditions: readonly string[];
  /** By the values of the conditions; null: left to graphql-js. */
  readonly plans: Map<string, Plan | null>;
}

/**
 * Called with the cost of each operation before it runs, in units of work (see `@cost` in `schema/base.graphql`). Throws a
 * RapportError, such as `limited`, to refuse the operation.
 */
export type Charge = (cost: number, request: TrackedRequest) => void;

export function createExecute(
  schema: GraphQLSchema,
  steadiness: Steadiness,
  log: Log,
  charge: Charge = () => undefined,
): Execute {
  const usesOf = new WeakMap<DocumentNode, number>();
  const planned = new LRUCache<OperationDefinitionNode, Planned>({
    maxSize: plannedFieldsMax,
    sizeCalculation: ({ plans }) => [...plans.values()].reduce((sum, plan) => sum + (plan?.fields ?? 1), 1),
  });

  function plannedFor(document: DocumentNode, name: string | null): Planned | null {
    const uses = (usesOf.get(document) ?? 0) + 1;
    if (uses <= planAfterUses + 1) usesOf.set(document, uses);
    if (uses <= planAfterUses) return null;
    const operation = operationOf(document, name);
    if (!operation) return null;
    const known = planned.get(operation);
    if (known) return known;
    const made: Planned = {
      operation,
      variablesOf: variablesReader(schema, operation.variableDefinitions ?? []),
      conditions: conditionsOf(document),
      plans: new Map(),
    };
    planned.set(operation, made);
    return made;
  }

  function planFor(document: DocumentNode, known: Planned, variables: Run['variables']): Plan | null {
    const { operation, conditions, plans } = known;
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const plan = plans.get(key);
    if (plan !== undefined) return plan;
    if (plans.size >= plansMax) return null;
    const made = planOf(schema, document, operation, (name) => variables[name] === true, steadiness);
    plans.set(key, made);
    // So that its size is counted anew.
    planned.set(operation, known);
    return made;
  }

  /** Null: left to graphql-js, which also says best which variables do not fit, and why. */
  async function runPlan(
    document: DocumentNode,
    { variables, operationName }: Operation,
    request: TrackedRequest,
  ): Promise<{ readonly written: Bytes; readonly errors: readonly GraphQLError[] } | null> {
    const known = plannedFor(document, operationName ?? null);
    if (!known) return null;
    const values = known.variablesOf(variables ?? {});
    const plan = values ? planFor(document, known, values) : null;
    if (!values || !plan) return null;
    const errors: GraphQLError[] = [];
    return { written: await plan.write({ request, variables: values, errors, argumentLists: [] }), errors };
  }

  return async (operation, request) => {
    const { prepared, variables, operationName } = operation;
    const document = prepared.document!;
    if (request.anonymous && !prepared.open)
      return { errors: [maskError(missingKey(), '', log)], about: undefined };
    const cost = prepared.costOf(operationName, variables ?? {});
    if (cost > limits.cost) return { errors: [beyondLimit('cost', cost)], about: undefined };
    try {
      charge(cost, request);
    } catch (error) {
      return { errors: [maskError(error, request.id, log)], about: undefined };
    }
    const masked = (errors: readonly GraphQLError[] | undefined) =>
      errors && errors.length > 0 ? errors.map((error) => maskError(error, request.id, log)) : undefined;
    const run = await runPlan(document, operation, request);
    if (run)
      return { written: run.written, errors: masked(run.errors), about: aboutAnswer(request, prepared) };
    const { data, errors } = await interpret({
      schema,
      document,
      contextValue: request,
      fieldResolver: plainValue,
      variableValues: variables ?? null,
      operationName: operationName ?? null,
      hideSuggestions: !seesSchema(request),
    });
    return { tree: data, errors: masked(errors), about: aboutAnswer(request, prepared) };
  };
}

/** What an answer says about itself: the context it was made for, what degraded, and who may keep it. */
function aboutAnswer(request: TrackedRequest, { publicSeconds }: Prepared): Record<string, unknown> {
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
    cacheScope: request.isPersonal || publicSeconds === null ? 'PRIVATE' : 'PUBLIC',
  };
}

/** For a document node that came through `documents.prepare`. */
export function preparedOf(documents: Documents, document: DocumentNode): Prepared {
  const prepared = documents.of(document);
  if (!prepared) throw new Error('a document was executed that nobody prepared');
  return prepared;
}
