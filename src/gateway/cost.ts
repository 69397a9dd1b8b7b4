import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { fragmentsOf } from './document-limits.js';
import { type FieldRule, ruleOf } from './field-rules.js';
import { partUnits } from './incremental.js';
import { averageSizesOf, introspectionFields } from './introspection-cost.js';

export type Variables = Readonly<Record<string, unknown>>;

/** How long a page can be at most, everywhere in the graph; resolvers refuse what lies outside. */
const pageMax = 100;
const listSizeDefault = 10;
/** Measured: a field of introspection, by graphql-js. A schema may grow fivefold until its introspection is refused. */
const introspectionWeight = 0.25;

/** How long a list is, known from the document or from a variable; equal keys are equal sizes. */
interface Size {
  readonly key: string;
  of(variables: Variables): number;
}

/**
 * `fixed`, for each of `lists` its length times what is below it, and what `fragments` cost. Fragments are shared and never copied:
 * two spreads at each of thirty levels would make a thousand million copies of the last.
 */
interface Cost {
  readonly fixed: number;
  readonly lists: readonly { readonly size: Size; readonly below: Cost }[];
  readonly fragments: readonly Cost[];
}

/** More than any limit, and small enough that no sum or product of two is infinite. */
const unitsMax = 1e15;

/** The units of work that an operation is estimated at, for its variables as they were sent. */
export type CostOf = (variables: Variables) => number;

type Field = GraphQLField<unknown, unknown>;

/**
 * Prepares the estimate of an operation of a valid document: each field costs its `@cost` for each parent, and each list multiplies
 * what is below it by its `@listSize`. Preparing and evaluating take time linear in the document, since a fragment is looked at
 * once for each size that reaches it.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CostOf {
  const fragments = fragmentsOf(document);
  const averages = averageSizesOf(schema);
  const known = new Map<string, Cost>();

  function ofSelections({ selections }: SelectionSetNode, parent: unknown, carried: Size | null): Cost {
    return sum(
      selections.map((selection) => {
        if (selection.kind === Kind.FIELD) return ofField(selection, parent, carried);
        const part = plain(has(selection, 'defer') ? partUnits : 0);
        if (selection.kind === Kind.FRAGMENT_SPREAD)
          return sum([part, ofFragment(selection.name.value, carried)]);
        const condition = selection.typeCondition?.name.value;
        const type = condition ? schema.getType(condition) : parent;
        return sum([part, ofSelections(selection.selectionSet, type, carried)]);
      }),
    );
  }

  function ofField(node: FieldNode, parent: unknown, carried: Size | null): Cost {
    const field = fieldOf(parent, node.name.value);
    if (!field) return plain(1);
    const rule = ruleOf(field);
    const itself = rule ? ofCall(node, field, rule) : plain(introspectionWeight);
    if (!node.selectionSet) return itself;
    const type: GraphQLNamedType = getNamedType(field.type);
    const own = rule
      ? ownSize(node, field, rule.listSize)
      : constant(averages.get(`${String(parent)}.${field.name}`) ?? 1);
    const isList = isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
    if (!isList) return sum([itself, ofSelections(node.selectionSet, type, own ?? carried)]);
    const size = own ?? carried ?? constant(listSizeDefault);
    const item = plain(has(node, 'stream') ? partUnits : 0);
    const below = sum([item, ofSelections(node.selectionSet, type, null)]);
    return sum([itself, { fixed: 0, lists: [{ size, below }], fragments: [] }]);
  }

  /** The field without what is below it. */
  function ofCall(node: FieldNode, field: Field, { weight, perItem, itemsOf, unitsOf }: FieldRule): Cost {
    const below = plain(perItem);
    const sizes = perItem === 0 ? [] : itemsOf.map((name) => sizeIn(node, field, name, null));
    const lists = sizes.flatMap((size) => (size ? [{ size, below }] : []));
    if (unitsOf) lists.push({ size: unitsIn(node, unitsOf), below: plain(1) });
    return sum([{ fixed: weight, lists, fragments: [] }]);
  }

  /** Units of work for the value of a field's first argument. */
  function unitsIn(node: FieldNode, unitsOf: (value: unknown) => number): Size {
    const given = node.arguments?.[0]?.value;
    if (!given) return constant(unitsOf(null));
    return {
      key: `units ${print(given)}`,
      of: (variables) => unitsOf(valueFromASTUntyped(given, variables as Record<string, unknown>)),
    };
  }

  function ofFragment(name: string, carried: Size | null): Cost {
    const key = `${name} ${carried?.key ?? ''}`;
    let cost = known.get(key);
    if (!cost) {
      const fragment = fragments.get(name)!;
      cost = ofSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), carried);
      if (!isPlain(cost)) cost = { fixed: 0, lists: [], fragments: [cost] };
      known.set(key, cost);
    }
    return cost;
  }

  /** As the arguments of the field say, or else its `assumedSize`; null: neither says. */
  function ownSize(
    node: FieldNode,
    field: Field,
    listSize: { readonly assumed: number | null; readonly slicingArguments: readonly string[] },
  ): Size | null {
    const assumed = listSize.assumed;
    for (const name of listSize.slicingArguments) {
      const size = sizeIn(node, field, name, assumed);
      if (size) return size;
    }
    return assumed === null ? null : constant(assumed);
  }

  /** As one argument says; null: it is not given and has no default. */
  function sizeIn(node: FieldNode, field: Field, name: string, assumed: number | null): Size | null {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const byDefault = field.args.find((argument) => argument.name === name)?.defaultValue;
    if (given?.kind === Kind.VARIABLE) return variable(given.name.value, byDefault ?? assumed);
    if (given) return constant(lengthOf(valueFromASTUntyped(given), assumed));
    return byDefault === undefined ? null : constant(lengthOf(byDefault, assumed));
  }

  function variable(name: string, otherwise: unknown): Size {
    const literal = operation.variableDefinitions?.find(
      (definition) => definition.variable.name.value === name,
    );
    const byDefault = literal?.defaultValue ? valueFromASTUntyped(literal.defaultValue) : otherwise;
    return {
      key: `$${name} ${String(byDefault)}`,
      of: (variables) => lengthOf(variables[name] === undefined ? byDefault : variables[name], null),
    };
  }

  const cost = ofSelections(operation.selectionSet, schema.getRootType(operation.operation), null);
  return (variables) => Math.ceil(evaluate(cost, variables, new Map()));
}

/** `known`: fragments whose units were counted before. */
function evaluate({ fixed, lists, fragments }: Cost, variables: Variables, known: Map<Cost, number>): number {
  let units = fixed;
  for (const { size, below } of lists) units += size.of(variables) * evaluate(below, variables, known);
  for (const fragment of fragments) {
    let own = known.get(fragment);
    if (own === undefined) {
      own = evaluate(fragment, variables, known);
      known.set(fragment, own);
    }
    units += own;
  }
  return Math.min(units, unitsMax);
}

/** Lists of constant size become part of what is fixed, so that little is left to do for each request. */
function sum(costs: readonly Cost[]): Cost {
  let fixed = 0;
  const lists: Cost['lists'][number][] = [];
  const fragments: Cost[] = [];
  for (const cost of costs) {
    fixed += cost.fixed;
    fragments.push(...cost.fragments);
    for (const list of cost.lists) {
      if (list.size.key.startsWith('#') && isPlain(list.below)) fixed += list.size.of({}) * list.below.fixed;
      else lists.push(list);
    }
  }
  return { fixed: Math.min(fixed, unitsMax), lists, fragments };
}

function plain(fixed: number): Cost {
  return { fixed, lists: [], fragments: [] };
}

function isPlain({ lists, fragments }: Cost): boolean {
  return lists.length === 0 && fragments.length === 0;
}

function constant(length: number): Size {
  return { key: `#${length}`, of: () => length };
}

function lengthOf(value: unknown, otherwise: number | null): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'number' && value >= 1) return Math.min(value, pageMax);
  return value === null || value === undefined ? (otherwise ?? listSizeDefault) : pageMax;
}

function has({ directives }: SelectionNode, name: string): boolean {
  return directives?.some((directive) => directive.name.value === name) ?? false;
}

function fieldOf(parent: unknown, name: string): Field | undefined {
  const meta = introspectionFields.get(name);
  if (meta) return meta;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}
