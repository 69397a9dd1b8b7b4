import { queueContract, storeContract } from 'rapport/testing/contracts.js';
import { plugin as localQueue } from './local-queue.js';
import { plugin as memoryStore } from './memory-store.js';

describe('Drivers from outside', () => {
  describe('of the queue', () => queueContract(() => ({ RAPPORT_QUEUE: 'local' }), [localQueue]));
  describe('of the store', () => storeContract({ RAPPORT_STORE: 'memory' }, [memoryStore]));
});
