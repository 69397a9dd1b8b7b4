import type { FactHandler, FactType } from './facts.js';
import type { Instance, Plugin } from './plugin.js';
import type { Queue } from './ports/queue.js';

/** Registers every plugin's handlers of facts at the queue. */
export function startWorker(
  queue: Queue,
  parts: readonly { readonly plugin: Plugin; readonly instance: Instance<unknown> }[],
): void {
  for (const { plugin, instance } of parts) {
    for (const [type, reaction] of Object.entries(instance.reactions ?? {})) {
      queue.react(plugin.name, type as FactType, reaction as FactHandler);
    }
  }
}
