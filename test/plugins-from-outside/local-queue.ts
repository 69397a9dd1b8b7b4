import { definePlugin } from 'rapport/plugin.js';
import type { QueueDriver } from 'rapport/ports/queue-driver.js';
import { z } from 'zod';

type Take = Parameters<QueueDriver['receive']>[0];

/** Wakes whoever handles facts in this process, a turn of the event loop later. */
async function open(): Promise<QueueDriver & { close(): Promise<void> }> {
  let take: Take | null = null;
  return {
    async send(ids) {
      setImmediate(() => void take?.(ids));
    },
    receive(taken) {
      take = taken;
    },
    check: async () => undefined,
    async close() {
      take = null;
    },
  };
}

/** A driver of the queue: `RAPPORT_QUEUE=local`. */
export const plugin = definePlugin({
  name: 'local-queue',
  provides: null,
  needs: [],
  compatibility: '^1.0.0',
  driversFor: { queue: { local: async () => ({ settings: z.strictObject({}), open }) } },
  create: () => ({ port: null }),
});
