import { describeError } from './errors.js';
import type { Host, Log } from './plugin.js';
import { inScopeOf, pluginInScope } from './plugin-scope.js';

/** A listener that returned a promise which is not settled by then is named in the log. Nobody waits for it. */
const listenerDeadlineMs = 5_000;
/** At most one line about failures of one kind in this time; it says how many there were since the last one. */
const quietMs = 1_000;

export type Method = (...args: unknown[]) => unknown;
type Fields = Readonly<Record<string, string>>;
type Parts = Pick<Host, 'clock' | 'log'>;

/** Logs failures of one kind; `fields` name the plugin. */
export function createReport(what: string, fields: Fields, { clock, log }: Parts): (error: unknown) => void {
  let failures = 0;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    failures++;
    const nowMs = clock.nowMs();
    // A clock that was set back must not silence it for longer.
    if (nowMs < quietUntilMs && quietUntilMs - nowMs <= quietMs) return;
    log.error(what, { ...fields, failures, err: describeError(error) });
    failures = 0;
    quietUntilMs = nowMs + quietMs;
  };
}

/** A plugin's listener, as it is called by a port: it can neither throw nor reject, nor make its caller wait. */
export function isolatedListener(listener: Method, fields: Fields, host: Parts): Method {
  const failed = createReport('a listener failed', fields, host);
  const plugin = pluginInScope();
  const run = plugin === null ? listener : (...args: unknown[]) => inScopeOf(plugin, () => listener(...args));
  let following = false;

  /** One call at a time, so that a listener that hangs costs one timer. */
  function follow(work: PromiseLike<unknown>): void {
    if (following) return void work.then(undefined, failed);
    following = true;
    const cancel = host.clock.after(listenerDeadlineMs, () =>
      host.log.error(`a listener has not finished within ${listenerDeadlineMs / 1_000} s`, fields),
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
      const work = run(...news);
      if (isThenable(work)) follow(work);
    } catch (error) {
      failed(error);
    }
  };
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** The host as one plugin gets it: every line of its log names it, and its timers cannot end the process. */
export function hostOf(host: Host, plugin: string): Host {
  const { clock } = host;
  const failed = createReport('a timer failed', { plugin }, host);
  function run(callback: () => unknown): void {
    try {
      const work = callback();
      if (isThenable(work)) work.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }
  return {
    ...host,
    log: logOf(host.log, plugin),
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, callback) => clock.after(delayMs, () => run(callback)),
    },
  };
}

function logOf(log: Log, plugin: string): Log {
  const at =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields) =>
      log[level](message, { plugin, ...fields });
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
