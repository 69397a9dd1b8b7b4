import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** What a page may hold at most, everywhere in the graph; taken where a variable is not known yet. */
const pageMax = 100;
/** How long a list without `first` is taken to be. */
const listLength = 10;

export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/**
 * How many fields the answer to a document could hold: a field counts once for each parent, a list multiplies what is
 * below it by its `first`, or by 10. Without variables every `first` that is one counts as 100. For documents whose
 * fragments have no circle; linear in their length, since each fragment is counted once.
 */
export function costOf(schema: GraphQLSchema, document: DocumentNode, variables: Variables): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const costs = new Map<string, number>();

  function ofSelections({ selections }: SelectionSetNode, parent: unknown): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += ofField(selection, parent);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        cost += ofSelections(selection.selectionSet, onType(selection.typeCondition?.name.value, parent));
      else cost += ofFragment(selection.name.value);
    }
    return cost;
  }

  function ofField(field: FieldNode, parent: unknown): number {
    if (!field.selectionSet || field.name.value.startsWith('__')) return 1;
    const type = typeOf(parent, field.name.value);
    return (
      1 + lengthOf(field, type, variables) * ofSelections(field.selectionSet, type && getNamedType(type))
    );
  }

  function ofFragment(name: string): number {
    let cost = costs.get(name);
    if (cost === undefined) {
      const fragment = fragments.get(name);
      cost = fragment
        ? ofSelections(fragment.selectionSet, onType(fragment.typeCondition.name.value, null))
        : 0;
      costs.set(name, cost);
    }
    return cost;
  }

  function onType(name: string | undefined, parent: unknown): unknown {
    return name === undefined ? parent : schema.getType(name);
  }

  let cost = 0;
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION)
      cost += ofSelections(node.selectionSet, schema.getRootType(node.operation));
  }
  return cost;
}

function typeOf(parent: unknown, field: string): GraphQLOutputType | null {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return null;
  return (parent as GraphQLObjectType).getFields()[field]?.type ?? null;
}

function lengthOf(field: FieldNode, type: GraphQLOutputType | null, variables: Variables): number {
  const first = field.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (first?.kind === Kind.INT) return bounded(Number(first.value));
  if (first?.kind === Kind.VARIABLE) return variables ? bounded(variables[first.name.value]) : pageMax;
  const isList = type !== null && isListType(isNonNullType(type) ? type.ofType : type);
  return isList ? listLength : 1;
}

/** Resolvers refuse what lies outside, so it costs nothing more than a page. */
function bounded(first: unknown): number {
  return typeof first === 'number' && first >= 1 ? Math.min(first, pageMax) : pageMax;
}
