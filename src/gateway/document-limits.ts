import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { beyondLimit, type LimitName, limits } from './limits.js';

/** Two fields with arguments, or with fields below them, take about so many times as long to compare as two plain ones. */
const compositeWeight = 20;

type Measures = Readonly<
  Record<'depth' | 'aliases' | 'directives' | 'fragments' | 'nesting', number> &
    Partial<Record<LimitName, number>>
>;

/**
 * Measures a document in time linear in its length: each fragment is looked at once. Aliases and directives count as
 * they are written, depth as it is nested when it runs, without introspection. Null: its fragments have a cycle.
 */
function measure(document: DocumentNode): Measures | null {
  const fragments = fragmentsOf(document);
  /** null: it is being looked at. */
  const depths = new Map<string, number | null>();
  let aliases = 0;
  let directives = 0;
  let nesting = 0;
  let inline = 0;
  let hasCycle = false;

  function lookAt(given: FieldNode['arguments']): void {
    for (const { value } of given ?? []) nesting = Math.max(nesting, nestingOf(value));
  }

  function count(given: readonly (DirectiveNode | ConstDirectiveNode)[] | undefined): void {
    directives += given?.length ?? 0;
    for (const directive of given ?? []) lookAt(directive.arguments);
  }

  function depthOf(set: SelectionSetNode | undefined): number {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      count(selection.directives);
      if (selection.kind === Kind.FIELD) {
        if (selection.alias) aliases++;
        lookAt(selection.arguments);
        const below = depthOf(selection.selectionSet);
        if (!selection.name.value.startsWith('__')) deepest = Math.max(deepest, below + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        inline++;
        deepest = Math.max(deepest, depthOf(selection.selectionSet));
      } else deepest = Math.max(deepest, depthOfFragment(selection.name.value));
    }
    return deepest;
  }

  function depthOfFragment(name: string): number {
    const known = depths.get(name);
    if (known === null) hasCycle = true;
    if (known !== undefined) return known ?? 0;
    depths.set(name, null);
    const depth = depthOf(fragments.get(name)?.selectionSet);
    depths.set(name, depth);
    return depth;
  }

  let depth = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      count(definition.directives);
      for (const { defaultValue, directives: own } of definition.variableDefinitions ?? []) {
        count(own);
        if (defaultValue) nesting = Math.max(nesting, nestingOf(defaultValue));
      }
      depth = Math.max(depth, depthOf(definition.selectionSet));
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) depthOfFragment(definition.name.value);
  }
  return hasCycle ? null : { depth, aliases, directives, fragments: fragments.size + inline, nesting };
}

function nestingOf(value: ValueNode): number {
  let deepest = 0;
  if (value.kind === Kind.LIST) for (const each of value.values) deepest = Math.max(deepest, nestingOf(each));
  else if (value.kind === Kind.OBJECT)
    for (const field of value.fields) deepest = Math.max(deepest, nestingOf(field.value));
  else return 0;
  return deepest + 1;
}

/**
 * How many fields validation looks at to see that those of one response name agree, and how many pairs of them it compares; it stops
 * soon after the limit. For fragments without a cycle.
 */
function repetitionsOf(document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  let total = 0;

  function collect(
    { selections }: SelectionSetNode,
    into: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        total++;
        const name = selection.alias?.value ?? selection.name.value;
        const fields = into.get(name);
        if (fields) fields.push(selection);
        else into.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, into, seen);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet, into, seen);
      }
    }
  }

  function compare(sets: readonly SelectionSetNode[]): void {
    const byName = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const set of sets) collect(set, byName, seen);
    for (const fields of byName.values()) {
      const below = fields.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []));
      const isPlain = below.length === 0 && fields.every((field) => !field.arguments?.length);
      total += ((fields.length * (fields.length - 1)) / 2) * (isPlain ? 1 : compositeWeight);
      if (total > limits.repetitions) return;
      if (below.length > 0) compare(below);
    }
  }

  for (const definition of document.definitions)
    if ('selectionSet' in definition) compare([definition.selectionSet]);
  return total;
}

/** The errors with which a document is refused before it is validated; empty: none. Null: its fragments have a cycle. */
export function refusalsOf(document: DocumentNode): readonly GraphQLError[] | null {
  const measures = measure(document);
  if (measures === null) return null;
  const beyond = refusals(measures);
  return beyond.length > 0 ? beyond : refusals({ repetitions: repetitionsOf(document) });
}

function refusals(measures: Partial<Record<LimitName, number>>): readonly GraphQLError[] {
  return Object.entries(measures).flatMap(([limit, value]) =>
    value > limits[limit as LimitName] ? [beyondLimit(limit as LimitName, value)] : [],
  );
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}
