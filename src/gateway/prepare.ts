import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoFragmentCyclesRule,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { missingKey } from './authentication.js';
import { type CostOf, costOf, type Variables } from './cost.js';
import { fragmentsOf, refusalsOf } from './document-limits.js';
import { ruleOf } from './field-rules.js';
import { incrementalRule } from './incremental-rule.js';
import { beyondLimit, limits } from './limits.js';
import { badRequest, bounded, publicError, unauthorized } from './mask-error.js';

const lineFeed = 10;
const carriageReturn = 13;
/** Seconds that shared caches may keep a response of introspection and `__typename` alone. */
const publicSecondsDefault = 60;
/** Errors that are reported of one document. Further ones mostly follow from the first. */
const errorsMax = 5;

/** A document parsed, checked against limits and schema. */
export interface Prepared {
  /** null: it does not parse. */
  readonly document: DocumentNode | null;
  /** Empty: it may run. */
  readonly errors: readonly GraphQLError[];
  /** Its root fields need no API key: `__typename`, `__schema`, `__type`, `version`. */
  readonly open: boolean;
  readonly introspects: boolean;
  /** It holds a mutation. */
  readonly writes: boolean;
  /** It has `@defer` or `@stream`, so that its response may come in parts. */
  readonly incremental: boolean;
  /** Seconds that a shared cache may keep a response that turns out not to be personal; null if it may not. */
  readonly publicSeconds: number | null;
  readonly lines: number;
  /** Units of work of one of its operations; 0 if there is none of that name. */
  costOf(operationName: string | null | undefined, variables: Variables): number;
}

/** One request to run an operation of a prepared document. */
export interface Operation {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName: string | null | undefined;
}

/** The rights of a document's sender. */
export interface Sender {
  /** True with an API key. Without one, limits are lower and no document is kept. */
  readonly isKnown: boolean;
  /** True if errors may suggest names of the schema. */
  readonly seesSchema: boolean;
}

/** The rules of validation in two halves that take about as long. */
const halfOfRules = Math.ceil(specifiedRules.length / 2);
const halves = [specifiedRules.slice(0, halfOfRules), specifiedRules.slice(halfOfRules)];

/**
 * Parses a document and checks it, in steps of at most about 20 ms if it `isLarge`. Cheap checks come first: the rules of the specification
 * take quadratic time on hostile documents, so they only see what has passed the limits, and what needs a key is not validated
 * without one.
 */
export function* preparing(
  schema: GraphQLSchema,
  text: string,
  sender: Sender,
  isLarge: boolean,
): Generator<void, Prepared> {
  const characters = sender.isKnown ? 'characters' : 'charactersWithoutKey';
  if (text.length > limits[characters]) return refused(null, [beyondLimit(characters, text.length)]);
  const lines = linesOf(text);
  if (lines > limits.lines) return refused(null, [beyondLimit('lines', lines)]);
  const document = parsed(text, sender);
  if (document instanceof GraphQLError) return refused(null, [document]);
  const roots = rootFields(document);
  const open = [...roots].every((name) => name === 'version' || name.startsWith('__'));
  if (!open && !sender.isKnown) return refused(document, [publicError(missingKey(), unauthorized)]);
  const beyond = refusalsOf(document) ?? cyclesOf(schema, document);
  if (beyond.length > 0) return refused(document, beyond);
  const publicTime = publicTimeOf(schema);
  let incremental = false;
  const parts = incrementalRule(() => {
    incremental = true;
  });
  for (const rules of isLarge ? halves : [specifiedRules]) {
    yield;
    const errors = errorsOf(schema, document, sender, [...rules, parts, publicTime.rule]);
    if (errors.length > 0) return refused(document, errors);
  }
  yield;
  return {
    document,
    errors: [],
    open,
    introspects: roots.has('__schema') || roots.has('__type'),
    writes: document.definitions.some((node) => 'operation' in node && node.operation === 'mutation'),
    incremental,
    publicSeconds: publicTime.seconds,
    lines,
    costOf: costsOf(schema, document),
  };
}

function refused(document: DocumentNode | null, errors: readonly GraphQLError[]): Prepared {
  return {
    document,
    errors,
    open: false,
    introspects: false,
    writes: false,
    incremental: false,
    publicSeconds: null,
    lines: 1,
    costOf: () => 0,
  };
}

/** As graphql-js counts them, or up to twice as many. */
function linesOf(text: string): number {
  let lines = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === lineFeed || code === carriageReturn) lines++;
  }
  return lines;
}

function parsed(text: string, { isKnown }: Sender): DocumentNode | GraphQLError {
  const tokens = isKnown ? 'tokens' : 'tokensWithoutKey';
  try {
    return parse(text, { maxTokens: limits[tokens] });
  } catch (error) {
    if (!(error instanceof GraphQLError)) return beyondLimit('depth', null);
    if (error.message.includes('Parsing aborted')) return beyondLimit(tokens, null);
    return ofRequest(error, 'GRAPHQL_PARSE_FAILED');
  }
}

function errorsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { seesSchema }: Sender,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  const faults = validate(schema, document, rules, { maxErrors: errorsMax, hideSuggestions: !seesSchema });
  // graphql-js ends the comparison of fields that share a response name with this error.
  if (faults.some(({ message }) => message === 'Validation aborted.'))
    return [beyondLimit('repetitions', null)];
  return faults.slice(0, errorsMax).map((fault) => ofRequest(fault, 'GRAPHQL_VALIDATION_FAILED'));
}

function cyclesOf(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return validate(schema, document, [NoFragmentCyclesRule], { maxErrors: 1 })
    .slice(0, 1)
    .map((fault) => ofRequest(fault, 'GRAPHQL_VALIDATION_FAILED'));
}

/** An error about the document, without more of it than its place. */
function ofRequest({ message, source, positions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(bounded(message), {
    source: source ?? null,
    positions: positions?.slice(0, 1) ?? null,
    extensions: { code, kind: 'invalid', ...badRequest },
  });
}

function costsOf(schema: GraphQLSchema, document: DocumentNode): Prepared['costOf'] {
  const costs = new Map<string | null, CostOf>();
  const operations = document.definitions.filter(
    (node): node is OperationDefinitionNode => node.kind === Kind.OPERATION_DEFINITION,
  );
  for (const operation of operations)
    costs.set(operation.name?.value ?? null, costOf(schema, document, operation));
  // Without a name, the only operation is meant.
  if (operations.length === 1) costs.set(null, [...costs.values()][0]!);
  return (name, variables) => costs.get(name ?? null)?.(variables) ?? 0;
}

/**
 * Finds how long shared caches may keep the answers, while the document is validated: the shortest of all root fields, and of all
 * fields that a plugin added to a type of another; null: one is not `@public`.
 */
function publicTimeOf(schema: GraphQLSchema): {
  readonly seconds: number | null;
  readonly rule: ValidationRule;
} {
  const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType()];
  let seconds: number | null = publicSecondsDefault;
  return {
    get seconds() {
      return seconds;
    },
    rule: (context) => ({
      Field() {
        const field = context.getFieldDef();
        const rule = field && ruleOf(field);
        if (!rule || !(rule.isAdded || roots.includes(context.getParentType()))) return;
        const own = rule.publicSeconds;
        seconds = own === null || seconds === null ? null : Math.min(seconds, own);
      },
    }),
  };
}

function rootFields(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  const fragments = fragmentsOf(document);
  const seen = new Set<string>();
  function collect(set: SelectionSetNode): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet);
  }
  return names;
}
