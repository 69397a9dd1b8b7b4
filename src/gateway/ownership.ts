import { type DefinitionNode, Kind, print } from 'graphql';
import type { Instance, Resolvers } from '../plugin.js';
import type { OwnerOf } from './field-rules.js';

/** What one plugin, or the core under the name `base`, adds to the graph. */
export interface GraphPart {
  readonly owner: string;
  readonly definitions: readonly DefinitionNode[];
  readonly resolvers: Resolvers;
  readonly steady: NonNullable<Instance<unknown>['steady']>;
  /** The plugin whose SDL it took over; null: the SDL is its own. */
  readonly sdlOf: string | null;
}

/**
 * Who declares each type, field, enum value and directive. Throws an Error that names both plugins if something is declared twice,
 * or if a plugin adds a field that is not nullable to a type of another plugin.
 */
export function ownersOf(parts: readonly GraphPart[]): OwnerOf {
  const owners = new Map<string, string>();
  const own = (what: string, coordinate: string, owner: string): void => {
    const other = owners.get(coordinate);
    if (other !== undefined)
      throw new Error(`${owner} declares the ${what} ${coordinate}, which ${other} already declares`);
    owners.set(coordinate, owner);
  };
  for (const { owner, definitions } of parts) {
    for (const definition of definitions) {
      if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION)
        throw new Error(`${owner} declares \`schema\`; extend Query, Mutation and Subscription instead`);
      if (definition.kind === Kind.DIRECTIVE_DEFINITION) own('directive', `@${definition.name.value}`, owner);
      else if (isTypeDefinition(definition)) own('type', nameOf(definition), owner);
    }
  }
  for (const { owner, definitions } of parts) {
    for (const definition of definitions) {
      const type = nameOf(definition);
      for (const [name] of membersOf(definition)) own('field', `${type}.${name}`, owner);
      if (owners.get(type) !== owner) refuseRequired(definition, owner, owners.get(type));
    }
  }
  return (coordinate) => owners.get(coordinate);
}

/** A null of a plugin must never remove more of the answer than its own field. */
function refuseRequired(definition: DefinitionNode, owner: string, other: string | undefined): void {
  for (const [name, member] of membersOf(definition)) {
    if (member.kind === Kind.ENUM_VALUE_DEFINITION || member.type.kind !== Kind.NON_NULL_TYPE) continue;
    if (member.kind === Kind.INPUT_VALUE_DEFINITION && member.defaultValue) continue;
    throw new Error(
      `${owner} adds ${nameOf(definition)}.${name} to a type of ${other ?? 'nobody'} as ${print(member.type)}; ` +
        `a field on a type of another plugin must be nullable: ${print(member.type.type)}`,
    );
  }
}

/** Only the plugin that declares a field may resolve it, also where the field has no resolver. */
export function refuseForeignResolvers(parts: readonly GraphPart[], ownerOf: OwnerOf): void {
  for (const { owner, resolvers } of parts) {
    for (const [type, members] of Object.entries(resolvers)) {
      for (const name of 'parseValue' in members ? ['__scalar'] : Object.keys(members)) {
        // What begins so belongs to the type: `__resolveType`, or all of a scalar.
        const coordinate = name.startsWith('__') ? type : `${type}.${name}`;
        const declarer = ownerOf(coordinate);
        if (declarer === owner) continue;
        throw new Error(
          declarer === undefined
            ? `${owner} resolves ${coordinate}, which no SDL declares`
            : `${owner} resolves ${coordinate}, which ${declarer} declares; only ${declarer} may resolve it`,
        );
      }
    }
  }
}

/** A plugin that took over another one's SDL must resolve its root fields and its fields on types of others: they have no plain values. */
export function refuseUnresolved(parts: readonly GraphPart[], ownerOf: OwnerOf): void {
  for (const { owner, definitions, resolvers, sdlOf } of parts) {
    if (sdlOf === null) continue;
    for (const definition of definitions) {
      const type = nameOf(definition);
      if (definition.kind !== Kind.OBJECT_TYPE_EXTENSION || ownerOf(type) === owner) continue;
      const members = resolvers[type];
      for (const [name] of membersOf(definition))
        if (members === undefined || !Object.hasOwn(members, name))
          throw new Error(
            `${owner} replaces ${sdlOf} and does not resolve ${type}.${name}; resolve it, or give an SDL of its own`,
          );
    }
  }
}

/** Only the plugin that declares a type may say what answers about it hang on: they are kept for every caller. */
export function refuseForeignCacheKeys(parts: readonly GraphPart[], ownerOf: OwnerOf): void {
  for (const { owner, steady } of parts) {
    for (const type of Object.keys(steady)) {
      const declarer = ownerOf(type);
      if (declarer === owner) continue;
      throw new Error(
        declarer === undefined
          ? `${owner} calls ${type} steady, which no SDL declares`
          : `${owner} calls ${type} steady, which ${declarer} declares; only ${declarer} may do so`,
      );
    }
  }
}

function nameOf(definition: DefinitionNode): string {
  return 'name' in definition && definition.name ? definition.name.value : '';
}

function isTypeDefinition({ kind }: DefinitionNode): boolean {
  return kind.endsWith('TypeDefinition');
}

function membersOf(definition: DefinitionNode) {
  const members =
    'fields' in definition
      ? (definition.fields ?? [])
      : 'values' in definition
        ? (definition.values ?? [])
        : [];
  return members.map((member) => [member.name.value, member] as const);
}
