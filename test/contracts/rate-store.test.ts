import { open as openBull } from '../../plugins/bull/drivers/bull.js';
import { createHost, createIds, systemClock, systemRandom } from '../../src/host.js';
import type { RateStore } from '../../src/ports/queue-driver.js';
import { createTestLog } from '../support/boot.js';
import { createMemoryRates } from '../support/rate-store.js';
import { describeDrivers } from './drivers.js';
import { rateStoreContract } from './rate-store.js';

describe('The rate store in memory', () => {
  const store = createMemoryRates(systemClock);
  rateStoreContract(async () => store);
});

describeDrivers('The rate store', ['bull'], (_, url) => {
  const opened: { close(): Promise<void> }[] = [];
  const host = createHost({
    clock: systemClock,
    ids: createIds(systemClock),
    random: systemRandom,
    log: createTestLog(),
    dataDir: '',
  });
  after(async () => {
    for (const driver of opened) await driver.close();
  });
  rateStoreContract(async (): Promise<RateStore> => {
    const driver = await openBull({ url: url! }, host);
    opened.push(driver);
    return driver.rateStore!;
  });
});
