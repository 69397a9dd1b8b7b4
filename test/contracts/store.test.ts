import { describeDrivers } from './drivers.js';
import { storeContract } from './store.js';

describeDrivers('store', ['embedded'], (_driver, url) => storeContract(url));
