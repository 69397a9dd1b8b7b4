import { AsyncLocalStorage } from 'node:async_hooks';
import type { Instance, Plugin, Resolvers } from './plugin.js';

type Scoped = Pick<Plugin, 'name' | 'source'>;

/**
 * The plugin of a third party whose code runs, also in its timers, promises and streams. Following these costs time, so nothing is
 * followed in a process without such plugins.
 */
const current = new AsyncLocalStorage<string>();

/** Returns the third party's plugin whose code, or what it began, is running; null if there is none. */
export function pluginInScope(): string | null {
  return current.getStore() ?? null;
}

/** Runs code in the scope of a third party's plugin. */
export function inScopeOf<T>(plugin: string, run: () => T): T {
  return current.run(plugin, run);
}

/** Runs a plugin's code. */
export function inScope<T>({ name, source }: Scoped, run: () => T): T {
  return source === undefined ? run() : current.run(name, run);
}

/** Returns a function of a plugin that runs in its scope, with as many parameters. */
export function scoped<A extends unknown[], R>(plugin: Scoped, run: (...args: A) => R): (...args: A) => R {
  if (plugin.source === undefined) return run;
  const inside = (...args: A): R => current.run(plugin.name, () => run(...args));
  return Object.defineProperty(inside, 'length', { value: run.length });
}

/** The resolvers of a plugin, in its scope. */
export function scopedResolvers(plugin: Scoped, resolvers: Resolvers): Resolvers {
  if (plugin.source === undefined) return resolvers;
  return Object.fromEntries(
    Object.entries(resolvers).map(([type, members]) => {
      if ('parseValue' in members) return [type, members];
      const fields = Object.entries(members).map(([name, field]) => [
        name,
        typeof field === 'function' ? scoped(plugin, field) : field,
      ]);
      return [type, Object.fromEntries(fields)];
    }),
  );
}

/** An instance of a plugin whose start, end and routes run in its scope. */
export function scopedInstance(plugin: Scoped, instance: Instance<unknown>): Instance<unknown> {
  if (plugin.source === undefined) return instance;
  const { start, close, routes } = instance;
  return {
    ...instance,
    ...(start && { start: scoped(plugin, start) }),
    ...(close && { close: scoped(plugin, close) }),
    ...(routes && {
      routes: (router) =>
        routes({
          route: (method, path, handle) => router.route(method, path, scoped(plugin, handle)),
        }),
    }),
  };
}
