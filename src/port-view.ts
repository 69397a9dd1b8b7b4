import { isolatedListener, type Method } from './isolation.js';
import { deepFreeze } from './kit/deep-freeze.js';
import type { Host } from './plugin.js';

/** The user of a port. */
export interface PortUser {
  readonly plugin: string;
  readonly capability: string;
}

type Parts = Pick<Host, 'clock' | 'log'>;

/**
 * A port as one plugin sees it: an object of its own that cannot be changed. What its methods return and what they report to
 * listeners is frozen, since other plugins see the same objects. Listeners that the plugin registers with `watch`, here or on a
 * collection, are isolated: a failure is logged with the plugin's name and reaches neither the writer nor other listeners.
 */
export function portView<P>(port: P, user: PortUser, host: Parts): P {
  if (typeof port !== 'object' || port === null) return port;
  const source = port as Readonly<Record<PropertyKey, unknown>>;
  const view: Record<PropertyKey, unknown> = {};
  for (const key of keysOf(source)) {
    const value = source[key];
    if (typeof value !== 'function')
      Object.defineProperty(view, key, { get: () => deepFreeze(source[key]), enumerable: true });
    else view[key] = methodOf(key, value.bind(source) as Method, user, host);
  }
  return Object.freeze(view) as P;
}

/** Inherited keys too, so that a port may be an instance of a class. */
function keysOf(port: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  for (let own = port; own !== null && own !== Object.prototype; own = Object.getPrototypeOf(own))
    for (const key of Reflect.ownKeys(own)) keys.add(key);
  keys.delete('constructor');
  return keys;
}

function methodOf(key: PropertyKey, method: Method, user: PortUser, host: Parts): Method {
  if (key === 'watch') {
    return (listener, ...rest) => {
      const isolated = isolatedListener(listener as Method, { ...user }, host);
      return method((...news: unknown[]) => isolated(...news.map(deepFreeze)), ...rest);
    };
  }
  if (key === 'collection') return async (...args) => portView(await method(...args), user, host);
  return (...args) => frozen(method(...args));
}

/** Also what a promise resolves to, and what an async iterable yields. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Promise) return value.then(deepFreeze);
  if (Symbol.asyncIterator in value) return frozenPages(value as AsyncIterable<unknown>);
  return deepFreeze(value);
}

async function* frozenPages(pages: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const page of pages) yield deepFreeze(page);
}
