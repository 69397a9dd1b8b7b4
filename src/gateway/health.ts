import type { System } from '../boot.js';
import { deadlines } from '../deadlines.js';
import { describeError, isRapportError } from '../errors.js';
import { withDeadline } from '../lifecycle.js';

const tooSlow = Symbol('too slow');

export interface Health {
  /** Requests can be answered, though some of them in part only: taking them away would help nobody. */
  readonly ready: boolean;
  /** Plugins that go on without a backend, or without being able to write. */
  readonly degraded: readonly string[];
  /** `ok`, or what is wrong, for each plugin that has something to check. */
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * Asks every plugin whether it can do its part now. One whose backend is `unavailable`, or slow to say, is degraded: what can be
 * answered without it is answered. Any other failure is a defect of this process, which should get no more requests.
 */
export async function checkHealth(system: Pick<System, 'plugins'>): Promise<Health> {
  const parts: Record<string, string> = {};
  const degraded: string[] = [];
  let ready = true;
  await Promise.all(
    system.plugins.map(async ({ plugin, instance }) => {
      const { check } = instance;
      if (!check) return;
      const checked = Promise.resolve()
        .then(check)
        .then(
          () => null,
          (error: unknown) => error,
        );
      const fault = await withDeadline(checked, deadlines.checkMs, plugin.name).catch(() => tooSlow);
      parts[plugin.name] = wordsFor(fault);
      if (fault === tooSlow || isRapportError(fault, 'unavailable')) degraded.push(plugin.name);
      else if (fault !== null) ready = false;
    }),
  );
  return { ready, degraded: degraded.sort(), parts };
}

function wordsFor(fault: unknown): string {
  if (fault === null) return 'ok';
  if (fault === tooSlow) return `has not answered within ${deadlines.checkMs / 1_000} s`;
  return describeError(fault).message;
}
