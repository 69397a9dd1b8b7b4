import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addResolversToSchema } from '@graphql-tools/schema';
import {
  assertValidSchema,
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
} from 'graphql';
import type { RunningPlugin } from '../boot.js';
import { refuseUndeclaredValues } from './contributed-values.js';
import { nameEnumValues } from './enum-values.js';
import { guardFields } from './field-guard.js';
import { attachRules, type OwnerOf } from './field-rules.js';
import { createNodes, type Nodes } from './nodes.js';
import {
  type GraphPart,
  ownersOf,
  refuseForeignCacheKeys,
  refuseForeignResolvers,
  refuseUnresolved,
} from './ownership.js';
import { guardScalars } from './safe-values.js';
import { scalars } from './scalars.js';

const version = '0.1.0';

/**
 * Joins base.graphql and the SDL and resolvers of every plugin into one executable schema. Throws an Error that names the plugin
 * (and the other one) if a type or field is declared twice, or resolved or given a cache key by anybody but its plugin, if a plugin's field on a
 * type of another is not nullable, if a root field does not declare who may ask for it, or if a type that implements `Node` is not identified.
 */
export function buildGraph(
  schemaDirectory: string,
  plugins: readonly RunningPlugin[],
  nodes: Nodes = createNodes(plugins),
): GraphQLSchema {
  const parts: GraphPart[] = [
    {
      owner: 'base',
      definitions: definitionsOf('base', read(join(schemaDirectory, 'base.graphql'))),
      resolvers: { ...scalars, Query: { version: () => version } },
      steady: {},
      sdlOf: null,
    },
    ...plugins.map(({ plugin, instance, resolvers }) => ({
      owner: plugin.name,
      definitions: definitionsOf(
        plugin.name,
        plugin.sdl ?? read(join(schemaDirectory, `${plugin.replaces ?? plugin.name}.graphql`)),
      ),
      resolvers,
      steady: instance.steady ?? {},
      sdlOf: plugin.sdl === undefined ? (plugin.replaces ?? null) : null,
    })),
  ];
  const ownerOf: OwnerOf = ownersOf(parts);
  refuseForeignResolvers(parts, ownerOf);
  refuseForeignCacheKeys(parts, ownerOf);
  refuseUnresolved(parts, ownerOf);
  const definitions = withoutEmptyTypes(parts.flatMap((part) => part.definitions));
  const schema = addResolversToSchema({
    schema: buildASTSchema({ kind: Kind.DOCUMENT, definitions } satisfies DocumentNode),
    resolvers: joined([...parts, nodes]) as never,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
    // The schema is nobody else's yet.
    updateResolversInPlace: true,
  });
  assertValidSchema(schema);
  refuseUndeclaredValues(schema, plugins);
  attachRules(schema, ownerOf);
  nodes.attach(schema);
  guardFields(schema);
  guardScalars(schema);
  nameEnumValues(schema);
  return schema;
}

/** Nobody's member is overwritten, since each has one owner. */
function joined(parts: readonly Pick<GraphPart, 'resolvers'>[]): Record<string, object> {
  const all: Record<string, object> = {};
  for (const { resolvers } of parts) {
    for (const [type, members] of Object.entries(resolvers))
      all[type] = 'parseValue' in members ? members : { ...all[type], ...members };
  }
  return all;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function definitionsOf(owner: string, sdl: string): readonly DefinitionNode[] {
  if (sdl.trim() === '') return [];
  try {
    return parse(sdl).definitions;
  } catch (error) {
    throw new Error(`the SDL of ${owner} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** Mutation and Subscription are part of the schema only if a plugin adds a field to them. */
function withoutEmptyTypes(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const extended = new Set(
    definitions.flatMap((node) => (node.kind === Kind.OBJECT_TYPE_EXTENSION ? [node.name.value] : [])),
  );
  return definitions.filter(
    (node) =>
      node.kind !== Kind.OBJECT_TYPE_DEFINITION || node.fields?.length || extended.has(node.name.value),
  );
}
