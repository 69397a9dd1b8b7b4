import { queueContract } from 'rapport/testing/contracts.js';
import { plugin } from './local-queue.js';

describe('A queue driver from outside', () => queueContract(() => ({ RAPPORT_QUEUE: 'local' }), [plugin]));
