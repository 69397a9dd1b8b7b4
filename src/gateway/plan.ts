import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import { argumentsReader, holdsVariable } from './inputs.js';
import type { PlannedField, Run, Text } from './planned-field.js';
import type { Steadiness } from './steady.js';
import { Unplannable, writerOfFields } from './writers.js';

/** A larger operation is left to graphql-js. */
const fieldsMax = 2_000;

/** An operation made ready to be answered as text, again and again. */
export interface Plan {
  /** Resolves or answers the JSON of `data`; never throws, and never code that was made from the query. */
  write(run: Run): Text;
  /** How large it is. */
  readonly fields: number;
}

/** The operation that would run; null where none or several could. */
export function operationOf(document: DocumentNode, name: string | null): OperationDefinitionNode | null {
  let chosen: OperationDefinitionNode | null = null;
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION || (name !== null && node.name?.value !== name)) continue;
    if (chosen !== null) return null;
    chosen = node;
  }
  return chosen;
}

/**
 * Plans an operation of a valid document: its fields, their resolvers and arguments, once for all requests. Follows the
 * specification of GraphQL (October 2021, section 6) as graphql-js does; `isOn` says whether a variable of `@skip` or
 * `@include` is true in the requests that this plan is for. Null for what is left to graphql-js: subscriptions, interfaces and
 * unions, introspection, and resolvers that ask for `info`.
 */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  isOn: (variable: string) => boolean,
  steadiness: Steadiness,
): Plan | null {
  const root = schema.getRootType(operation.operation);
  if (!root || operation.operation === 'subscription') return null;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  let fields = 0;

  function isTaken({ directives = [] }: SelectionNode): boolean {
    for (const directive of directives) {
      const value = directive.arguments?.[0]?.value;
      const isTrue =
        value?.kind === Kind.VARIABLE ? isOn(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
      if (directive.name.value === 'skip' ? isTrue : directive.name.value === 'include' && !isTrue)
        return false;
    }
    return true;
  }

  function applies(condition: FragmentDefinitionNode['typeCondition'] | undefined, type: GraphQLObjectType) {
    if (!condition) return true;
    const conditional = typeFromAST(schema, condition);
    return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type));
  }

  /** Fields that share a name in the answer, in the order in which those names first appear. */
  function collect(
    { selections }: SelectionSetNode,
    type: GraphQLObjectType,
    into: Map<string, FieldNode[]>,
    visited: Set<string>,
  ): void {
    for (const selection of selections) {
      if (!isTaken(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const nodes = into.get(key);
        if (nodes) nodes.push(selection);
        else into.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition, type)) collect(selection.selectionSet, type, into, visited);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment && applies(fragment.typeCondition, type))
          collect(fragment.selectionSet, type, into, visited);
      }
    }
  }

  function fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): PlannedField[] {
    if (type.isTypeOf) throw new Unplannable();
    const grouped = new Map<string, FieldNode[]>();
    const visited = new Set<string>();
    for (const set of sets) collect(set, type, grouped, visited);
    return [...grouped].map(([key, nodes]): PlannedField => {
      if (++fields > fieldsMax) throw new Unplannable();
      const name = nodes[0]!.name.value;
      if (name === '__typename') return { key, constant: JSON.stringify(type.name) };
      const field = type.getFields()[name];
      // Who asks for `info` asks graphql-js.
      if (!field || (field.resolve && field.resolve.length > 3)) throw new Unplannable();
      return {
        key,
        name,
        owner: type,
        type: field.type,
        nodes,
        resolve: field.resolve ?? null,
        readArguments: field.args.length === 0 ? null : argumentsReader(field, nodes[0]!),
        asksVariables: holdsVariable(nodes[0]!.arguments),
        below: once((child) => fieldsOf(child, setsOf(nodes))),
      };
    });
  }

  try {
    const write = writerOfFields(root, fieldsOf(root, [operation.selectionSet]), {
      steadiness,
      serial: operation.operation === 'mutation',
    });
    return {
      fields,
      write(run) {
        try {
          const text = write(run, undefined, undefined);
          // What may not be null was: all of the answer is.
          return typeof text === 'string' ? text : text.catch((error: unknown) => nothing(run, error));
        } catch (error) {
          return nothing(run, error);
        }
      },
    };
  } catch (error) {
    if (error instanceof Unplannable) return null;
    throw error;
  }
}

/** A field has one type, and its selections are looked through once. */
function once<A, B>(compute: (from: A) => B): (from: A) => B {
  let known: { readonly result: B } | null = null;
  return (from) => {
    known ??= { result: compute(from) };
    return known.result;
  };
}

function nothing(run: Run, error: unknown): string {
  run.errors.add(error as GraphQLError, undefined);
  return 'null';
}

function setsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
}

/** The variables that `@skip` and `@include` ask: each combination of their values has a plan of its own. */
export function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  function look(selections: readonly SelectionNode[]): void {
    for (const selection of selections) {
      for (const { arguments: given } of selection.directives ?? []) {
        const value = given?.[0]?.value;
        if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      }
      if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet)
        look(selection.selectionSet.selections);
    }
  }
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION)
      look(node.selectionSet.selections);
  }
  return [...names];
}
