import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoFragmentCyclesRule,
  parse,
  type SelectionSetNode,
  TypeInfo,
  type ValidationRule,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { costOf, type Variables } from './cost.js';
import { ruleOf } from './field-rules.js';
import { badRequest } from './mask-error.js';

/** What one document may ask for; `cost` is in fields of the answer, see cost.ts. A rich page needs a tenth of each. */
export const limits = { depth: 16, aliases: 60, directives: 60, cost: 60_000, tokens: 4_000 } as const;

/** Of introspection and `__typename` alone. */
const publicSecondsDefault = 60;
const documentsMax = 2_000;
const documentBytesMax = 32 * 1024 * 1024;

/** A document parsed, checked against limits and schema, once for all who send the same text. */
export interface Prepared {
  /** null: it does not parse. */
  readonly document: DocumentNode | null;
  /** Empty: it may run. */
  readonly errors: readonly GraphQLError[];
  /** The first key of the root selections that needs no API key is all there is: `__typename`, `__schema`, `version`. */
  readonly open: boolean;
  readonly introspects: boolean;
  /** How long a shared cache may keep an answer that turns out not to be personal; null: it may not. */
  readonly publicSeconds: number | null;
  /** Its cost hangs on its variables, so it is checked with them before it runs. */
  readonly costly: boolean;
}

export interface Documents {
  prepare(text: string): Prepared;
  /** Without preparing it. */
  known(text: string): Prepared | undefined;
  /** By the document node that `prepare` answered. */
  of(document: DocumentNode): Prepared | undefined;
}

// Cheap rules first: the specification's own rules take quadratic time on hostile documents, so they only see
// what has passed the limits. The cycle check comes before the rules that follow fragments.
const limitRules: readonly ValidationRule[] = [
  maxAliasesRule({ n: limits.aliases, allowList: [] }) as unknown as ValidationRule,
  maxDirectivesRule({ n: limits.directives }) as unknown as ValidationRule,
  maxDepthRule({ n: limits.depth, ignoreIntrospection: true }) as unknown as ValidationRule,
];

export function createDocuments(schema: GraphQLSchema): Documents {
  const cache = new LRUCache<string, Prepared>({
    max: documentsMax,
    maxSize: documentBytesMax,
    sizeCalculation: (_, text) => text.length + 1,
  });
  const byDocument = new WeakMap<DocumentNode, Prepared>();
  return {
    prepare(text) {
      const cached = cache.get(text);
      if (cached) return cached;
      const prepared = prepare(schema, text);
      cache.set(text, prepared);
      if (prepared.document) byDocument.set(prepared.document, prepared);
      return prepared;
    },
    known: (text) => cache.get(text),
    of: (document) => byDocument.get(document),
  };
}

function prepare(schema: GraphQLSchema, text: string): Prepared {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    const shown =
      error instanceof GraphQLError
        ? error
        : new GraphQLError('The document is nested too deeply to be read.');
    return {
      document: null,
      errors: [unreadable(shown)],
      open: true,
      introspects: false,
      publicSeconds: null,
      costly: false,
    };
  }
  const cycles = validate(schema, document, [NoFragmentCyclesRule]).map(unfit);
  const beyond = cycles.length > 0 ? cycles : checkLimits(schema, document);
  const errors =
    beyond.length > 0 ? beyond : validate(schema, document, undefined, { maxErrors: 20 }).map(unfit);
  const roots = rootFields(document);
  return {
    document,
    errors,
    open: [...roots].every((name) => name === 'version' || name.startsWith('__')),
    introspects: roots.has('__schema') || roots.has('__type'),
    publicSeconds: errors.length === 0 ? publicSecondsOf(schema, document) : null,
    costly: errors.length === 0 && costOf(schema, document, null) > limits.cost,
  };
}

function checkLimits(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  try {
    return validate(schema, document, limitRules).map(asLimit);
  } catch (error) {
    return [
      asLimit(
        error instanceof GraphQLError
          ? error
          : new GraphQLError('The query is larger than this gateway takes.'),
      ),
    ];
  }
}

function unreadable(error: GraphQLError): GraphQLError {
  const { source, positions } = error;
  const extensions = { code: 'GRAPHQL_PARSE_FAILED', kind: 'invalid', ...badRequest };
  return new GraphQLError(error.message, {
    source: source ?? null,
    positions: positions ?? null,
    extensions,
  });
}

function unfit(error: GraphQLError): GraphQLError {
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED', kind: 'invalid', ...badRequest };
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions });
}

function asLimit(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/^Syntax Error: /, '');
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    extensions: { code: 'GRAPHQL_LIMIT', kind: 'limited', ...badRequest },
  });
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
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
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

/** Throws nothing: the error with which a costly document is refused for these variables, or null. */
export function tooCostly(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Variables,
): GraphQLError | null {
  const cost = costOf(schema, document, variables ?? {});
  if (cost <= limits.cost) return null;
  return new GraphQLError(
    `The answer could hold ${cost} fields; at most ${limits.cost} may be asked for at once. Ask for fewer items, fields or lists within lists.`,
    { extensions: { code: 'GRAPHQL_LIMIT', kind: 'limited', ...badRequest } },
  );
}
