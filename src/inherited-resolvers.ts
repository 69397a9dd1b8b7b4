import type { GraphQLScalarType } from 'graphql';
import type { Capabilities } from './capabilities.js';
import type { Plugin, Resolvers } from './plugin.js';

/**
 * The resolvers of a plugin: those of its instance, then those of its declaration, then, if it takes another plugin's place and graph, those
 * of that plugin's declaration.
 */
export function resolversOf(
  plugin: Plugin,
  instance: { readonly port: unknown; readonly resolvers?: Resolvers },
  needsOf: (plugin: Plugin) => Readonly<Partial<Capabilities>>,
): Resolvers {
  const { replaced } = plugin;
  const declared = (other: Plugin): Resolvers =>
    other.resolvers?.({ port: instance.port, needs: needsOf(other) }) ?? {};
  const inherited = replaced && plugin.sdl === undefined ? declared(replaced) : {};
  return joined(joined(inherited, declared(plugin)), instance.resolvers ?? {});
}

/** The second one wins. */
function joined(first: Resolvers, second: Resolvers): Resolvers {
  const all: Record<string, Resolvers[string]> = { ...first };
  for (const [type, members] of Object.entries(second)) {
    const before = all[type];
    all[type] = isScalar(members) || isScalar(before) ? members : { ...before, ...members };
  }
  return all;
}

/** By its tag, so that a process without a gateway need not load graphql-js, and a plugin may bring a copy of its own. */
function isScalar(members: Resolvers[string] | undefined): members is GraphQLScalarType {
  return Object.prototype.toString.call(members) === '[object GraphQLScalarType]';
}
