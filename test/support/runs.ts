/**
 * How often a property is tried whose runs are slow: a fifth of `all` in `npm test`, all in `npm run test:slow`. Without a seed of its own
 * a property tries other values in every run of the tests; with one, the first fifth of them.
 */
export function runs(all: number): number {
  return process.env.TEST_RUNS === 'all' ? all : Math.ceil(all / 5);
}
