import { describeError } from './errors.js';
import type { Host, Log } from './plugin.js';

/** A listener that has not finished by then is named in the log. Writers never wait for it. */
export const listenerDeadlineMs = 5_000;
/** At most one line about a listener in this time; it says how often the listener failed since the last one. */
const quietMs = 1_000;

/** Who uses a port. */
export interface PortUser {
  readonly plugin: string;
  readonly capability: string;
}

type Parts = Pick<Host, 'clock' | 'log'>;
type Method = (...args: unknown[]) => unknown;

/**
 * A port as one plugin sees it: an object of its own that cannot be changed. Listeners that the plugin registers with
 * `watch`, here or on a collection, are isolated: a failure is logged with the plugin's name and reaches neither the
 * writer nor other listeners.
 */
export function portView<P>(port: P, user: PortUser, host: Parts): P {
  if (typeof port !== 'object' || port === null) return port;
  const source = port as Readonly<Record<PropertyKey, unknown>>;
  const view: Record<PropertyKey, unknown> = {};
  for (const key of keysOf(source)) {
    const value = source[key];
    if (typeof value !== 'function')
      Object.defineProperty(view, key, { get: () => source[key], enumerable: true });
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
  if (key === 'watch')
    return (listener, ...rest) => method(isolated(listener as Method, user, host), ...rest);
  if (key === 'collection') return async (...args) => portView(await method(...args), user, host);
  return method;
}

/** Runs a listener so that it can neither throw nor reject, nor make its caller wait. */
function isolated(listener: Method, user: PortUser, { clock, log }: Parts): Method {
  let failures = 0;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  let following = false;

  function failed(error: unknown): void {
    failures++;
    const nowMs = clock.nowMs();
    // A clock that was set back must not silence the listener for longer.
    if (nowMs < quietUntilMs && quietUntilMs - nowMs <= quietMs) return;
    log.error('a listener failed', { ...user, failures, err: describeError(error) });
    failures = 0;
    quietUntilMs = nowMs + quietMs;
  }

  function follow(work: PromiseLike<unknown>): void {
    if (following) return void work.then(undefined, failed);
    following = true;
    const cancel = clock.after(listenerDeadlineMs, () =>
      log.error(`a listener has not finished within ${listenerDeadlineMs / 1_000} s`, { ...user }),
    );
    const done = (): void => {
      following = false;
      cancel();
    };
    work.then(done, (error) => {
      done();
      failed(error);
    });
  }

  return (...news) => {
    try {
      const work = listener(...news);
      if (isThenable(work)) follow(work);
    } catch (error) {
      failed(error);
    }
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** A log that names the plugin in every line. */
export function pluginLog(log: Log, plugin: string): Log {
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields) =>
      log[level](message, { plugin, ...fields });
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
