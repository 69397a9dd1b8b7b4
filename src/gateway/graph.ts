import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type DocumentNode, type GraphQLSchema, Kind, parse } from 'graphql';
import type { RunningPlugin } from '../boot.js';
import type { Resolvers } from '../plugin.js';
import { scalars } from './scalars.js';

interface Part {
  readonly owner: string;
  readonly document: DocumentNode;
  readonly resolvers: Resolvers;
}

/**
 * Joins base.graphql and what each plugin brings into one executable schema. Throws, naming both owners, when a
 * type or a field has two, and when a plugin resolves a field that its SDL does not declare.
 */
export function buildGraph(schemaDirectory: string, plugins: readonly RunningPlugin[]): GraphQLSchema {
  const parts: Part[] = [
    {
      owner: 'base',
      document: read(join(schemaDirectory, 'base.graphql'))!,
      resolvers: { ...scalars, Query: { version: () => version } },
    },
  ];
  for (const { plugin, instance } of plugins) {
    const resolvers = instance.resolvers ?? {};
    const document =
      plugin.sdl === undefined ? read(join(schemaDirectory, `${plugin.name}.graphql`)) : parse(plugin.sdl);
    if (document) parts.push({ owner: plugin.name, document, resolvers });
    else if (instance.resolvers)
      parts.push({ owner: plugin.name, document: { kind: Kind.DOCUMENT, definitions: [] }, resolvers });
  }
  refuseSharedFields(parts);
  refuseSharedResolvers(parts);
  return makeExecutableSchema({
    typeDefs: parts.map((part) => part.document),
    resolvers: parts.map((part) => part.resolvers) as never,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  });
}

const version = '0.1.0';

function read(file: string): DocumentNode | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  return parse(text);
}

function refuseSharedFields(parts: readonly Part[]): void {
  const owners = new Map<string, string>();
  function own(what: string, owner: string): void {
    const other = owners.get(what);
    if (other !== undefined) throw new Error(`${owner} declares ${what}, which ${other} already declares`);
    owners.set(what, owner);
  }
  for (const { owner, document } of parts) {
    for (const definition of document.definitions) {
      if (!('name' in definition) || !definition.name) continue;
      const type = definition.name.value;
      if (!definition.kind.endsWith('Extension')) own(`the type ${type}`, owner);
      if ('fields' in definition) {
        for (const field of definition.fields ?? []) own(`the field ${type}.${field.name.value}`, owner);
      }
    }
  }
}

function refuseSharedResolvers(parts: readonly Part[]): void {
  const owners = new Map<string, string>();
  for (const { owner, resolvers } of parts) {
    for (const [type, fields] of Object.entries(resolvers)) {
      for (const field of 'parseValue' in fields ? [''] : Object.keys(fields)) {
        const what = field ? `${type}.${field}` : type;
        const other = owners.get(what);
        if (other !== undefined)
          throw new Error(`${owner} resolves ${what}, which ${other} already resolves`);
        owners.set(what, owner);
      }
    }
  }
}
