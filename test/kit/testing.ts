import { plugins as shipped } from '../../plugins/index.js';
import type { Plugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.js';

/**
 * What a package tests its plugins with, as `rapport/testing.js`: a whole shop in this process, on the embedded drivers in a directory of
 * its own that is removed at the end, with a clock that stands still, and ids and random numbers from a seed. Needs no test runner.
 */
export {
  bootPlugins,
  createRandom,
  createTestClock,
  createTestLog,
  type LogLine,
  type TestBootOptions,
  type TestClock,
  type TestSystem,
} from '../support/boot.js';
export { type Answer, type AskOptions, type TestGateway, testKeys } from '../support/gateway.js';

/** Every plugin that Rapport ships, for `bootPlugins`. */
export const shippedPlugins: readonly Plugin[] = shipped;

export interface TestShop extends TestGateway {
  /** Advances the clock by `stepMs` (100) and lets work run, until it holds. Rejects after 2,000 steps. */
  until(holds: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
}

/** Starts a gateway with all shipped plugins and these on a free port of 127.0.0.1. Rejects as a start does. */
export async function openTestShop(
  plugins: readonly Plugin[],
  options: TestGatewayOptions = {},
): Promise<TestShop> {
  const gateway = await openTestGateway([...shipped, ...plugins], options);
  return {
    ...gateway,
    async until(holds, stepMs = 100) {
      for (let step = 0; step < 2_000; step++) {
        if (await holds()) return;
        gateway.system.clock.advance(stepMs);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      throw new Error('it did not hold within 2,000 steps');
    },
  };
}
