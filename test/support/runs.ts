/**
 * How often a property is tried whose runs are slow: a fifth of `all` in `npm test`, all in `npm run test:slow`. For
 * properties without a seed of their own only, so that every run of the tests tries other values.
 */
export function runs(all: number): number {
  return process.env.TEST_RUNS === 'all' ? all : Math.ceil(all / 5);
}
