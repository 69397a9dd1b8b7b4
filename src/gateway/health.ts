import { type System, withDeadline } from '../boot.js';

const checkDeadlineMs = 2_000;

export interface Health {
  readonly ready: boolean;
  /** `ok`, or what is wrong, for each plugin that has something to check. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Asks every plugin whether it can do its part now. */
export async function checkHealth(system: System): Promise<Health> {
  const parts: Record<string, string> = {};
  await Promise.all(
    system.plugins.map(async ({ plugin, instance }) => {
      if (!instance.check) return;
      parts[plugin.name] = await withDeadline(instance.check(), checkDeadlineMs, plugin.name).then(
        () => 'ok',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    }),
  );
  return { ready: Object.values(parts).every((state) => state === 'ok'), parts };
}
