import { plugins } from '../../plugins/index.js';
import type { Plugin } from '../../src/plugin.js';
import type { TestClock } from './boot.js';

/** The plugins, where each method of one port takes ten seconds. */
export function slowed(name: string, clockOf: () => TestClock, isOn: () => boolean): readonly Plugin[] {
  return plugins.map((plugin) => {
    if (plugin.name !== name) return plugin;
    return {
      ...plugin,
      create(parts) {
        const instance = plugin.create(parts);
        const port = new Proxy(instance.port as object, {
          get(target, key) {
            const member: unknown = Reflect.get(target, key);
            if (typeof member !== 'function') return member;
            return (...args: unknown[]): unknown => {
              const result: unknown = Reflect.apply(member, target, args);
              if (!isOn() || !(result instanceof Promise)) return result;
              return new Promise((resolve) => clockOf().after(10_000, () => resolve(result)));
            };
          },
        });
        return { ...instance, port };
      },
    } as Plugin;
  });
}

/** The clock runs a little faster than the machine's, so that work that is not slow is done in time on a loaded machine, too. */
const step = { waitMs: 20, advanceMs: 50 };

/** Resolves to the result and the time that it took by the clock, which advances meanwhile. */
export async function timed<T>(
  clock: TestClock,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly tookMs: number }> {
  const startMs = clock.monotonicMs();
  let isDone = false;
  const result = run().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setTimeout(resolve, step.waitMs));
    if (!isDone) clock.advance(step.advanceMs);
  }
  return { result: await result, tookMs: clock.monotonicMs() - startMs };
}
