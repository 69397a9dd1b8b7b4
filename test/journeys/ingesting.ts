import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { events } from '../../plugins/events/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { boot } from '../../src/boot.js';
import type { Context } from '../../src/context.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';

/**
 * A process that records events as fast as it can and says which ones were acknowledged, until it is killed.
 * Started by durability.test.ts with a data directory, a number of its own, and how many senders send at once.
 */
const [dataDir = '', run = '0', senders = '16'] = process.argv.slice(2);
const silent = { error: console.error, warn: () => undefined, info: () => undefined, debug: () => undefined };
const system = await boot({
  plugins: [store, queue, customers, consent, events],
  environment: { RAPPORT_DATA_DIR: dataDir },
  host: (core) => ({
    clock: systemClock,
    ids: createIds(systemClock),
    random: systemRandom,
    log: silent,
    dataDir: core.dataDir,
  }),
});

async function send(sender: number): Promise<never> {
  const context: Context = {
    caller: { role: 'SERVER', source: 'durability', customerId: null, globalPrivacyControl: false },
    channel: 'WEB',
    sessionId: `session-${run}-${sender}`,
    customerId: null,
    storeId: null,
    deviceId: null,
    locale: 'en',
    currency: 'EUR',
    atMs: 0,
  };
  for (let call = 0; ; call++) {
    // Single events, small and large batches, in turns.
    const size = [1, 1, 7, 70][call % 4]!;
    const ids = Array.from({ length: size }, (_, i) => `${run}-${sender}-${call}-${i}`);
    const { accepted } = await system.port('events').record(
      context,
      ids.map((messageId) => ({ messageId, type: 'PRODUCT_VIEWED', productIds: [messageId] })),
    );
    if (accepted !== size) throw new Error(`${accepted} of ${size} new events were accepted`);
    process.stdout.write(`${ids.join(' ')}\n`);
  }
}

await Promise.all(Array.from({ length: Number(senders) }, (_, sender) => send(sender)));
