/**
 * The contracts of drivers, as `rapport/testing/contracts.js`: suites for mocha, which need chai and fast-check. Call one within `describe`.
 * The shipped drivers pass them, too.
 */
export { queueContract } from '../contracts/queue.js';
export { type OpenDriver, searchContract } from '../contracts/search.js';
export { storeContract } from '../contracts/store.js';
