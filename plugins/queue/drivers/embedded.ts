import { z } from 'zod';
import type { QueueDriver } from '../../../src/ports/queue-driver.js';

export const settings = z.strictObject({});

/** Publisher and reactions are one process: nobody else has to be woken. */
export async function open(): Promise<QueueDriver & { close(): Promise<void> }> {
  let take: ((ids: readonly string[]) => Promise<void>) | null = null;
  return {
    send: async (ids) => take?.(ids),
    receive(receiver) {
      take = receiver;
    },
    check: async () => undefined,
    close: async () => undefined,
  };
}
