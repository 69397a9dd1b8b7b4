import { execute as interpretInParts } from '@graphql-tools/executor';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  execute as interpret,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { isRapportError } from '../errors.js';
import type { Log } from '../plugin.js';
import { missingKey } from './authentication.js';
import type { Bytes } from './bytes.js';
import { bytesOfDocumentNode, type Documents } from './documents.js';
import { plainValue } from './field-guard.js';
import { partsOf } from './incremental.js';
import { variablesReader } from './inputs.js';
import { beyondLimit, limits } from './limits.js';
import { maskError } from './mask-error.js';
import { aboutAnswer, type Outcome } from './outcome.js';
import { conditionsOf, operationOf, type Plan, planOf } from './plan.js';
import { FieldErrors, type Run } from './planned-field.js';
import type { Operation, Prepared } from './prepare.js';
import { seesSchema, type TrackedRequest } from './request-context.js';
import type { Steadiness } from './steady.js';
import type { Turns } from './turns.js';
import { unknownInput } from './unknown-input.js';
import { withUnreadMoments } from './unread-moments.js';
import type { Slot } from './work-queue.js';

/** Of all plans together. */
const plannedBytesMax = 64 * 1024 * 1024;
/** Measured on the heap: a field of a plan takes 1,700 to 2,200 bytes. */
export const bytesOfField = 2_300;
/** Of one operation: one for each combination of what `@skip` and `@include` are told. */
const plansMax = 8;

type Ran = Pick<Outcome, 'tree' | 'written' | 'errors'> & {
  readonly later?: Parameters<typeof partsOf>[0];
};

/** Runs a valid operation: the one place where an answer gets its data, its errors and its `extensions.rapport`. */
export interface Execute {
  /** `event`: of a subscription. `inParts`: what `@defer` and `@stream` put off may follow, in `later`. */
  (operation: Operation, request: TrackedRequest, event?: unknown, inParts?: boolean): Promise<Outcome>;
  /** The error with which an operation is refused before it runs: its caller has no key, or it costs too much. */
  refusal(operation: Operation, request: TrackedRequest): GraphQLError | null;
}

interface Planned {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variablesOf: ReturnType<typeof variablesReader>;
  /** Variables that decide which fields there are. */
  readonly conditions: readonly string[];
  /** By the values of the conditions; null: left to graphql-js. */
  readonly plans: Map<string, Plan | null>;
}

/** A plan holds nodes of its document, also when that is not kept any more. */
function bytesOfPlanned({ document, plans }: Planned): number {
  const fields = [...plans.values()].reduce((sum, plan) => sum + (plan?.fields ?? 0), 0);
  return bytesOfDocumentNode(document) + fields * bytesOfField;
}

/** Decides about each operation before it runs, by its cost in units of work (see `@cost` in `schema/base.graphql`). */
export interface Admittance {
  /** Counts the cost against the limits of the sender. Throws `limited` when they do not allow it. */
  charge(cost: number, request: TrackedRequest): void;
  /** As of `WorkQueue`. `document`: what is measured together. Throws `unavailable` to refuse the operation. */
  enter(cost: number, request: TrackedRequest, document: object): Slot | Promise<Slot> | null;
  /** In which heavy fields of large operations are run. */
  readonly turns: Pick<Turns, 'run'>;
}

export interface ExecuteOptions {
  /** Planning takes a while, so an operation is planned only after this many uses. */
  readonly planAfterUses?: number;
}

export function createExecute(
  schema: GraphQLSchema,
  steadiness: Steadiness,
  log: Log,
  admittance: Admittance | null = null,
  { planAfterUses = 3 }: ExecuteOptions = {},
): Execute {
  const usesOf = new WeakMap<DocumentNode, number>();
  const planned = new LRUCache<OperationDefinitionNode, Planned>({
    maxSize: plannedBytesMax,
    sizeCalculation: bytesOfPlanned,
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
      document,
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
    // It may be null where it has a default; graphql-js says what is wrong with that.
    if (conditions.some((name) => variables[name] === null)) return null;
    const key = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const plan = plans.get(key);
    if (plan !== undefined) return plan;
    if (plans.size >= plansMax) return null;
    const made = planOf(schema, document, operation, (name) => variables[name] === true, steadiness);
    plans.set(key, made);
    // Another object, since the cache counts the size of the same one only once.
    planned.set(operation, { ...known });
    return made;
  }

  /** Null: left to graphql-js, which also says best which variables do not fit, and why. A promise if anything had to be waited for. */
  function runPlan(
    document: DocumentNode,
    { variables, operationName }: Operation,
    request: TrackedRequest,
  ): Ran | Promise<Ran> | null {
    const known = plannedFor(document, operationName ?? null);
    if (!known) return null;
    const values = known.variablesOf(variables ?? {});
    const plan = values ? planFor(document, known, values) : null;
    if (!values || !plan) return null;
    const errors = new FieldErrors();
    const text = plan.write({ request, variables: values, errors });
    const ran = (written: Bytes): Ran => ({ written, errors: errors.reported });
    return typeof text === 'string' ? ran(text) : text.then(ran);
  }

  function refusal(
    operation: Operation,
    request: TrackedRequest,
    cost = costOf(operation),
  ): GraphQLError | null {
    const { prepared, variables } = operation;
    if (request.anonymous && !prepared.open) return asRefusal(missingKey(), log);
    if (cost > limits.cost) return beyondLimit('cost', cost);
    if (isNestedBeyond(variables, limits.nesting + 1)) return beyondLimit('nesting', null);
    try {
      admittance?.charge(cost, request);
      return null;
    } catch (error) {
      return asRefusal(error, log);
    }
  }

  function run(operation: Operation, request: TrackedRequest, event: unknown): Ran | Promise<Ran> {
    const document = operation.prepared.document!;
    const planned = event === undefined ? runPlan(document, operation, request) : null;
    return planned ?? interpretAll(document, operation, request, event);
  }

  async function interpretAll(
    document: DocumentNode,
    operation: Operation,
    request: TrackedRequest,
    event: unknown,
    inParts = false,
  ): Promise<Ran> {
    const unknown = event === undefined ? unknownInput(schema, operation, seesSchema(request)) : null;
    if (unknown) return { errors: [unknown] };
    const args = {
      schema,
      document,
      rootValue: event,
      contextValue: request,
      fieldResolver: plainValue,
      variableValues: withUnreadMoments(schema, operation),
      operationName: operation.operationName ?? null,
      hideSuggestions: !seesSchema(request),
    };
    if (!inParts) {
      const { data, errors } = await interpret(args);
      return { tree: data, errors };
    }
    const result = await interpretInParts(args);
    if (!('initialResult' in result)) return { tree: result.data as Ran['tree'], errors: result.errors };
    const { initialResult, subsequentResults: later } = result;
    return { tree: initialResult.data, errors: initialResult.errors, later };
  }

  function ended(request: TrackedRequest, slot: Slot | null): void {
    request.work.end();
    slot?.end();
    for (const { owner, coordinate } of request.work.late) {
      request.degraded(owner);
      log.warn('a plugin did not answer in time', {
        plugin: owner,
        field: coordinate,
        requestId: request.id,
      });
    }
  }

  function laterParts(
    later: NonNullable<Ran['later']>,
    { prepared }: Operation,
    request: TrackedRequest,
    slot: Slot | null,
  ) {
    return partsOf(later, {
      work: request.work,
      mask: (error) => maskError(error, request.id, log),
      ended: () => ended(request, slot),
      about: (hasErrors) => ({
        rapport: { ...aboutAnswer(request, prepared, hasErrors), cacheScope: 'PRIVATE' },
      }),
    });
  }

  async function execute(
    operation: Operation,
    request: TrackedRequest,
    event?: unknown,
    inParts = false,
  ): Promise<Outcome> {
    const cost = costOf(operation);
    const refused = refusal(operation, request, cost);
    if (refused) return { errors: [refused], about: undefined };
    const { work } = request;
    const { prepared } = operation;
    let slot: Slot | null = null;
    try {
      const entered = admittance?.enter(cost, request, prepared) ?? null;
      slot = entered !== null && 'then' in entered ? await entered : entered;
    } catch (error) {
      return { errors: [asRefusal(error, log)], about: undefined };
    }
    const operationMs = prepared.writes ? limits.mutationMs : limits.queryMs;
    // Heavy fields run in the order of the document, so those that are put off begin last.
    const turns = slot?.isLarge || inParts ? (admittance?.turns ?? null) : null;
    work.begin(operationMs, turns, prepared.lines);
    // graphql-js resolves introspection itself, so that it counts as estimated.
    if (prepared.introspects) work.spend(cost);
    let result: Ran;
    try {
      const ran = inParts
        ? interpretAll(prepared.document!, operation, request, undefined, true)
        : run(operation, request, event);
      result = 'then' in ran ? await work.within(ran, null) : ran;
    } catch (error) {
      result = { errors: [maskError(error, request.id, log)] };
    }
    if (result.later === undefined || work.refusal) ended(request, slot);
    const about = aboutAnswer(request, prepared, (result.errors?.length ?? 0) > 0);
    if (work.refusal) return { errors: [work.refusal], about };
    const { tree, written, errors, later } = result;
    const masked = errors?.length ? errors.map((error) => maskError(error, request.id, log)) : undefined;
    if (later)
      return {
        tree,
        errors: masked,
        about: { ...about, cacheScope: 'PRIVATE' },
        later: laterParts(later, operation, request, slot),
      };
    return written === undefined ? { tree, errors: masked, about } : { written, errors: masked, about };
  }
  return Object.assign(execute, { refusal });
}

function costOf({ prepared, operationName, variables }: Operation): number {
  return prepared.costOf(operationName, variables ?? {});
}

/** Deeper values would let whatever reads them run out of stack. The variables themselves are a level. */
function isNestedBeyond(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const each of Array.isArray(value) ? value : Object.values(value))
    if (isNestedBeyond(each, levels - 1)) return true;
  return false;
}

/** The error of an operation that was not run for lack of room or because of a limit; yoga answers with its status and headers. */
export function asRefusal(error: unknown, log: Log): GraphQLError {
  const { message, extensions } = maskError(error, '', log);
  if (!isRapportError(error)) return new GraphQLError(message, { extensions });
  const { httpStatus: status, retryAfterSeconds: seconds } = error;
  const headers = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return new GraphQLError(message, {
    extensions: { ...extensions, http: { status, headers } },
    originalError: error,
  });
}

/** For a document node that came through `documents.prepare`. */
export function preparedOf(documents: Documents, document: DocumentNode): Prepared {
  const prepared = documents.of(document);
  if (!prepared) throw new Error('a document was executed that nobody prepared');
  return prepared;
}
