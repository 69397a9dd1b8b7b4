import { describeDrivers } from './drivers.js';
import { queueContract } from './queue.js';

describeDrivers('queue', ['embedded'], (_driver, url) => queueContract(url));
