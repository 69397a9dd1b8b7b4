import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { beyondLimit, type LimitName, limits } from './limits.js';

/** A field with arguments counts as so many: validation prints the arguments of both to compare them. */
const repetitionsWithArguments = 5;

type Measures = Readonly<
  Record<'depth' | 'aliases' | 'directives' | 'fragments' | 'repetitions', number> &
    Partial<Record<LimitName, number>>
>;

/**
 * Measures a document whose fragments have no cycle, in time linear in its length: each fragment is looked at once. Aliases,
 * directives and repetitions count as they are written, depth as it is nested when it runs, without introspection.
 */
function measure(document: DocumentNode): Measures {
  const fragments = fragmentsOf(document);
  const depths = new Map<string, number>();
  const written = new Map<string, number>();
  let aliases = 0;
  let directives = 0;

  function depthOf(set: SelectionSetNode | undefined): number {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const weight = selection.arguments?.length ? repetitionsWithArguments : 1;
        written.set(name, (written.get(name) ?? 0) + weight);
        if (selection.alias) aliases++;
        const below = depthOf(selection.selectionSet);
        if (!selection.name.value.startsWith('__')) deepest = Math.max(deepest, below + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT)
        deepest = Math.max(deepest, depthOf(selection.selectionSet));
      else deepest = Math.max(deepest, depthOfFragment(selection.name.value));
    }
    return deepest;
  }

  function depthOfFragment(name: string): number {
    let depth = depths.get(name);
    if (depth === undefined) {
      depth = depthOf(fragments.get(name)?.selectionSet);
      depths.set(name, depth);
    }
    return depth;
  }

  let depth = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      directives += definition.directives?.length ?? 0;
      depth = Math.max(depth, depthOf(definition.selectionSet));
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) depthOfFragment(definition.name.value);
  }
  return {
    depth,
    aliases,
    directives,
    fragments: fragments.size,
    repetitions: Math.max(0, ...written.values()),
  };
}

/** The errors with which a document is refused before it is validated; empty: none. */
export function refusalsOf(document: DocumentNode): readonly GraphQLError[] {
  return Object.entries(measure(document)).flatMap(([limit, value]) =>
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
