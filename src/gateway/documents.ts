import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoFragmentCyclesRule,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { missingKey } from './authentication.js';
import { type CostOf, costOf, type Variables } from './cost.js';
import { fragmentsOf, refusalsOf } from './document-limits.js';
import { ruleOf } from './field-rules.js';
import { beyondLimit, limits } from './limits.js';
import { badRequest, bounded, publicError } from './mask-error.js';

/** Of introspection and `__typename` alone. */
const publicSecondsDefault = 60;
/** Of one document; what follows the first few says little more. */
const errorsMax = 5;

/** Valid documents are kept up to so many bytes. */
const keptBytesMax = 64 * 1024 * 1024;
/** Measured on the heap: a token of a document, with its nodes and locations. The cost and the text count beside. */
const bytesOfToken = 520;
const bytesOfDocument = 4_096;

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
  /** How long a shared cache may keep an answer that turns out not to be personal; null: it may not. */
  readonly publicSeconds: number | null;
  /** Units of work of one of its operations; 0 if there is none of that name. */
  costOf(operationName: string | null | undefined, variables: Variables): number;
}

/** Who sent a document. */
export interface Sender {
  /** With an API key. Without one hardly anything may be asked, so longer documents are not even read, and none is kept. */
  readonly isKnown: boolean;
  /** Whether errors may suggest names of the schema. */
  readonly seesSchema: boolean;
}

export interface Documents {
  prepare(text: string, sender: Sender): Prepared;
  /** A valid document that was prepared before. */
  known(text: string): Prepared | undefined;
  /** By the document node that `prepare` returned. */
  of(document: DocumentNode): Prepared | undefined;
}

export function createDocuments(schema: GraphQLSchema): Documents {
  const cache = new LRUCache<string, Prepared>({
    maxSize: keptBytesMax,
    sizeCalculation: ({ document }, text) =>
      bytesOfDocument + 2 * text.length + bytesOfToken * (document?.tokenCount ?? 0),
  });
  const byDocument = new WeakMap<DocumentNode, Prepared>();
  return {
    prepare(text, sender) {
      const cached = sender.isKnown ? cache.get(text) : undefined;
      if (cached) return cached;
      const prepared = prepare(schema, text, sender);
      if (sender.isKnown && prepared.errors.length === 0) cache.set(text, prepared);
      if (prepared.document) byDocument.set(prepared.document, prepared);
      return prepared;
    },
    known: (text) => cache.get(text),
    of: (document) => byDocument.get(document),
  };
}

// Cheap checks first: the rules of the specification take quadratic time on hostile documents, so they only see what has passed the
// limits, and what needs a key is not validated without one.
function prepare(schema: GraphQLSchema, text: string, sender: Sender): Prepared {
  const characters = sender.isKnown ? 'characters' : 'charactersWithoutKey';
  if (text.length > limits[characters]) return refused(null, [beyondLimit(characters, text.length)]);
  const document = parsed(text, sender);
  if (document instanceof GraphQLError) return refused(null, [document]);
  const roots = rootFields(document);
  const open = [...roots].every((name) => name === 'version' || name.startsWith('__'));
  if (!open && !sender.isKnown) return refused(document, [publicError(missingKey(), badRequest)]);
  const errors = errorsOf(schema, document, sender);
  if (errors.length > 0) return refused(document, errors);
  return {
    document,
    errors,
    open,
    introspects: roots.has('__schema') || roots.has('__type'),
    writes: document.definitions.some((node) => 'operation' in node && node.operation === 'mutation'),
    publicSeconds: publicSecondsOf(schema, document),
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
    publicSeconds: null,
    costOf: () => 0,
  };
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
): readonly GraphQLError[] {
  const invalid = (error: GraphQLError) => ofRequest(error, 'GRAPHQL_VALIDATION_FAILED');
  const cycles = validate(schema, document, [NoFragmentCyclesRule], { maxErrors: 1 });
  if (cycles.length > 0) return cycles.slice(0, 1).map(invalid);
  const beyond = refusalsOf(document);
  if (beyond.length > 0) return beyond;
  const faults = validate(schema, document, undefined, {
    maxErrors: errorsMax,
    hideSuggestions: !seesSchema,
  });
  // So graphql-js ends the comparison of fields that share a response name.
  if (faults.some(({ message }) => message === 'Validation aborted.'))
    return [beyondLimit('repetitions', null)];
  return faults.slice(0, errorsMax).map(invalid);
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

/** The shortest of all root fields, and of all fields that a plugin added to a type of another; null: one is not `@public`. */
function publicSecondsOf(schema: GraphQLSchema, document: DocumentNode): number | null {
  const types = new TypeInfo(schema);
  const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType()];
  let seconds: number | null = publicSecondsDefault;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        const field = types.getFieldDef();
        const rule = field && ruleOf(field);
        if (!rule || !(rule.isAdded || roots.includes(types.getParentType()))) return;
        const own = rule.publicSeconds;
        seconds = own === null || seconds === null ? null : Math.min(seconds, own);
      },
    }),
  );
  return seconds;
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
