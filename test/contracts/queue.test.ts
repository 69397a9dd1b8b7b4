import { bull } from '../../plugins/bull/plugin.js';
import { describeDrivers } from './drivers.js';
import { queueContract } from './queue.js';

const { MONGODB_URL } = process.env;
let stores = 0;

/** A database of its own for every test: what another one left in the outbox would be told, too. */
function sharedStore(url: string): string {
  return Object.assign(new URL(url), { pathname: `/queue-${process.pid}-${stores++}` }).href;
}

describeDrivers('queue', ['embedded', 'bull'], (_driver, url) => {
  const queue = url ? { RAPPORT_QUEUE_URL: url } : {};
  queueContract(() => queue, [bull]);
  if (url && MONGODB_URL) {
    describe('with the store on mongodb', () =>
      queueContract(() => ({ ...queue, RAPPORT_STORE_URL: sharedStore(MONGODB_URL) }), [bull]));
  }
});
