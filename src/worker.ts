import type { FactHandler, FactType } from './facts.js';
import { parseCron } from './kit/cron.js';
import { messageOf } from './lifecycle.js';
import type { Instance, Plugin } from './plugin.js';
import { scoped } from './plugin-scope.js';
import type { Queue } from './ports/queue.js';

/** Registers every plugin's handlers of facts and its jobs at the queue. */
export function startWorker(
  queue: Queue,
  parts: readonly { readonly plugin: Plugin; readonly instance: Instance<unknown> }[],
): void {
  for (const { plugin, instance } of parts) {
    for (const [type, handler] of Object.entries(instance.reactions ?? {})) {
      queue.react(plugin.name, type as FactType, scoped(plugin, handler as FactHandler));
    }
    for (const [name, job] of Object.entries(instance.schedule ?? {}))
      queue.schedule(plugin.name, name, { ...job, run: scoped(plugin, job.run) });
  }
}

/** Throws an Error that names the first job whose name, times or time zone are not valid. */
export function checkJobs({ schedule = {} }: Instance<unknown>): void {
  for (const [name, { cron, timeZone = 'UTC' }] of Object.entries(schedule)) {
    if (!/^[a-z][a-z0-9-]{0,59}$/.test(name))
      throw new Error(
        `a job is named "${name.slice(0, 60)}"; a name is kebab case, for example "send-digest"`,
      );
    try {
      parseCron(cron, timeZone);
    } catch (cause) {
      throw new Error(`its job ${name} cannot be scheduled: ${messageOf(cause)}`, { cause });
    }
  }
}
