import { describeDrivers } from './drivers.js';
import { storeContract } from './store.js';

describeDrivers('store', ['embedded', 'mongodb'], (_driver, url) => {
  storeContract(url ? { RAPPORT_STORE_URL: url } : {});
  if (url === null) {
    describe('moving every write to its tree at once', () =>
      storeContract({ RAPPORT_STORE_CHECKPOINT_AT: '1' }));
  }
});
