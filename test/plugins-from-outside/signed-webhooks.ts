import { createHmac } from 'node:crypto';
import { definePlugin } from 'rapport/plugin.js';
import type { EventDelivery, ShopEvent } from 'rapport/ports/events.js';
import { z } from 'zod';

/** Attempts after which an event is given up, about ten minutes. */
const attemptsMax = 25;

/** Sends orders to another system, signed, at least once and in order. */
export const plugin = definePlugin({
  name: 'signed-webhooks',
  provides: null,
  needs: ['events'],
  compatibility: '^1.0.0',
  settings: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Where orders are sent.'),
    secret: z.string().min(16).describe('The key of the HMAC in `X-Signature`.'),
  }),
  create({ needs, host, settings }) {
    const { url, secret } = settings;
    let stop = async (): Promise<void> => undefined;

    async function send(event: ShopEvent, { attempt, signal }: EventDelivery): Promise<void> {
      const body = JSON.stringify({
        id: event.id,
        type: event.type,
        customerId: event.customerId,
        productIds: event.productIds,
        value: event.value,
        currency: event.currency,
        at: new Date(event.atMs).toISOString(),
      });
      const timestamp = host.clock.nowMs();
      const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
      const headers = {
        'content-type': 'application/json',
        'x-event-id': event.id,
        'x-signature': `t=${timestamp},v1=${signature}`,
      };
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      if (response.ok) return;
      if (attempt < attemptsMax) throw new Error(`${url} responded with status ${response.status}`);
      host.log.error('an event was given up', { event: event.id, status: response.status });
    }

    return {
      port: null,
      async start() {
        const types = ['ORDER_COMPLETED'] as const;
        stop = needs.events.follow('signed-webhooks', { types, purpose: 'ANALYTICS' }, send);
      },
      close: () => stop(),
    };
  },
});
